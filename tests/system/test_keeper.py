"""Names outlive phonebookd when it is killed, restarted or crashes at any moment, and outlive a keeper that is
replaced."""
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

from kit import (INTERNAL, KEEP, NO_LEAK_CHECK, RUNTIME, SLOW, Client, Reader, Skip, Zone, connected, generous,
                 live_names, live_or_none, needs, privileges, read_file, read_list, start_keeper, wait_until,
                 write_file)


def names(address=None):
    """The names in the list, with any address or this one."""
    return sorted(line["name"] for line in read_list()
                  if address is None or address in line["addresses"])


def test_names_outlive_a_kill(t):
    daemon, _ = t.kept()
    server = t.tinydns(daemon, "internal")
    app = t.app()
    gone = t.namespace("gone").dummy("eth0", "192.168.2.1/24")
    www = t.register(app, "www", "eth0", "wait=60")
    mail = t.register(gone, "mail", "eth0", "wait=60")
    reader = Reader(server, "www.internal")
    builds = daemon.builds["internal"].count()
    daemon.kill()
    mail.close()
    assert server.ask("mail.internal") == {"192.168.2.1"}, "nobody is there to withdraw it"
    daemon.start()
    wait_until(lambda: live_names() == ["www.internal"], what="the living is registered again")
    first = daemon.builds["internal"].seen(builds)[0].data
    assert b"www.internal" in first and b"mail.internal" not in first, first
    app.ip("addr add 192.168.1.9/24 dev eth0")
    reader.expect_always("192.168.1.1")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.9")
    www.close()
    daemon.wait("www.internal")


def test_addresses_after_a_start_are_those_of_now(t):
    daemon, _ = t.kept()
    app = t.app()
    t.hold(app, "www", "eth0", "wait=60")
    builds = daemon.builds["internal"].count()
    daemon.kill()
    app.ip("addr del 192.168.1.1/24 dev eth0", "addr add 192.168.1.2/24 dev eth0")
    daemon.start()
    daemon.wait("www.internal", "192.168.1.2")
    assert daemon.builds["internal"].count() == builds + 1, "one build, with what is now"


def test_names_outlive_a_stop(t):
    daemon, _ = t.kept(rebuilt=True)
    server = t.tinydns(daemon, "internal")
    app = t.app()
    www = t.register(app, "www", "eth0", "wait=60")
    reader = Reader(server, "www.internal")
    for _ in range(3):
        daemon.stop()
        assert server.ask("www.internal") == {"192.168.1.1"}, "records stay: their names are held"
        daemon.start()
        wait_until(lambda: live_names() == ["www.internal"], what="registered again")
    reader.expect_always("192.168.1.1")
    daemon.stop()
    www.close()
    daemon.start()
    assert daemon.shown("internal") == {}, "gone in the first build"


def test_a_registration_comes_back_as_it_was(t):
    """ttl, since, uid and pid are the same afterwards."""
    daemon, _ = t.kept()
    app = t.app()
    client = Client(app)
    client.register("www", "eth0", "ttl=7", "wait=60")
    client.register("mail", "eth0")
    before = {line["name"]: line for line in read_list()}
    daemon.kill()
    daemon.start()
    wait_until(lambda: len(live_names()) == 2, what="registered again")
    after = {line["name"]: line for line in read_list()}
    for name, line in before.items():
        for key in ("interface", "namespace", "uid", "pid", "since"):
            assert after[name][key] == line[key], (name, key, line, after[name])
    assert "+www.internal:192.168.1.1:7\n" in daemon.text("internal")
    assert client.ask("news eth0") == "ok news.internal", "the connection is as good as before"


def test_a_withdrawn_name_does_not_come_back(t):
    """Two of three names are withdrawn, one before the next keeper gets the registrations, and one after: no
    restart brings them back, and they do not linger."""
    zone = Zone("internal", "internal", "private", more={"linger-max": "3600"})
    daemon, keeper = t.kept(zones=[zone])
    client = Client(t.app())
    for name in ("www", "mail", "news"):
        client.register(name, "eth0", "linger=3600", "wait=60")
    assert client.ask("www eth0 withdraw=yes") == "ok www"
    keeper.kill()
    start_keeper(t)
    wait_until(lambda: daemon.log().count("took over") == 2, 10, "the new keeper is found")
    assert client.ask("mail eth0 withdraw=yes id=3") == "ok id=3 mail"
    daemon.kill()
    daemon.start()
    wait_until(lambda: live_names() == ["news.internal"], what="one is left")
    assert daemon.shown("internal").keys() == {"news.internal"}, daemon.shown("internal")


