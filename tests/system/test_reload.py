"""How phonebookd tells a server of a new database: by a signal, by s6, by a command, or not at all."""
import json
import os
import stat
import sys

from kit import USER, Zone, make_directory, privileges, quiet_second, remains, wait_until, write_file, write_program

ALL = Zone("all", "all", "global private")
PIDFILE = "/run/test/server.pid"
COUNTER = """
import signal, sys, os, time
count = 0
def caught(*_):
    global count
    count += 1
    os.write(1, b"signal %d\\n" % count)
signal.signal(getattr(signal, "SIG" + sys.argv[1]), caught)
open(sys.argv[2] + ".new", "w").write("%d\\n" % os.getpid())
os.rename(sys.argv[2] + ".new", sys.argv[2])
while True:
    signal.pause()
"""


def start(t, reload, **options):
    daemon = t.daemon(zones=(ALL,), databases={"all": {"reload": reload}}, **options)
    return daemon, t.app("192.0.2.1/24")


def counter(t, name="HUP", uid=USER):
    """A server that counts its signals; with the daemon's uid, because the daemon has no CAP_KILL."""
    os.makedirs("/run/test/pids", exist_ok=True)
    os.chmod("/run/test", 0o777)
    process = t.spawn([*privileges(uid, ""), sys.executable, "-c", COUNTER, name, PIDFILE],
                      name="server")
    wait_until(lambda: os.path.exists(PIDFILE) and open(PIDFILE).read().strip() == str(process.pid),
               what="the server's pid file")
    return process


def test_a_server_is_signalled(t):
    server = counter(t)
    daemon, app = start(t, f"signal {PIDFILE}")
    server.wait_output("signal 1")  # the first build
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    server.wait_output("signal 2")
    client.close()
    server.wait_output("signal 3")
    daemon.wait("www.all")
    assert server.output().count("\n") == daemon.builds["all"].count(), "one signal per build"


def test_a_server_is_signalled_by_name(t):
    server = counter(t, "USR1")
    start(t, f"signal {PIDFILE} USR1")
    server.wait_output("signal 1")


def test_the_signal_comes_after_the_file(t):
    """When the signal arrives, the server reads the new database."""
    server = counter(t)
    daemon, app = start(t, f"signal {PIDFILE}")
    server.wait_output("signal 1")
    client = t.register(app, "www", "eth0")
    server.wait_output("signal 2")
    assert daemon.addresses("www.all") == {"192.0.2.1"}
    client.close()


def test_a_server_that_is_not_ready_is_not_killed(t):
    """SIGHUP would end a server that has not installed its handler yet."""
    victim = t.spawn([*privileges(capabilities=""), "sleep", "infinity"], name="server")
    os.chmod("/run/test", 0o777)
    write_file(PIDFILE, f"{victim.pid}\n")
    wait_until(lambda: open(f"/proc/{victim.pid}/comm").read() == "sleep\n", what="exec")
    daemon, app = start(t, f"signal {PIDFILE}")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    remains(victim.alive, 2.5, "the server is alive")
    server = counter(t)  # now it is ready, and gets its signal without another build
    server.wait_output("signal 1", 5)
    client.close()


def test_a_server_that_ignores_or_blocks_the_signal_is_not_killed(t):
    script = "trap '' HUP; echo $$ > %s; exec sleep infinity" % PIDFILE
    os.chmod("/run/test", 0o777)
    server = t.spawn([*privileges(capabilities=""), "sh", "-c", script], name="server")
    wait_until(lambda: open(f"/proc/{server.pid}/comm").read() == "sleep\n", what="exec")
    daemon, app = start(t, f"signal {PIDFILE}")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    assert server.alive()
    client.close()


def test_missing_and_bad_pid_files_are_told(t):
    daemon, app = start(t, f"signal {PIDFILE}")
    os.chmod("/run/test", 0o777)
    clients = []
    for n, content in enumerate(("", "nonsense\n", "-1\n", "0\n", "1\n", "999999999999\n",
                                 f"{2 ** 22 - 1}\n")):
        write_file(PIDFILE, content)
        clients.append(t.register(app, f"n{n}", "eth0"))
        daemon.wait(f"n{n}.all", "192.0.2.1")
    os.unlink(PIDFILE)
    server = counter(t)
    server.wait_output("signal 1")
    for client in clients:
        client.close()
    daemon.wait("n6.all")


def test_a_missing_server_is_told_once(t):
    daemon, app = start(t, f"signal {PIDFILE}", verbose=False)
    wait_until(lambda: PIDFILE in daemon.log(), what="a line about the missing server")
    clients = []
    for n in range(3):
        clients.append(t.register(app, f"n{n}", "eth0"))
        daemon.wait(f"n{n}.all", "192.0.2.1")
    said = [line for line in daemon.log().splitlines() if PIDFILE in line]
    assert len(said) <= 1 + daemon.builds["all"].count(), said  # at most a line per build
    for client in clients:
        client.close()


