"""phonebookd as a service: readiness, its sockets, its end."""
import os
import signal
import socket

from kit import INTERNAL, RUNTIME, Client, privileges, wait_until
from kit.handing import listening
from kit.proc import child, children, open_files, status


def test_ready_means_that_it_answers(t):
    for _ in range(5):
        daemon = t.daemon()
        assert t.client().ask("www eth0").startswith("ok ")
        daemon.stop()
        t.daemons.remove(daemon)
        for builds in daemon.builds.values():
            builds.stop()


def test_phonebookd_says_once_that_it_is_ready(t):
    """The line has its zones, its sockets, and whether names survive a restart."""
    daemon = t.daemon(zones=(INTERNAL,), verbose=False)
    assert t.client().ask("www eth0").startswith("ok ")
    said = "ready: zones internal; databases internal; sockets /run/phonebook/publish, /run/phonebook/list, " \
           "/run/phonebook/control; {}"
    assert daemon.log().splitlines()[-1].endswith(said.format("no phonebook-keeper")), daemon.log()
    daemon.stop()
    keeper = t.spawn([*privileges(capabilities=""), t.program("phonebook-keeper")], name="phonebook-keeper")
    keeper.wait_output("listening")
    daemon.start()
    daemon.keeps = True
    wait_until(lambda: said.format("phonebook-keeper holds the names") in daemon.log(), what="that it is ready")
    assert not [line for line in daemon.log().splitlines() if "warning" in line], daemon.log()


