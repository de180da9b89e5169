"""Child processes whose output is kept for the log. Each belongs to the World that started it (world.py)."""
import os
import signal
import subprocess
import time

from .wait import LEAST, Failed, generous, wait_until

STARTED = time.monotonic()
# LeakSanitizer stops us by ptrace at the end: not where somebody else traces, and not where somebody
# (runit's sv) sends a SIGCONT after the SIGTERM, for which it would wait for ever.
NO_LEAK_CHECK = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")


def shorten(argv):
    text = " ".join(argv)
    return text if len(text) < 400 else text[:400] + "..."


class Process:
    """A child that is ended with the test. Its standard output and error go to one file, unless
    `stdout` is given."""

    def __init__(self, trace, argv, name=None, **options):
        self.name = name or os.path.basename(argv[0])
        self.argv = argv
        self.trace = trace
        self.path = f"/run/test/{len(trace.processes)}.{self.name}.log"
        trace.note(f"start {shorten(argv)}")
        with open(self.path, "ab") as file:
            options.setdefault("stdin", subprocess.DEVNULL)
            options.setdefault("stdout", file)
            options.setdefault("stderr", file)
            self.popen = subprocess.Popen(argv, **options)
        self.pid = self.popen.pid
        trace.processes.append(self)

    def output(self):
        with open(self.path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def alive(self):
        return self.popen.poll() is None

    def kill(self, number=signal.SIGKILL):
        """Sends a signal; after SIGKILL, waits for the end."""
        self.trace.note(f"signal {number} to {self.name} ({self.pid})")
        self.popen.send_signal(number)
        if number == signal.SIGKILL:
            self.popen.wait()

    def wait(self, limit=LEAST):
        """The exit status; negative for a signal."""
        try:
            return self.popen.wait(generous(limit))
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} ({self.pid}) did not end within {generous(limit):g} s") from None

    def wait_output(self, text, limit=LEAST):
        wait_until(lambda: text in self.output(), limit, f"{self.name} prints {text!r}")


class Speaker(Process):
    """A program that is spoken to line by line, over its standard input and output."""

    def __init__(self, trace, argv, name=None, **options):
        super().__init__(trace, argv, name, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                         **options)

    def say(self, line):
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def hear(self):
        line = self.popen.stdout.readline()
        if not line:
            raise Failed(f"{self.name} ended with {self.wait()}")
        return line.strip()

    def ask(self, line):
        self.say(line)
        return self.hear()


class Trace:
    """Everything that a test did, for the log of a failure."""

    def __init__(self):
        self.lines = []
        self.processes = []

    def note(self, text):
        self.lines.append(f"{time.monotonic() - STARTED:7.3f} {text}")

    def run(self, argv, check=True, **options):
        """Runs a command to its end; returns it with its output as text. With check, its exit status is 0."""
        options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
        if options["stdin"] is None:
            del options["stdin"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False,
                              **{"timeout": generous(60), **options})
        self.note(f"{shorten(argv)}" + (f" -> {done.returncode} {done.stderr.strip()}"
                                        if done.returncode else ""))
        if check and done.returncode != 0:
            raise Failed(f"{shorten(argv)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done

    @staticmethod
    def tail(process):
        """How many octets at the end of a process's output to show: tinydns logs every question."""
        return 600 if process.name == "tinydns" else 6000

    def log(self):
        parts = ["--- what the test did"] + self.lines[-60:]
        for process in self.processes:
            text = process.output()
            if text:
                parts.append(f"--- {process.name} ({process.pid})")
                parts.append(text[-self.tail(process):].rstrip())
        return "\n".join(parts)