def test_a_wait_is_answered_by_the_next_phonebookd(t):
    daemon, _ = t.kept()
    app = t.namespace("app").dummy("eth0")
    client = Client(app)
    client.send("www eth0 wait=20\n")
    wait_until(lambda: names() == ["www.internal"], what="it is registered")
    daemon.kill()
    app.ip("addr add 192.168.1.1/24 dev eth0")
    daemon.start()
    assert client.reply(10) == "live www.internal"


def test_a_namespace_is_freed_whoever_is_dead(t):
    daemon, keeper = t.kept()
    for which in ("none", "daemon", "keeper"):
        t.host.ip(f"link add {which}0 type veth peer name {which}1")
        app = t.anonymous()
        t.host.ip(f"link set {which}1 netns {app.process.pid}", f"addr add 192.168.7.1/24 dev {which}0",
                  f"link set {which}0 up")
        app.ip(f"link set {which}1 up", f"addr add 192.168.7.2/24 dev {which}1")
        client = t.register(app, f"www-{which}", f"{which}1", "wait=60")
        if which == "daemon":
            daemon.kill()
        if which == "keeper":
            keeper.kill()
        app.process.kill()
        client.close()
        wait_until(lambda: not t.host.has(f"{which}0"), 2, f"the veth of a dead namespace goes ({which})")
        if which == "daemon":
            daemon.start()


def test_names_outlive_a_killed_keeper(t):
    daemon, keeper = t.kept()
    app = t.app()
    t.hold(app, "www", "eth0", "wait=60")
    keeper.kill()
    daemon.process.wait_output("lost: ")
    mail = t.register(app, "mail", "eth0", "wait=60")  # phonebookd goes on without the keeper
    start_keeper(t)
    wait_until(lambda: daemon.log().count("took over") == 2, 10, "the new keeper is found")
    t.hold(app, "news", "eth0", "wait=60")
    daemon.kill()
    daemon.start()
    wait_until(lambda: live_names() == ["mail.internal", "news.internal", "www.internal"],
               what="the new keeper had everything")
    mail.close()
    daemon.wait("mail.internal")


def test_names_are_gone_when_both_are_killed(t):
    daemon, keeper = t.kept()
    app = t.app()
    www = t.register(app, "www", "eth0", "wait=60")
    daemon.kill()
    keeper.kill()
    assert www.reply() == "", "its holder sees the end"
    daemon.start()
    daemon.wait("www.internal")
    assert "there is none; a restart will lose names" in daemon.log()
    daemon.keeps = False


def test_a_keeper_of_another_version_is_told_once(t):
    daemon = t.configured(zones=(INTERNAL,))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(KEEP)
    os.chmod(KEEP, 0o777)
    listener.listen()
    header = struct.Struct("=HHHHIIQ")

    def answer():
        while True:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.send(header.pack(99, 1, 0, 0, 5, 100, 0))
            connection.recv(4096)
    threading.Thread(target=answer, daemon=True).start()
    daemon.start()
    daemon.process.wait_output("version")
    app = t.app()
    t.hold(app, "www", "eth0", "wait=60")
    assert daemon.log().count("version") == 1, daemon.log()


def test_a_full_keeper_refuses_one_client_alone(t):
    """The client for which it has no room gets an error; the others are not affected."""
    daemon, _ = t.kept(nofile=24)
    app = t.app()
    clients, refused = [], ""
    while not refused and len(clients) < 24:
        client = Client(app)
        try:
            client.send(f"www{len(clients)} eth0\n")
        except BrokenPipeError:  # refused before it could ask
            pass
        reply = client.reply()
        clients.append(client)
        refused = reply if not reply.startswith("ok ") else ""
    assert refused.startswith("error limit ") and len(clients) > 2, (len(clients), refused)
    clients.pop().close()
    daemon.wait("www0.internal", "192.168.1.1")
    daemon.kill()
    daemon.start()
    wait_until(lambda: len(live_names()) == len(clients), what="all that were accepted are back")


