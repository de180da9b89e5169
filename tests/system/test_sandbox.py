"""What phonebookd and its keeper can no longer do once they run, tried from within (intruder.c)."""
import os
import signal

from kit import INTERNAL, RUNTIME, Skip, keeper_command, privileges, wait_until
from kit.proc import child, status

OUTSIDE = "/run/test/outside"

PATHS = {"write", "create", "mkdir", "symlink", "rename", "unlink"}
CALLS = {"execve", "fork", "mmap-exec", "mprotect-exec", "socket-inet", "socket-packet", "socket-netfilter",
         "newlink", "setns", "unshare", "mount", "bpf", "io-uring", "perf-event", "kill", "tgkill", "set-owner", "pidfd",
         "ptrace", "process-vm"}


def prepare(t):
    """The environment of a program that runs intruder.c's code."""
    os.makedirs(OUTSIDE)
    os.chmod(OUTSIDE, 0o777)
    with open(f"{OUTSIDE}/file", "w", encoding="utf-8"):
        os.chmod(f"{OUTSIDE}/file", 0o666)
    victim = t.spawn([*privileges(capabilities=""), "sleep", "infinity"])
    t.refuses = True
    return ["env", "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0",
            f"LD_PRELOAD={t.build}/tests/system/intruder.so", f"INTRUDER_OUTSIDE={OUTSIDE}",
            f"INTRUDER_VICTIM={victim.pid}"]


def break_in(process, pid=None):
    """{action: how it ended}, tried inside the process, or in its helper `pid`, which live on."""
    pid = pid or process.pid
    if status(pid)["Seccomp"] != "2":
        raise Skip("built without a filter")
    before = len(process.output())
    os.kill(pid, signal.SIGRTMIN)

    def found():
        lines = process.output()[before:].splitlines()
        return dict(line.split()[1:] for line in lines if line.startswith("intruder: "))
    wait_until(lambda: "end" in found(), 10, "all was tried")
    os.kill(pid, 0)
    assert os.listdir(OUTSIDE) == ["file"]
    return found()


def refused(found):
    """The actions that failed because they are forbidden."""
    return {action for action, result in found.items() if result in ("EACCES", "EXDEV", "EPERM")}


def test_phonebookd_can_do_nothing_else(t):
    environment = prepare(t)
    daemon = t.configured(zones=(INTERNAL,)).start(prefix=environment)
    found = break_in(daemon.process)
    assert found["read"] == "0"  # because configuration and static files may be anywhere
    assert refused(found) == PATHS | CALLS, found
    assert int(status(daemon.pid())["CapPrm"], 16) == 0
    assert "its own filter refused system call" in daemon.log()
    app = t.app()
    client = t.register(app, "www", "eth0", "wait=60")  # it serves on
    client.close()
    daemon.wait("www.internal")


def test_only_the_reader_of_namespaces_can_change_links(t):
    """The reader can do nothing else."""
    daemon = t.configured(zones=(INTERNAL,)).start(prefix=prepare(t))
    pid = child(daemon.pid(), "phonebookd-net")
    assert int(status(pid)["CapPrm"], 16) == 1 << 12
    found = break_in(daemon.process, pid)
    assert refused(found) == (PATHS | CALLS | {"read"}) - {"newlink"}, found
    app = t.app()
    client = t.register(app, "www", "eth0", "wait=60")  # it serves on
    client.close()


def test_without_the_reader_of_namespaces_phonebookd_serves_on(t):
    """Names in phonebookd's own namespace are still served; addresses of others stay as they were."""
    daemon = t.configured(zones=(INTERNAL,)).start()
    app = t.app()
    other = t.namespace("other").dummy("eth0", "192.168.1.2/24")
    client = t.register(app, "www", "eth0", "wait=60")
    pid = child(daemon.pid(), "phonebookd-net")
    os.kill(pid, signal.SIGSTOP)  # it does not answer: refused after a second, and then at once
    for _ in range(2):
        assert t.client(other).ask("api eth0").startswith("error namespace")
    daemon.process.wait_output("phonebookd-net does not answer")
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: t.client(other).ask("api eth0").startswith("ok"), what="an answer")
    os.kill(pid, signal.SIGKILL)
    daemon.process.wait_output("error: the process phonebookd-net has ended")
    app.ip("addr add 192.168.1.3/24 dev eth0")
    third = t.namespace("third").dummy("eth0", "192.168.1.4/24")
    assert t.client(third).ask("api eth0").startswith("error namespace")
    t.host.dummy("eth0", "192.168.1.5/24")
    t.hold(t.host, "own", "eth0", "wait=60")
    daemon.wait("own.internal", "192.168.1.5")
    daemon.wait("www.internal", "192.168.1.1")
    client.close()
    daemon.wait("www.internal")


def test_the_keeper_can_do_nothing_else(t):
    environment = prepare(t)
    os.makedirs(RUNTIME)
    os.chmod(RUNTIME, 0o777)
    keeper = t.spawn([*environment, *keeper_command(t)],
                     name="phonebook-keeper")
    keeper.wait_output("listening")
    found = break_in(keeper)
    assert refused(found) == PATHS | CALLS | {"read"}, found
    keeper.kill(signal.SIGTERM)
    assert keeper.wait() == 0 and not os.path.exists(f"{RUNTIME}/keep")


def test_what_needs_a_restart_is_refused_by_a_hangup(t):
    """A SIGHUP cannot give back privileges: it is refused as a whole, and the log says what to do."""
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
    assert daemon.run("-t").returncode == 0  # a new start has the privileges
    daemon.databases["internal"] = before
    daemon.write()
    daemon.hup()
    daemon.process.wait_output("configuration read")
