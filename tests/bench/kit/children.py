"""Child processes: daemons, programs that are spoken to line by line, and what a process costs."""
import os
import signal
import subprocess
import time

NULL = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


class Failed(Exception):
    """Something other than a figure came out: the bench ends."""


def wait_until(condition, limit=120.0, what="a condition", step=0.002):
    end = time.monotonic() + limit
    while not (value := condition()):
        if time.monotonic() > end:
            raise Failed(f"not within {limit:g} s: {what}")
        time.sleep(step)
    return value


def start(argv, log="/run/log", **options):
    """A daemon. Its complaints go to a file that is shown where a bench fails."""
    with open(log, "ab") as file:
        return subprocess.Popen(argv, **{**NULL, "stderr": file, **options})


def spawn(argv, environment=None):
    """The quickest way to start a program: its start is part of what is measured. Returns the pid."""
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1)]
    return os.posix_spawn(argv[0], argv, environment or os.environ, file_actions=null)


def run(argv, **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(argv)}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def kill(process, number=signal.SIGKILL):
    """Ends a child and waits for its end."""
    if process.poll() is None:
        process.send_signal(number)
    process.wait()


class Speaker:
    """A child that answers line for line."""

    def __init__(self, argv, **options):
        with open("/run/log", "ab") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True, bufsize=1, **options)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line.strip()

    def ask(self, line):
        self.say(line)
        return self.hear()

    def kill(self):
        kill(self.process)


class Asker(Speaker):
    """ask.c: a DNS client that asks without pause."""

    def __init__(self, bench):
        super().__init__([bench.helper("ask")])

    def turn_to(self, address, rest_us=50):
        if self.ask(f"server {address} {rest_us}") != "ok":
            raise Failed(f"cannot ask {address}")

    def moment(self):
        """When the last answer came that was waited for, on time.monotonic()'s clock; None where it
        did not come in time."""
        text = self.hear()
        if text == "late":
            return None
        if not text.isdigit():
            raise Failed(f"ask: {text}")
        return int(text) / 1e9

    def took(self, began):
        """Seconds from `began` to that moment; None where it did not come in time."""
        moment = self.moment()
        return None if moment is None else moment - began


# ---- what a process costs ------------------------------------------------------------------------

def _threads(pid, name):
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/{name}", encoding="ascii") as file:
            yield file.read()


def cpu_seconds(pid):
    """Of all its threads, to the nanosecond."""
    return sum(int(text.split()[0]) for text in _threads(pid, "schedstat")) / 1e9


def wakeups(pid):
    """How often its threads have slept and woken."""
    return sum(int(line.split()[1]) for text in _threads(pid, "status")
               for line in text.splitlines() if line.startswith("voluntary_ctxt_switches"))


def memory(pid):
    """Bytes of its proportional set."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