def test_renewals_take_no_room(t):
    """A renewal takes no further room in the keeper or in the log, and the last one comes back."""
    daemon, _ = t.kept()
    app = t.app()
    client = Client(app)
    for ttl in range(1, 100):
        client.register("www", "eth0", f"ttl={ttl}")
    client.register("mail", "eth0", "wait=60")
    assert "full" not in daemon.log(), daemon.log()
    daemon.kill()
    daemon.start()
    wait_until(lambda: live_names() == ["mail.internal", "www.internal"], what="both are back")
    assert "+www.internal:192.168.1.1:99\n" in daemon.text("internal")


def test_a_start_with_a_wrong_zone_loses_nothing(t):
    """A name that no zone takes is not lost by a start: the right configuration brings it back."""
    daemon, _ = t.kept()
    app = t.app()
    t.hold(app, "www.internal.", "eth0", "wait=60")
    daemon.leave_unchecked("internal")
    path = f"{daemon.etc}/zones/internal.zone"
    right = read_file(path)
    write_file(path, right.replace("name = internal", "name = other"))
    daemon.stop()
    daemon.start()
    assert "www.internal. eth0: www.internal is in no zone" in daemon.log(), daemon.log()
    assert live_names() == []
    write_file(path, right)
    daemon.hup()
    wait_until(lambda: live_names() == ["www.internal"], what="it is back")


def test_sockets_beyond_the_descriptors_stay_with_the_keeper(t):
    """phonebookd takes as many as it has room for; the rest waits for a phonebookd with more room."""
    daemon, _ = t.kept()
    app = t.app()
    clients = [Client(app).register(f"n{n}", "eth0") for n in range(130)]
    wait_until(lambda: len(live_names()) == 130, what="all are registered")
    daemon.stop()
    daemon.start(prefix=("prlimit", "--nofile=160:160"))
    wait_until(lambda: len(live_names()) == 80, what="as many as there is room for")
    assert daemon.log().count("50 sockets stay with the keeper") == 1, daemon.log()
    refused = Client(app)
    assert refused.reply().startswith("error limit "), "none is left for a new one"
    daemon.stop()
    daemon.start()
    wait_until(lambda: len(live_names()) == 130, what="all are back")
    assert clients[-1].ask("more eth0") == "ok more.internal", "it is a connection like any other"


def test_a_keeper_of_another_phonebookd_is_refused(t):
    """Two phonebookds cannot share a keeper: each would take the other's sockets."""
    t.kept()
    other = t.configured(zones=(Zone("other", "other"),), etc="/run/etc2",
                         databases={"other": {"directory": "/run/test/other"}})
    done = other.run()
    assert done.returncode == 111 and "another phonebookd uses the keeper" in done.stderr, done


STEPS = (("accept4", 1), ("sendmsg", 2), ("sendto", 3), ("recvfrom", 4), ("recvmsg", 4),
         ("epoll_ctl", 3), ("getsockopt", 4))


def test_a_kill_at_any_step_loses_nothing(t):
    """SIGKILL at the k-th system call of each kind between accept and answer. A client that got its answer
    is registered by the next phonebookd; other clients get an answer or a hang-up. If the process that
    reads namespaces is killed, the answer is a refusal."""
    needs("strace")
    daemon, _ = t.kept()
    daemon.stop()
    daemon.leave_unchecked("internal")
    app = t.app()
    kills = 0
    for call, most in STEPS:
        for k in range(1, most + 1):
            daemon.start(prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e",
                                 f"inject={call}:signal=SIGKILL:when={k}+"), ready=False)
            if not wait_until_ready(daemon):  # killed during its start, which is a step too
                daemon.process.wait(20)
                daemon.start()
                kills += 1
                daemon.stop()
                continue
            client = connected(app)
            replies = []
            if client:
                try:
                    client.send("www eth0\n")
                except BrokenPipeError:  # it died while the client was in its queue
                    replies.append("")
                reply = read_while(client, daemon.process)
                replies += [reply] if reply else []
            try:
                daemon.stop_traced()
            except (AssertionError, FileNotFoundError, IndexError, ProcessLookupError):
                kills += 1  # dead before or now
            daemon.process.wait(20)
            daemon.start()
            if client:
                ended = settled(client, replies)
                told = [r for r in replies if r]
                assert all(r == "ok www.internal" or is_refusal(r) for r in told), (call, k, replies)
                assert told or ended, (call, k, "neither an answer nor the end")
                client.close()
                daemon.wait("www.internal")
            daemon.stop()
    assert kills >= len(STEPS), kills