def test_the_notify_socket_is_told(t):
    """READY=1 to a socket with a path, and to one with an abstract address."""
    for address in ("/run/test/notify", "@phonebook-notify"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(address.replace("@", "\0"))
            if not address.startswith("@"):
                os.chmod(address, 0o666)
            notify.settimeout(60)
            daemon = t.configured(zones=(INTERNAL,))
            daemon.start(env=dict(os.environ, NOTIFY_SOCKET=address))
            assert b"READY=1" in notify.recv(4096).splitlines()
            daemon.stop()


def test_status_and_watchdog_are_sent(t):
    """STATUS= has the state and the last error; WATCHDOG=1 is sent as often as requested."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind("/run/test/notify")
        os.chmod("/run/test/notify", 0o666)
        notify.settimeout(60)
        daemon = t.configured(zones=(INTERNAL,))
        daemon.start(env=dict(os.environ, NOTIFY_SOCKET="/run/test/notify", WATCHDOG_USEC="300000"))

        def heard(*words):
            while True:
                state = notify.recv(4096).decode()
                if all(word in state for word in words):
                    return state
        heard("STATUS=0 names, 1 zone; last build 2")
        client = t.register(t.host.dummy("eth0", "192.168.1.1/24"), "www", "eth0")
        heard("STATUS=1 name, 1 zone; last build 2")
        for _ in range(3):
            assert heard("WATCHDOG=1") == "WATCHDOG=1"
        daemon.settings["nonsense"] = "1"
        daemon.write()
        daemon.hup()
        heard("STATUS=1 name, 1 zone; last build 2", "last error 2", "nonsense")
        client.close()
        daemon.stop()


def test_sockets_from_the_supervisor_are_served(t):
    """LISTEN_FDS: a client that connected before the daemon started is served."""
    daemon = t.configured(zones=(INTERNAL,))
    app = t.app()
    daemon.process = t.spawn(listening(f"{RUNTIME}/publish", [*daemon.privileges, *daemon.command("-v")]),
                             name="phonebookd")
    wait_until(lambda: os.path.exists("/run/phonebook/list"), what="the daemon runs")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    client.close()
    daemon.wait("www.internal")
    daemon.stop()
    assert os.path.exists("/run/phonebook/publish"), "it is not ours to remove"


def test_listen_variables_of_another_process_are_ignored(t):
    daemon = t.configured(zones=(INTERNAL,))
    daemon.start(env=dict(os.environ, LISTEN_PID="1", LISTEN_FDS="3"))
    assert t.client().ask("www eth0").startswith("ok ")


def test_stale_sockets_are_replaced(t):
    daemon = t.daemon(zones=(INTERNAL,))
    daemon.kill()
    assert os.path.exists("/run/phonebook/publish")
    daemon.start()
    assert t.client().ask("www eth0").startswith("ok ")


def test_a_running_daemon_is_not_replaced(t):
    daemon = t.daemon(zones=(INTERNAL,))
    client = t.register(t.host.dummy("eth0", "192.168.1.1/24"), "www", "eth0")
    done = daemon.run()
    assert done.returncode == 111, done
    assert client.ask("mail eth0").startswith("ok ")
    daemon.wait("mail.internal", "192.168.1.1")


def test_a_sigterm_withdraws_in_a_last_build(t):
    """Without a keeper nothing holds the names any more; this is logged once."""
    daemon = t.daemon(zones=(INTERNAL,), verbose=False)
    server = t.tinydns(daemon, "internal")
    app = t.app()
    client = t.register(app, "www", "eth0")
    wait_until(lambda: server.ask("www.internal") == {"192.168.1.1"}, what="the name")
    assert daemon.log().count("keeper at") == 1, daemon.log()
    daemon.process.kill(signal.SIGTERM)
    assert daemon.process.wait() == 0
    assert server.ask("www.internal") == set()
    assert client.reply() == ""
    assert not os.path.exists("/run/phonebook/publish")


def test_a_sigterm_withdraws_while_it_is_busy(t):
    """During a burst of changes and within the interval, the last build is still made."""
    for _ in range(3):
        daemon = t.daemon(zones=(INTERNAL,))
        app = t.host if t.host.has("eth0") else t.host.dummy("eth0", "192.168.1.1/24")
        clients = [t.client(app) for _ in range(50)]
        for n, client in enumerate(clients):
            client.send(f"n{n} eth0 wait=30\n")
        daemon.stop()
        t.daemons.remove(daemon)
        for builds in daemon.builds.values():
            builds.stop()


def has_ended(pid):
    """Nobody waits for the child of a process that was killed."""
    return not os.path.exists(f"/proc/{pid}") or status(pid)["State"].startswith("Z")


def test_a_killed_phonebookd_leaves_its_records_until_the_next_start(t):
    """kill -9 without a keeper: the next start begins without names. The helper processes, one of which has
    CAP_NET_ADMIN, end with phonebookd."""
    daemon = t.daemon(zones=(INTERNAL,))
    server = t.tinydns(daemon, "internal")
    app = t.app()
    client = t.register(app, "www", "eth0", "wait=60")
    helpers = children(daemon.pid())
    assert len(helpers) == 3
    daemon.kill()
    wait_until(lambda: all(has_ended(pid) for pid in helpers), what="the end of the helper processes")
    assert client.reply() == ""
    assert server.ask("www.internal") == {"192.168.1.1"}
    daemon.start()
    daemon.wait("www.internal")
    again = t.register(app, "www", "eth0", "wait=60")
    assert server.ask("www.internal") == {"192.168.1.1"}
    again.close()


def test_a_foreground_client_registers_again(t):
    daemon = t.daemon(zones=(INTERNAL,))
    app = t.app()
    www = t.publish(app, "www", "eth0")
    other = t.publish(app, "-f", "mail", "eth0", "sleep", "infinity")
    daemon.wait("mail.internal", "192.168.1.1")
    daemon.wait("www.internal", "192.168.1.1")
    daemon.kill()
    daemon.start()
    daemon.wait("www.internal", "192.168.1.1", limit=10)
    daemon.wait("mail.internal", "192.168.1.1", limit=10)
    assert www.alive() and other.alive()


def test_the_log_is_quiet(t):
    """Without -v, names that come and go and addresses that change are not logged."""
    daemon = t.daemon(zones=(INTERNAL,), verbose=False)
    app = t.app()
    before = daemon.log()
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    app.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    client.close()
    daemon.wait("www.internal")
    assert len(daemon.log()[len(before):].splitlines()) <= 4, daemon.log()


def test_phonebookd_has_only_the_capabilities_it_needs(t):
    """phonebookd has none; phonebookd-net has CAP_NET_ADMIN. Neither these nor a program can gain more."""
    daemon = t.daemon(zones=(INTERNAL,))
    for pid, capabilities in (daemon.pid(), 0), (child(daemon.pid(), "phonebookd-net"), 1 << 12):
        found = status(pid)
        assert int(found["CapPrm"], 16) == int(found["CapEff"], 16) == capabilities and found["NoNewPrivs"] == "1"
        assert int(found["CapInh"], 16) == int(found["CapAmb"], 16) == 0
        assert found["Uid"].split()[0] != "0"


def test_missing_standard_descriptors_are_dev_null(t):
    """Otherwise a socket would become standard error."""
    daemon = t.configured()
    process = t.spawn(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *privileges(),
                       *daemon.command()], name="phonebookd")
    wait_until(lambda: os.path.exists("/run/phonebook/list"), what="it is ready")
    for n in range(3):
        assert os.readlink(f"/proc/{process.pid}/fd/{n}") == "/dev/null"
    app = t.app()
    client = t.register(app, "www", "eth0", "wait=60")
    client.close()
    daemon.wait("www.internal")


def test_everything_is_closed_on_exec(t):
    daemon = t.daemon(zones=(INTERNAL,))
    app = t.app()
    clients = [Client(app).register(f"n{n}", "eth0") for n in range(3)]
    daemon.wait("n2.internal", "192.168.1.1")
    for fd, file in open_files(daemon.pid()).items():
        if fd > 2:
            flags = next(int(l.split()[1], 8) for l in open(f"/proc/{daemon.pid()}/fdinfo/{fd}")
                         if l.startswith("flags"))
            assert flags & os.O_CLOEXEC, (fd, file)
    assert len(clients) == 3
