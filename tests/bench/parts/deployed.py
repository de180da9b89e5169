"""phonebookd and its keeper as they are deployed, with users beside them. Attackers run on the first processor, all
other processes on the second."""
import json
import os
import resource
import select
import shutil
import signal
import sys
import time

from kit import USER, Failed, Zone, privileges, wait_until
from kit.configuration import Configuration
from kit.proc import most_resident
from kit.keeper import start_keeper
from kit.process import Speaker
from kit.users import CAPABILITIES

from . import attackers, victims
from .wire import INTERFACE, RUNTIME

HOME = "/run/attack"  # programs, configuration and logs, where every user may read them
MEMBER, OUTSIDER = 64100, 64101
FIRST_ATTACKER = 64200
DESCRIPTORS = 20000
READY_S = 180.0  # to prepare an attack
RUN_MB = 2048
ZONES = [Zone("internal", "internal", "private", more={"wildcards": "yes"}),
         Zone("host.example.net", "public", "global", more={"wildcards": "yes"})]
SETS = "bounding", "inh", "ambient"


def python():
    """A Python that every user may run: ours may lie in a home directory."""
    return "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


def processors():
    """(processors of attackers, those of all others); the same where there is only one."""
    all_of_them = sorted(os.sched_getaffinity(0))
    return {all_of_them[0]}, set(all_of_them[1:]) or {all_of_them[0]}


def make_house(bench):
    """Makes the host's interfaces, and copies the programs to where every user may run them."""
    os.makedirs(HOME)
    for path in (bench.program("phonebookd"), bench.program("phonebook-keeper"),
                 bench.helper("flood")):
        shutil.copy(path, HOME)
    shutil.copytree(os.path.dirname(os.path.abspath(__file__)), f"{HOME}/parts", copy_function=shutil.copy)
    bench.run(["chmod", "-R", "a+rX", HOME])
    lines = [f"link add {INTERFACE} type veth peer name peer0", "link set peer0 up",
             f"link set {INTERFACE} up",
             f"addr add 10.1.2.3/24 dev {INTERFACE}",
             f"addr add 2001:db8:1::3/64 dev {INTERFACE} nodad"]
    for name in victims.CHANGING:
        lines += [f"link add {name} type ifb", f"link set {name} up"]
    attackers.ip(lines)
    os.mkdir(RUNTIME)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


class Deployed(Configuration):
    """One phonebookd, whose group may publish, with its keeper, on an empty runtime directory, until stop()."""

    def __init__(self, bench):
        super().__init__(bench, ZONES, {"list-mode": "0666"}, etc=f"{HOME}/etc")
        self.program = f"{HOME}/phonebookd"
        self.write()
        bench.run(["mount", "-t", "tmpfs", "-o", f"mode=755,size={RUN_MB}m", "tmpfs", RUNTIME])
        os.chown(RUNTIME, USER, USER)
        self.keepers = [self.start_keeper()]
        self.daemon = bench.spawn([*privileges(USER, CAPABILITIES, SETS), *self.command()],
                                  preexec_fn=lambda: os.sched_setaffinity(0, processors()[1]))
        wait_until(lambda: os.path.exists(f"{RUNTIME}/list"), what="phonebookd opens its sockets")
        wait_until(lambda: os.path.exists(f"{RUNTIME}/internal/data.cdb"), what="the first build")

    def start_keeper(self):
        return start_keeper(self.world, f"{HOME}/phonebook-keeper", sets=SETS,
                            preexec_fn=lambda: os.sched_setaffinity(0, processors()[1]))

    def restart_keeper(self):
        self.keepers[-1].kill()
        self.keepers.append(self.start_keeper())

    def run_bytes(self):
        status = os.statvfs(RUNTIME)
        return (status.f_blocks - status.f_bfree) * status.f_frsize

    def log_bytes(self):
        return sum(os.path.getsize(process.path) for process in (self.daemon, *self.keepers))

    def stop(self):
        for process in self.daemon, self.keepers[-1]:
            if process.alive():
                process.kill()
        self.world.run(["umount", "-l", RUNTIME])


def most_memory(process):
    """The largest resident set so far, in octets; 0 where the process has ended."""
    try:
        return most_resident(process.pid)
    except (OSError, StopIteration):
        return 0


class Other(Speaker):
    """A process of a user that says "ready", and its children, until stop()."""

    def __init__(self, bench, argv, uid, member=True, harmful=True):
        identity = {} if uid == 0 else {"user": uid, "group": uid,
                                        "extra_groups": [USER] if member else []}
        super().__init__(bench.trace, argv, start_new_session=True, cwd=HOME, **identity,
                         preexec_fn=lambda: os.sched_setaffinity(0, processors()[not harmful]))

    def line(self, limit):
        if not select.select([self.popen.stdout], [], [], limit)[0]:
            return ""
        return self.popen.stdout.readline().strip()

    def wait_ready(self, limit=READY_S):
        """The text after "ready"; None where the process does not say that."""
        word, _, rest = self.line(limit).partition(" ")
        return rest if word == "ready" else None

    def result(self, limit):
        return json.loads(self.line(limit) or "{}")

    def stop(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.communicate()


def victim(bench, kind, samples, seconds):
    uid = {"publish": MEMBER, "list": OUTSIDER, "change": 0}[kind]
    other = Other(bench, [python(), "-m", "parts.victims", kind, str(samples), str(seconds)], uid,
                  member=kind == "publish", harmful=False)
    if other.wait_ready() is None:
        raise Failed(f"the victim ({kind}) does not start")
    go_first(other.pid)
    return other


def go_first(pid):
    """A victim waits for phonebook and not for a processor, which it shares with phonebookd: the
    kernel's scheduler can keep a process that wakes up waiting for 0.3 s beside two that wake each
    other without end (measured with perf sched, Linux 6.18). Its threads inherit this."""
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        print("- no real-time priority: the times contain those of the scheduler", flush=True)


def attacker(bench, uid, name, *arguments, member=True):
    argv = [python(), "-m", "parts.attackers", name, *arguments]
    if name == "flood":
        argv = [f"{HOME}/flood", arguments[0], f"{RUNTIME}/publish", arguments[1],
                INTERFACE]
    if name in attackers.OWN:
        argv = ["unshare", "--user", "--map-root-user", "--net", "--kill-child", *argv]
    return Other(bench, argv, uid, member)


def let_kernel_finish(limit=60.0):
    """Waits until the kernel's lock for interfaces is free: under it, the kernel removes what an attack has left."""
    end, quick = time.monotonic() + limit, 0
    while quick < 5 and time.monotonic() < end:
        began = time.monotonic()
        attackers.ip(["link set lo up"])
        quick = quick + 1 if time.monotonic() - began < 0.05 else 0
        time.sleep(0.2)