def test_a_connection_shut_for_requests_outlives_a_restart(t):
    """publish -s: PROG holds the name, but cannot register others, not even after a restart."""
    daemon, _ = t.kept()
    app = t.app()
    www = t.publish(app, "-s", "-a", "mail", "www", "eth0", "bash", "-c",
                    'trap "" PIPE; while read -r; do echo "more eth0" >&$PHONEBOOK_FD || echo "no more"; done',
                    stdin=subprocess.PIPE, text=True)
    other = t.publish(app, "other", "eth0", "bash", "-c", 'echo "more eth0" >&$PHONEBOOK_FD; exec sleep 1000')
    wait_until(lambda: "more.internal" in live_names(), what="it can, where it is not shut")
    other.kill()
    for count in 1, 2:
        wait_until(lambda: live_names() == ["mail.internal", "www.internal"], what="its names, and no more")
        www.popen.stdin.write("\n")
        www.popen.stdin.flush()
        wait_until(lambda n=count: www.output().count("no more") == n, what="it is refused")
        daemon.kill()
        daemon.start()
    wait_until(lambda: live_names() == ["mail.internal", "www.internal"], what="its names, and no more")
    www.kill()
    wait_until(lambda: live_names() == [], what="the end is seen")


def pipeline(t, app, *arguments):
    """Clients of the library that send further requests before they have an answer."""
    return t.spawn([*app.prefix, t.program("tests/bench/pipeline"), RUNTIME, *arguments])


def their_own(process):
    """The number of answers; asserts that each belongs to its request."""
    assert process.wait() == 0, process.output()
    own, foreign = re.search(r"(\d+) answers of their request, (\d+) of another",
                             process.output()).groups()
    assert foreign == "0", process.output()
    return int(own)


def test_answers_are_those_of_their_requests(t):
    """SIGKILL at each step of an answer, while clients have several unanswered requests."""
    needs("strace")
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    daemon.stop()
    load = pipeline(t, app, "8", "eth0")
    kills = 0
    for call, most in ("sendto", 4), ("recvfrom", 4), ("recvmsg", 3), ("sendmsg", 3):
        for k in range(most):
            daemon.start(prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                 f"inject={call}:signal=SIGKILL:when={40 + 7 * k}+"), ready=False)
            daemon.process.wait(20)
            kills += 1
    daemon.start()
    enough = str(20 * kills)
    done = pipeline(t, app, "2", "eth0", enough)  # it serves, and has served others meanwhile
    assert their_own(done) >= int(enough)
    load.kill(signal.SIGTERM)
    assert their_own(load) > 100 * kills, load.output()


def wait_until_ready(daemon):
    """Waits until it answers, or has ended. False if it has ended."""
    def settled():
        if not daemon.process.alive():
            return True
        probe = socket.socket(socket.AF_UNIX)
        try:
            probe.connect(f"{RUNTIME}/list")
            return True
        except OSError:
            return False
        finally:
            probe.close()
    wait_until(settled, 20, "phonebookd answers or ends")
    return daemon.process.alive()


def read_while(client, process):
    """A reply; None if the process ended without one."""
    client.socket.settimeout(0.05)
    end = time.monotonic() + generous(10)
    while time.monotonic() < end:
        try:
            more = client.socket.recv(65536)
            return more.decode().rstrip("\n")
        except TimeoutError:
            if not process.alive():
                return None
        except OSError:
            return ""
    raise AssertionError("neither an answer nor the end of phonebookd")


def is_refusal(reply):
    return reply.startswith("error namespace ")


def settled(client, replies):
    """Waits until the client was hung up on, or has its answer and is registered; appends the answers, and
    "" for the hang-up. True if it was hung up on."""
    def look():
        take(client, replies)
        return ("" in replies or any(is_refusal(reply) for reply in replies) or
                (any(replies) and live_names() == ["www.internal"]))
    wait_until(look, what="the client is registered, or hung up on")
    return "" in replies


def take(client, replies):
    """The answers that have arrived so far."""
    client.socket.setblocking(False)
    try:
        more = client.socket.recv(65536)
        replies += more.decode().splitlines() if more else [""]
    except BlockingIOError:
        pass
    except OSError:
        replies.append("")


