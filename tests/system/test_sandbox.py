"""What phonebookd and its keeper cannot do any more once they run: tried from within (intruder.c)."""
import os
import signal

from harness import Skip, wait_until
from harness.daemon import INTERNAL, RUNTIME, privileges

OUTSIDE = "/run/test/outside"
OUT = "/run/test/out"

PATHS = {"write", "create", "mkdir", "symlink", "rename", "unlink"}
CALLS = {"execve", "fork", "mmap-exec", "mprotect-exec", "socket-inet", "socket-packet", "socket-netfilter",
         "setns", "unshare", "mount", "bpf", "io-uring", "perf-event", "kill", "tgkill", "pidfd", "ptrace",
         "process-vm"}


def status(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def prepare(t):
    """The environment of a program that is broken into."""
    os.makedirs(OUTSIDE)
    os.chmod(OUTSIDE, 0o777)
    for path in OUT, f"{OUTSIDE}/file":
        open(path, "w", encoding="utf-8").close()
        os.chmod(path, 0o666)
    victim = t.spawn([*privileges(capabilities=""), "sleep", "infinity"])
    t.refuses = True
    return ["env", f"LD_PRELOAD={t.build}/tests/system/intruder.so", f"INTRUDER_OUT={OUT}",
            f"INTRUDER_OUTSIDE={OUTSIDE}", f"INTRUDER_VICTIM={victim.pid}"]


def break_in(t, process):
    """{what: how it ended}; the process lives, and has said of each call that it refused it."""
    if status(process.pid)["Seccomp"] != "2":
        raise Skip("built without a filter")
    process.kill(signal.SIGUSR2)

    def found():
        with open(OUT, encoding="utf-8") as file:
            return dict(line.split() for line in file)
    wait_until(lambda: "end" in found(), 10, "all was tried")
    assert process.alive()
    assert os.listdir(OUTSIDE) == ["file"]
    return found()


def test_phonebookd(t):
    environment = prepare(t)
    daemon = t.configured(zones=(INTERNAL,)).start(prefix=environment)
    found = break_in(t, daemon.process)
    assert found["read"] == "0"  # configuration and static files may be anywhere
    assert {what for what in PATHS if found[what] in ("EACCES", "EXDEV", "EPERM")} == PATHS, found
    assert {what for what in CALLS if found[what] == "EPERM"} == CALLS, found
    assert "its own filter refused system call" in daemon.log()
    app = t.namespace("app").dummy("eth0", "192.168.1.1/24")
    client = t.register(app, "www", "eth0", "wait=60")  # and it serves on
    client.close()
    daemon.wait("www.internal")


def test_keeper(t):
    environment = prepare(t)
    os.makedirs(RUNTIME)
    os.chmod(RUNTIME, 0o777)
    keeper = t.spawn([*environment, *privileges(capabilities=""), t.program("phonebook-keeper"), f"{RUNTIME}/keep"],
                     name="phonebook-keeper")
    keeper.wait_output("listening")
    found = break_in(t, keeper)
    refused = PATHS | CALLS | {"read"}
    assert {what for what in refused if found[what] in ("EACCES", "EXDEV", "EPERM")} == refused, found
    keeper.kill(signal.SIGTERM)
    assert keeper.wait() == 0 and not os.path.exists(f"{RUNTIME}/keep")


def test_needs_a_restart(t):
    """A SIGHUP cannot bring what was given up: it is refused as a whole, and says what to do."""
    daemon = t.configured(zones=(INTERNAL,)).start()
    if status(daemon.pid())["Seccomp"] != "2":
        raise Skip("built without a filter")
    os.makedirs("/run/elsewhere")
    os.chmod("/run/elsewhere", 0o777)
    before = dict(daemon.databases["internal"])
    for key, value, line in (("directory", "/run/elsewhere/x", "/run/elsewhere/x needs a restart"),
                             ("reload", "signal /run/server.pid", "the first `signal` needs a restart")):
        daemon.databases["internal"] = {**before, key: value}
        daemon.write()
        daemon.hup()
        daemon.process.wait_output(line)
    assert daemon.log().count("the configuration is not taken") == 2
    assert daemon.run("-t").returncode == 0  # a start has what it needs
    daemon.databases["internal"] = before
    daemon.write()
    daemon.hup()
    daemon.process.wait_output("configuration read")