def test_a_restarted_server_is_found(t):
    server = counter(t)
    daemon, app = start(t, f"signal {PIDFILE}")
    server.wait_output("signal 1")
    server.kill()
    second = counter(t)
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    second.wait_output("signal 1")
    client.close()


def test_s6_sends_the_hangup(t):
    """phonebookd writes `h` to supervise/control of a real s6-supervise."""
    service = "/run/test/service"
    os.makedirs(service)
    write_file(f"{service}/run", "#!/bin/sh\ntrap 'echo hup >> /run/test/service/hups' HUP\n"
                                 "while :; do sleep 0.05; done\n")
    os.chmod(f"{service}/run", 0o755)
    t.spawn(["s6-supervise", service], name="s6-supervise")
    control = f"{service}/supervise/control"
    wait_until(lambda: os.path.exists(control) and stat.S_ISFIFO(os.stat(control).st_mode),
               what="s6-supervise runs")
    wait_until(lambda: "up" in t.run(["s6-svstat", service], check=False).stdout, what="is up")
    os.chown(control, USER, USER)
    os.chmod(f"{service}/supervise", 0o755)
    daemon, app = start(t, f"s6 {service}")
    hups = f"{service}/hups"

    def count():
        return len(open(hups).readlines()) if os.path.exists(hups) else 0

    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    wait_until(lambda: count() >= 1, what="a SIGHUP")
    before = count()
    client.close()
    daemon.wait("www.all")
    wait_until(lambda: count() > before, what="another SIGHUP")


def test_s6_without_a_supervisor_blocks_nothing(t):
    """Nobody reads the FIFO: no error is logged, nothing blocks, and it is tried again."""
    service = "/run/test/service"
    os.makedirs(f"{service}/supervise")
    os.mkfifo(f"{service}/supervise/control")
    os.chown(f"{service}/supervise/control", USER, USER)
    daemon, app = start(t, f"s6 {service}")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    fifo = os.open(f"{service}/supervise/control", os.O_RDONLY | os.O_NONBLOCK)
    wait_until(lambda: written(fifo) == b"h", 5, "the h that was owed")
    client.close()


def test_a_command_runs_after_a_build(t):
    """Without a shell, one at a time; an exit status other than 0 is logged."""
    make_directory("/run/test/out")
    script = "/run/test/reload"
    write_program(script, "#!/bin/sh\nprintf '%s|' \"$@\" >> /run/test/out/ran; "
                       "echo >> /run/test/out/ran\nls /proc/self/fd | wc -l > /run/test/out/fds\n"
                       "[ ! -e /run/test/out/fail ] || exit 7\n")
    daemon, app = start(t, f"command {script} a $HOME &x *")

    def runs():
        path = "/run/test/out/ran"
        return open(path).read().splitlines() if os.path.exists(path) else []

    wait_until(lambda: runs() == ["a|$HOME|&x|*|"], what="the first run, its arguments as written")
    wait_until(lambda: os.path.exists("/run/test/out/fds"), what="the count of descriptors")
    wait_until(lambda: int(open("/run/test/out/fds").read() or "99") <= 5, 1, "no descriptor of ours")
    open("/run/test/out/fail", "w").close()
    client = t.register(app, "www", "eth0")
    wait_until(lambda: len(runs()) >= 2, what="the second run")
    wait_until(lambda: "7" in daemon.log().rpartition(script)[2], what="its exit status in the log")
    os.unlink("/run/test/out/fail")
    client.close()
    daemon.wait("www.all")


def test_a_command_that_hangs_is_killed(t):
    make_directory("/run/test/out")
    script = "/run/test/reload"
    write_program(script, "#!/bin/sh\necho $$ >> /run/test/out/pids\nexec sleep 1000\n")
    daemon, app = start(t, f"command {script}")

    def pids():
        path = "/run/test/out/pids"
        return open(path).read().split() if os.path.exists(path) else []

    wait_until(lambda: len(pids()) == 1, what="the command runs")
    clients = []
    for n in range(3):  # builds go on meanwhile
        clients.append(t.register(app, f"n{n}", "eth0"))
        daemon.wait(f"n{n}.all", "192.0.2.1")
    assert len(pids()) == 1, "two at a time"
    wait_until(lambda: not os.path.exists(f"/proc/{pids()[0]}"), 8, "it is killed after 5 s")
    wait_until(lambda: len(pids()) == 2, 3, "the one that was owed runs")
    for client in clients:
        client.close()
    daemon.kill()  # a last build would wait for the command once more


def test_a_command_that_does_not_exist_is_told(t):
    daemon, app = start(t, "command /run/test/missing")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    wait_until(lambda: "/run/test/missing" in daemon.log(), what="a line in the log")
    client.close()
    daemon.wait("www.all")


def test_no_signal_is_sent_without_a_build(t):
    server = counter(t)
    daemon, app = start(t, f"signal {PIDFILE}")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    server.wait_output("signal 2")
    quiet_second()
    app.dummy("eth1", "192.0.2.9/24")
    app.ip("link set eth0 mtu 1400")
    client.close()
    daemon.wait("www.all")
    server.wait_output("signal 3")
    assert "signal 4" not in server.output()