def test_kills_under_load_lose_nothing(t):
    """Killed again and again while clients come and go: no name is lost or left over, no answer is wrong."""
    daemon, _ = t.kept(rebuilt=True)
    server = t.tinydns(daemon, "internal")
    app = t.app()
    t.hold(app, "fixed", "eth0", "wait=60")
    reader = Reader(server, "fixed.internal")
    held, ended = {}, 0
    for turn in range(15):
        fresh = {}
        for n in range(20):
            client = Client(app)
            client.send(f"n{turn}-{n} eth0\n")
            fresh[f"n{turn}-{n}.internal"] = client
            if n == turn:
                daemon.kill()
                daemon.start()
        for name, client in fresh.items():
            reply = client.reply(10)
            if reply.startswith("ok "):
                held[name] = client
            else:
                assert reply == "", reply  # the connection was not accepted yet
                ended += 1
        for name in list(held)[::3]:
            held.pop(name).close()
    wait_until(lambda: set(live_names()) == set(held) | {"fixed.internal"}, 10,
               "exactly the living are registered")
    reader.expect_always("192.168.1.1")
    assert ended < 150, ended


def test_crashes_in_a_row_set_the_newest_aside(t):
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    t.hold(app, "old", "eth0", "wait=60")
    t.hold(app, "new", "eth0", "wait=60")
    for n in range(3):
        daemon.process.kill(signal.SIGABRT)
        daemon.process.wait()
        daemon.start()
        expected = ["old.internal"] if n == 2 else ["new.internal", "old.internal"]
        wait_until(lambda: live_names() == expected, what=f"{expected} after {n + 1} crashes")
    assert "new eth0: aside, since" in daemon.log(), daemon.log()
    shown = [(entry["name"], entry["state"], entry["reason"]) for entry in read_list()]
    assert shown == [("old.internal", "live", ""), ("new", "aside", "aside")], shown
    said = t.run([t.program("phonebook"), "list"]).stdout.splitlines()
    assert "aside" in said[-1].split(), said
    t.hold(app, "fresh", "eth0", "wait=60")  # other clients are served
    daemon.stop()
    daemon.start()
    wait_until(lambda: len(live_names()) == 3, what="a clean restart tries it again")


def test_starts_that_die_set_the_newest_aside(t):
    """As after an out-of-memory kill: SIGKILL during a start, after everything was taken over."""
    needs("strace")
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    everybody = [f"n{n:02}.internal" for n in range(20)]
    for name in everybody:
        t.hold(app, name, "eth0", "wait=5")
    daemon.kill()
    daemon.process.wait()
    for deaths, expected in ((3, everybody), (4, everybody[:4])):  # 16 of 20 are set aside
        for _ in range(deaths):
            daemon.start(prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e",
                                 "inject=listen:signal=SIGKILL"), ready=False, env=NO_LEAK_CHECK)
            daemon.process.wait(20)
        daemon.start()
        wait_until(lambda: live_names() == expected, what=f"{expected} after {deaths} deaths")
        if expected == everybody:
            daemon.kill()
            daemon.process.wait()
    assert "4 starts of phonebookd in a row ended before they were complete" in daemon.log()
    assert "of 20 connections the newest 16 are set aside" in daemon.log(), daemon.log()
    daemon.kill()  # a start that set something aside is on trial, even when ready
    daemon.process.wait()
    daemon.start()
    assert "5 starts of phonebookd in a row" in daemon.log(), daemon.log()
    assert not live_names()
    daemon.stop()
    daemon.start()
    wait_until(lambda: live_names() == everybody, what="a clean restart tries them again")


def test_a_long_takeover_asks_for_time(t):
    """If the keeper's first message is read late: EXTEND_TIMEOUT_USEC, then READY=1."""
    needs("strace")
    daemon, _ = t.kept()
    t.hold(t.app(), "www", "eth0", "wait=5")
    daemon.kill()
    daemon.process.wait()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind("\0phonebook-notify")
        notify.settimeout(30 * SLOW)
        daemon.start(prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=recvmmsg", "-e",
                             "inject=recvmmsg:delay_enter=6s:when=1"), ready=False,
                     env=dict(NO_LEAK_CHECK, NOTIFY_SOCKET="@phonebook-notify"))
        said = [notify.recv(4096)]
        while b"READY=1" not in said[-1].splitlines():
            said.append(notify.recv(4096))
        assert any(text.startswith(b"EXTEND_TIMEOUT_USEC=") for text in said), said
        assert len(said) < 5, said
    wait_until(lambda: live_names() == ["www.internal"])
    daemon.stop_traced()


