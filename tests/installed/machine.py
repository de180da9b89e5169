"""A Debian root in namespaces of its own: pids, mounts, network, IPC, host name and control groups. What runs in
it shares no /tmp, no /run and no control group with the machine, and where a systemd is booted, no sysctl."""
import os
import signal
import subprocess
import tempfile
import time

from kit import Failed, read_file, wait_until
from kit.isolation import TREE

HERE = os.path.dirname(os.path.abspath(__file__))
NAMESPACES = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
# What a boot has to do with consoles, clocks and disks.
MASKED = ("console-getty.service getty.target systemd-logind.service systemd-timesyncd.service remote-fs.target "
          "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service "
          "fstrim.timer systemd-journal-flush.service").split()


def control_group():
    """A new one, below the machine's; None where it has none of version 2."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        places = [line.split()[1] for line in file if line.split()[2] == "cgroup2"]
    if not places:
        return None
    path = f"{places[0]}/phonebook-test-{os.getpid()}-{time.monotonic_ns()}"
    os.mkdir(path)
    return path


def remove_control_group(path):
    """Nothing runs in it any more, or will in a moment."""
    for place, _, _ in list(os.walk(path, topdown=False)):
        for _ in range(100):
            try:
                os.rmdir(place)
                break
            except OSError:
                time.sleep(0.05)


class Machine:
    """`root` with `command` as its first process, whose output goes to a file: machine.log()."""

    def __init__(self, root, command, tree=TREE, network=False, read_only_sysctls=False):
        self.output = tempfile.NamedTemporaryFile(prefix="phonebook-machine-")
        self.group = control_group()
        shares = [flag for flag in NAMESPACES if flag != "--net" or not network]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
                       "container": "phonebook-test"}
        if read_only_sysctls:
            environment["SYSCTLS_READ_ONLY"] = "1"
        # The group has to be entered before its namespace is made.
        enter = f"echo $$ >{self.group}/cgroup.procs && " if self.group else ""
        self.process = subprocess.Popen(
            ["sh", "-c", enter + 'exec "$@"', "sh", "unshare", *shares, "--fork", "--kill-child",
             "--propagation", "private", f"{HERE}/inside", root, tree, *command],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT, env=environment)

    def pid(self):
        """Of the first process inside, as the machine sees it; IndexError where it is not there yet."""
        return int(read_file(f"/proc/{self.process.pid}/task/{self.process.pid}/children").split()[0])

    def root(self):
        """Its root directory, as the machine sees it."""
        def there():
            try:
                return os.path.exists(f"/proc/{self.pid()}/root/tree")  # after pivot_root
            except (OSError, IndexError):
                return False
        self.wait_for(there, 60, "its root is there")
        return f"/proc/{self.pid()}/root"

    def wait_for(self, condition, limit, what):
        """As wait_until(); fails at once where the first process ends before."""
        def ended_or():
            if self.process.poll() is not None:
                raise Failed(f"it ended with {self.process.returncode} before {what}\n{self.log()[-8000:]}")
            return condition()
        wait_until(ended_or, limit, what)

    def log(self):
        with open(self.output.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def told(self):
        """Its log, and where a systemd is booted, its journal."""
        try:
            return self.log() + self.run("journalctl", "--no-pager", "-o", "short-precise", check=False)[1]
        except (OSError, IndexError, subprocess.TimeoutExpired):
            return self.log()

    def wait(self, limit):
        """The exit status of the command; None where it takes too long."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def command(self, *command):
        """The same command, to be run inside."""
        return ["nsenter", "-t", str(self.pid()), "-m", "-p", "-n", "-i", "-u", "-C", "-r", "-w", "--", *command]

    def run(self, *command, check=True, limit=120):
        """Its output, standard error included; with check=False, (exit status, output)."""
        done = subprocess.run(self.command(*command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit, check=False, errors="replace")
        if not check:
            return done.returncode, done.stdout
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")
        return done.stdout

    def shell(self, script, **options):
        return self.run("sh", "-ec", script, **options)

    def write(self, path, text):
        self.run("sh", "-ec", 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"', "sh", path, text)

    def spawn(self, *command):
        return subprocess.Popen(self.command(*command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def stop(self):
        """All that runs inside ends with its first process."""
        if self.process.poll() is None:
            try:
                os.kill(self.pid(), signal.SIGKILL)
            except (OSError, IndexError):
                self.process.kill()
            self.process.wait()
        if self.group:
            remove_control_group(self.group)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.output.close()


def boot(root, tree=TREE):
    """systemd, booted as far as it goes in a container."""
    mask = "".join(f"ln -sf /dev/null /etc/systemd/system/{unit}; " for unit in MASKED)
    machine = Machine(root, ["sh", "-c", mask + "rm -f /usr/sbin/policy-rc.d; "
                             "ln -sf /lib/systemd/system/multi-user.target /etc/systemd/system/default.target; "
                             "exec /lib/systemd/systemd"], tree, read_only_sysctls=True)

    def booted():
        try:
            state = machine.run("systemctl", "is-system-running", check=False)[1].strip()
        except (OSError, IndexError):
            return False
        return state in ("running", "degraded")
    try:
        machine.wait_for(booted, 120, "it is booted")
    except Failed:
        machine.stop()
        raise
    return machine