def written(fifo):
    """The unread octets of the FIFO, whether or not it has a writer."""
    try:
        return os.read(fifo, 16)
    except BlockingIOError:
        return b""


def checked(t, daemon, user):
    """The warnings of -t for this user, without those about name servers."""
    done = t.run([*daemon.command("-t"), "-u", user], check=False)
    assert done.returncode == 0, done
    return "".join(line for line in done.stderr.splitlines(True) if "has no address now" not in line)


def stays_untold(t, daemon, app, why):
    """A name whose server cannot be told is not live; its state and reason say so."""
    client = t.client(app)
    client.send("www eth0 wait=1\n")
    reply = client.reply(5)
    assert reply.startswith("error timeout ") and "untold" in reply and why in reply, reply
    assert daemon.addresses("www.all") == {"192.0.2.1"}, "the file has it"
    assert [line["state"] for line in listed(t)] == ["pending"]
    return client


def listed(t):
    lines = t.run([t.program("phonebook"), "list", "-j"]).stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_a_server_of_another_user_is_told(t):
    """phonebookd may not signal it, so it serves the old file. -t says so, and sends no signal."""
    server = counter(t, uid=7009)
    daemon, app = start(t, f"signal {PIDFILE}", verbose=False)
    client = stays_untold(t, daemon, app, "CAP_KILL")
    assert daemon.log().count("stay pending (untold)") == 1, daemon.log()
    assert "may not signal it" in checked(t, daemon, t.know_user("told", USER))
    assert server.alive() and "signal 1" not in server.output()
    server.kill()  # a server that is not running reads the new file when it starts
    wait_until(lambda: [line["state"] for line in listed(t)] == ["live"], what="it is live")
    assert "no such process" in daemon.log()
    second = counter(t)
    second.wait_output("signal 1")
    assert checked(t, daemon, "told") == ""
    assert client.ask("www eth0 wait=5") == "live www.all"
    assert second.output().count("signal") == 1
    client.close()


def test_a_server_that_proc_hides_is_not_signalled_while_it_is_new(t):
    """With hidepid, phonebookd cannot see whether the signal would end a server: a new one gets no signal,
    and its names are not live. A server that has run for a while is considered ready."""
    server = counter(t, uid=7009)
    t.run(["mount", "-o", "remount,hidepid=2", "/proc"])
    daemon, app = start(t, f"signal {PIDFILE}", verbose=False,
                        capabilities="+net_admin,+net_broadcast,+kill")
    daemon.process.wait_output("/proc hides it")
    client = t.client(app)
    assert client.ask("www eth0 wait=60") == "live www.all"
    server.wait_output("signal 1")
    assert "told again" in daemon.log()
    client.close()


def test_an_s6_that_keeps_its_directory_to_itself_is_told(t):
    service = "/run/test/service"
    os.makedirs(f"{service}/supervise", mode=0o700)
    os.chmod(f"{service}/supervise", 0o700)
    control = f"{service}/supervise/control"
    os.mkfifo(control, 0o600)
    fifo = os.open(control, os.O_RDONLY | os.O_NONBLOCK)
    daemon, app = start(t, f"s6 {service}", verbose=False)
    client = stays_untold(t, daemon, app, "s6-svperms")
    os.chmod(f"{service}/supervise", 0o755)
    wait_until(lambda: "may not write to its supervise/control" in daemon.log(), what="the next reason")
    assert "may not write to its" in checked(t, daemon, t.know_user("told", USER))
    os.chown(control, USER, USER)
    wait_until(lambda: written(fifo) == b"h", 5, "the h that was owed")
    assert checked(t, daemon, "told") == ""
    assert written(fifo) == b"", "-t sends nothing"
    assert client.ask("www eth0 wait=5") == "live www.all"
    client.close()


def test_databases_that_cannot_be_had_are_told_by_a_check(t):
    """A SIGHUP refuses a configuration whose database directory cannot be used; so does -t -u USER."""
    daemon = t.configured(zones=(ALL,), databases={"all": {"directory": "/run/test/all"}})
    os.chmod("/run/test", 0o755)
    user = t.know_user("told", USER)
    assert checked(t, daemon, user) == ""
    os.chmod("/run/test/all", 0o500)
    done = t.run([*daemon.command("-t"), "-u", user], check=False)
    assert done.returncode == 100 and "directory: database all: /run/test/all: " in done.stderr, done
    os.rmdir("/run/test/all")
    done = t.run([*daemon.command("-t"), "-u", user], check=False)
    assert done.returncode == 100 and "Permission denied" in done.stderr, done
    assert not os.path.exists("/run/test/all"), "-t only looks"
    done = t.run([*daemon.command("-t"), "-u", "nobody-there"], check=False)
    assert done.returncode == 111 and "not a user of this system" in done.stderr, done
    assert t.run([*daemon.command(), "-u", user], check=False).returncode == 100
    make_directory("/run/test/all")