def memory_group(t, octets):
    """A control group of the test's own, below the one that it runs in."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        groups = {line.split(":")[1]: line.rstrip("\n").split(":", 2)[2] for line in file}
    for controller, mount, key in (("memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                                   ("", "/sys/fs/cgroup", "memory.max")):
        path = f"{mount}{groups.get(controller, '')}/phonebook-test-{os.getpid()}-{time.monotonic_ns()}"
        try:
            os.mkdir(path)
            with open(f"{path}/{key}", "r+", encoding="utf-8") as file:
                file.write(str(octets))
            return path
        except OSError:
            if os.path.isdir(path):
                os.rmdir(path)
    raise Skip("no memory control group can be made here")


def test_names_in_all_follow_the_control_group(t):
    """One name for each 4 KiB: 4,096 in 16 MiB. One more is refused and logged once; the others stay."""
    group = memory_group(t, 16 << 20)
    daemon = t.configured(zones=(INTERNAL,))
    start_keeper(t)
    daemon.keeps = True
    try:
        daemon.start(prefix=("sh", "-c", f"echo $$ >{group}/cgroup.procs && exec \"$@\"", "sh"))
        app = t.app()
        clients = [Client(app) for _ in range(64)]
        for n, client in enumerate(clients):
            for m in range(64):
                client.register(f"n{n}-{m}", "eth0")
        for n in range(3):
            assert Client(app).ask("more eth0").endswith("(names-max)")
        assert daemon.log().count("no more than 4096 names are accepted") == 1
        daemon.kill()
        daemon.process.wait()
        daemon.start(prefix=("sh", "-c", f"echo $$ >{group}/cgroup.procs && exec \"$@\"", "sh"))
        wait_until(lambda: len(live_names()) == 4096, 10, "all are taken back")
        daemon.stop()
    finally:
        if daemon.process and daemon.process.alive():
            daemon.kill()
            daemon.process.wait()
        wait_until(lambda: removed(group), 10, "the control group is removed")


def removed(group):
    try:
        os.rmdir(group)
    except OSError:
        return False
    return True


def supervised(t, start, restart):
    """Under a real supervisor: its ordinary command restarts the service while clients register."""
    daemon = t.configured(zones=(INTERNAL,))
    daemon.keeps = True
    keeper = start_keeper(t)
    start(daemon)
    wait_until(lambda: os.path.exists(f"{RUNTIME}/publish"), 10, "phonebookd runs")
    app = t.app()
    fixed = t.publish(app, "-f", "fixed", "eth0", "sleep", "infinity")
    daemon.wait("fixed.internal", "192.168.1.1")
    server = t.tinydns(daemon, "internal")
    reader = Reader(server, "fixed.internal")
    clients = []
    for turn in range(3):
        for n in range(10):
            clients.append(t.publish(app, f"n{turn}-{n}", "eth0", "sleep", "infinity"))
            if n == 4:
                t.run(restart)
    wait_until(lambda: len(live_or_none()) == 31, 15, "all are registered")
    reader.expect_always("192.168.1.1")
    assert fixed.alive() and all(c.alive() for c in clients) and keeper.alive()


def service(t, daemon, directory):
    os.makedirs(directory)
    with open(f"{directory}/run", "w", encoding="utf-8") as file:
        command = " ".join([*privileges(), t.program("phonebookd"), "-c", f"{daemon.etc}/phonebookd.conf"])
        file.write(f"#!/bin/sh\nexec 2>&1\nexec {command}\n")
    os.chmod(f"{directory}/run", 0o755)


def test_names_outlive_a_restart_by_s6(t):
    needs("s6-supervise")

    def start(daemon):
        service(t, daemon, "/run/test/sv")
        t.spawn(["s6-supervise", "/run/test/sv"])
    supervised(t, start, ["s6-svc", "-r", "/run/test/sv"])
    t.run(["s6-svc", "-d", "/run/test/sv"])


def test_names_outlive_a_restart_by_runit(t):
    needs("runsv")

    def start(daemon):
        service(t, daemon, "/run/test/sv")
        t.spawn(["runsv", "/run/test/sv"], env=NO_LEAK_CHECK)
        wait_until(lambda: os.path.exists("/run/test/sv/supervise/ok"), what="runsv runs")
    supervised(t, start, ["sv", "restart", "/run/test/sv"])
    t.run(["sv", "down", "/run/test/sv"])
