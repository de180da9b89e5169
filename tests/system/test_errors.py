"""Each kind of bad request gets its error, and neither the connection nor phonebookd suffers."""
import os
import resource
import select
import signal
import socket
import time

from kit import INTERNAL, PUBLIC, Client, Zone, wait_until

ADDRESS = "192.168.7.1"
LABEL = "a" * 63
TOO_LONG_NAME = ".".join([LABEL] * 4)  # 255 octets

BAD = [
    ("", "syntax"), (" ", "syntax"), ("www", "syntax"), (" www", "syntax"),
    ("www eth0 extra", "syntax"), ("www eth0 color=red", "syntax"), ("www eth0 ttl", "syntax"),
    ("www eth0 ttl=", "syntax"), ("www eth0 ttl=x", "syntax"), ("www eth0 ttl=-1", "syntax"),
    ("www eth0 ttl=99999999999999999999", "syntax"), ("www eth0 ttl=1.5", "syntax"),
    ("www eth0 wait=", "syntax"), ("www eth0 wait=-1", "syntax"), ("www eth0 wait=1s", "syntax"), ("www eth0 wait=0", "syntax"),
    ("www eth0 TTL=5", "syntax"), ("www eth0 =5", "syntax"), ("www eth0 ttl=5=6", "syntax"),
    ("www eth\x010", "syntax"), ("www eth0\r", "syntax"),
    ("a..b eth0", "name"), (".a eth0", "name"), (". eth0", "name"), ("a" * 64 + " eth0", "name"),
    (TOO_LONG_NAME + " eth0", "name"), ("w\xc3\xb6w eth0", "name"), ("a:b eth0", "name"),
    ("a\\072b eth0", "name"), ("a/b eth0", "name"), ("a..internal eth0", "name"),
    ("*a eth0", "name"), ("a.* eth0", "name"), ("@@ eth0", "name"), ("@.internal eth0", "name"),
    ("www eth/0", "interface"), ("www .", "interface"), ("www ..", "interface"),
    ("www " + "x" * 128, "interface"),
    ("www.elsewhere.test. eth0", "zone"), ("internal2. eth0", "zone"), ("com. eth0", "zone"),
]


def start(t, **options):
    return t.daemon(**options), t.app(f"{ADDRESS}/24")


def test_every_bad_request_has_its_code(t):
    daemon, app = start(t)
    client = t.client(app)
    wrong = []
    for line, code in BAD:
        client.send(line.encode("latin-1") + b"\n")
        reply = client.reply()
        words = reply.split(" ", 2)
        if words[:2] != ["error", code] or len(words) < 3 or len(words[2]) < 5:
            wrong.append((line, code, reply))
    assert not wrong, "\n".join(map(repr, wrong))
    assert client.ask("www eth0").startswith("ok ")
    daemon.wait("www.internal", ADDRESS)
    assert set(daemon.shown("internal")) == {"www.internal"}
    client.close()


def test_control_characters_and_nul_are_refused(t):
    daemon, app = start(t)
    client = t.client(app)
    for octet in [*range(0, 9), *range(11, 32), 127]:
        client.send(b"ww" + bytes([octet]) + b"w eth0\n")
        reply = client.reply()
        assert reply.startswith(("error syntax ", "error name ")), (octet, reply)
    assert client.ask("www eth0").startswith("ok ")
    daemon.wait("www.internal", ADDRESS)
    client.close()


def test_blanks_between_words_are_one(t):
    daemon, app = start(t)
    client = t.client(app)
    assert client.ask("www   eth0  ttl=30").startswith("ok ")
    assert client.ask("mail\teth0").startswith("ok ")
    daemon.wait("mail.internal", ADDRESS)
    client.close()


def test_a_line_that_is_too_long_closes_the_connection(t):
    daemon, app = start(t)
    client = t.register(app, "www", "eth0")
    line = "mail eth0 ttl=5" + " " * (1024 - 16)
    assert len(line) + 1 == 1024 and client.ask(line).startswith("ok "), "the longest line"
    daemon.wait("www.internal", ADDRESS)
    client.send("x" * 1024 + "\n")
    assert client.reply().startswith("error syntax ")
    assert client.reply() == ""
    daemon.wait("www.internal")  # closed: its names are gone
    daemon.wait("mail.internal")


def test_an_endless_line_closes_the_connection(t):
    daemon, app = start(t)
    client = t.client(app)
    try:
        for _ in range(100):
            client.send("x" * 1000)
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        pass
    reply = client.reply()
    assert reply.startswith("error syntax ") or reply == "", reply
    assert t.client(app).ask("www eth0").startswith("ok ")


def test_a_request_may_come_octet_by_octet(t):
    daemon, app = start(t)
    client = t.client(app)
    for octet in b"www eth0 ttl=30\nbad\nmail eth0\n":
        client.socket.send(bytes([octet]))
        time.sleep(0.002)  # so that each is read separately
    assert [client.reply().split()[0] for _ in range(3)] == ["ok", "error", "ok"]
    daemon.wait("mail.internal", ADDRESS)
    client.close()


def test_replies_come_in_the_order_of_their_requests(t):
    """However the requests arrive."""
    daemon, app = start(t)
    client = t.client(app)
    client.send("".join(f"n{n} eth0\nbad{n}\n" for n in range(60)))
    for n in range(60):
        assert client.reply().split()[1].startswith(f"n{n}.")
        assert client.reply().startswith("error syntax ")
    wait_until(lambda: len(daemon.shown("internal")) == 60, what="60 names")
    client.close()


def flood(connection):
    """Sends without end in a process of its own, and reads nothing."""
    pid = os.fork()
    if pid == 0:
        connection.shutdown(socket.SHUT_RD)
        connection.setblocking(True)
        while True:
            connection.sendall(b"\n" * 65536)
    return pid


def test_a_flood_leaves_the_others_their_turn(t):
    daemon, app = start(t)
    flooder = flood(t.client(app).socket)
    clients = [t.client(app) for _ in range(5)]
    for number, client in enumerate(clients):
        time.sleep(0.05)
        assert client.ask(f"n{number} eth0").startswith("ok ")
    daemon.wait("n4.internal", ADDRESS)
    for client in clients:
        client.close()
    wait_until(lambda: not daemon.addresses("n4.internal"), what="their names are gone")
    daemon.stop()
    os.kill(flooder, signal.SIGKILL)
    os.waitpid(flooder, 0)


def test_a_request_without_its_line_feed_is_none(t):
    daemon, app = start(t)
    client = t.client(app)
    client.send("www eth0")
    client.socket.shutdown(socket.SHUT_WR)
    other = t.register(app, "other", "eth0")
    daemon.wait("other.internal", ADDRESS)
    assert daemon.addresses("www.internal") == set()
    other.close()
    client.close()


def test_the_same_request_twice_on_a_connection_renews_it(t):
    daemon, app = start(t)
    client = t.client(app)
    first, second = client.ask("www eth0"), client.ask("www eth0")
    assert first == second and first.startswith("ok ")
    daemon.wait("www.internal", ADDRESS)
    client.close()
    daemon.wait("www.internal")


def test_a_wildcard_is_published_where_the_zone_allows_it(t):
    daemon, app = start(t, zones=(INTERNAL, Zone("wild", "wild", more={"wildcards": "yes"})))
    client = t.client(app)
    reply = client.ask("*.www.internal eth0")
    assert reply.startswith(("error zone ", "error name ")), reply
    assert client.ask("*.www.wild eth0") == "ok *.www.wild"
    server = t.tinydns(daemon, "wild")
    wait_until(lambda: server.ask("anything.www.wild") == {ADDRESS}, what="the wildcard answers")
    client.close()


def test_a_relative_name_is_refused_where_no_zone_takes_it(t):
    _, app = start(t, zones=(Zone("abs", "abs", relative=False),))
    client = t.client(app)
    assert client.ask("www eth0").startswith("error zone ")
    assert client.ask("www.abs eth0") == "ok www.abs"


def test_the_longest_names_are_published(t):
    daemon, app = start(t)
    client = t.client(app)
    name = ".".join([LABEL] * 3 + ["b" * (253 - 3 * 64 - len(".internal"))]) + ".internal"
    assert len(name) == 253
    assert client.ask(f"{name} eth0") == f"ok {name}"
    daemon.wait(name, ADDRESS)
    server = t.tinydns(daemon, "internal")
    assert server.ask(name) == {ADDRESS} == server.get(name)
    assert client.ask(f"b{name} eth0").startswith("error name ")
    assert client.ask(f"{'.'.join([LABEL] * 3 + ['c' * 58])} eth0").startswith("error name ")
    client.close()


def test_a_wait_is_answered_with_live(t):
    daemon, app = start(t)
    server = t.tinydns(daemon, "internal")
    client = t.client(app)
    for n in range(5):
        reply = client.ask(f"n{n} eth0 wait=5")
        assert set(reply.split()) == {"live", f"n{n}.internal", f"n{n}.host.example"} or \
            set(reply.split()) == {"live", f"n{n}.internal"}, reply
        assert server.ask(f"n{n}.internal") == {ADDRESS}, "live, but not answered"
    client.close()


def test_a_wait_lasts_until_there_is_an_address(t):
    daemon, app = start(t)
    client = t.client(app)
    client.send("www eth1 wait=20\n")
    app.ip("link add eth1 type veth peer name eth2", "link set eth1 up", "link set eth2 up",
           "addr add fd00::5/64 dev eth1")  # tentative for a while
    reply = client.reply(limit=10)
    assert reply.startswith("live "), reply
    assert daemon.addresses("www.internal") == {"fd00::5"}
    client.close()


def test_a_wait_can_time_out(t):
    daemon, app = start(t)
    client = t.client(app)
    begin = time.monotonic()
    reply = client.ask("www eth1 wait=1")
    took = time.monotonic() - begin
    assert reply.startswith("error timeout ") and took > 0.9, (reply, took)
    app.dummy("eth1", "192.168.8.8/24")
    other = client.ask("www eth0")
    assert other.startswith("ok "), other
    client.close()
    daemon.wait("www.internal")


def test_registrations_are_limited(t):
    daemon, app = start(t)
    client = t.client(app)
    client.send("".join(f"n{n} eth0\n" for n in range(65)))
    replies = [client.reply() for _ in range(65)]
    assert all(r.startswith("ok ") for r in replies[:64]), replies
    assert replies[64].startswith("error limit ")
    wait_until(lambda: len(daemon.shown("internal")) == 64, what="64 names")
    client.close()


def test_a_users_registrations_are_limited(t):
    daemon, app = start(t)
    clients = []
    for c in range(9):
        client = Client(app, uid=7001)
        clients.append(client)
        client.send("".join(f"n{c}x{n} eth0\n" for n in range(64)))
        replies = [client.reply() for _ in range(64)]
        accepted = sum(r.startswith("ok ") for r in replies)
        if c < 8:
            assert accepted == 64, replies
        else:
            assert accepted == 0 and all(r.startswith("error limit ") for r in replies), replies[-1]
    assert Client(app, uid=7002).ask("mine eth0").startswith("ok ")
    clients[0].close()
    wait_until(lambda: clients[8].ask("late eth0").startswith("ok "), what="room again")
    daemon.wait("late.internal", ADDRESS)


def test_a_users_connections_are_limited(t):
    daemon, app = start(t)
    clients = [Client(app, uid=7001) for _ in range(257)]
    assert clients[255].ask("www eth0").startswith("ok ")
    assert clients[256].reply().startswith("error limit ")
    assert clients[256].reply() == ""
    assert t.client(app).ask("mine eth0").startswith("ok ")
    daemon.wait("www.internal", ADDRESS)


def test_a_daemon_without_descriptors_keeps_what_it_has(t):
    """500 connections to a daemon that may have 100: it says so, does not spin, and keeps its connections."""
    daemon = t.configured()
    daemon.start(prefix=["prlimit", "--nofile=100:100"])
    app = t.app(f"{ADDRESS}/24")
    first = t.register(app, "first", "eth0")
    daemon.wait("first.internal", ADDRESS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 4000))
    clients = []
    with app.entered():
        for _ in range(500):
            clients.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            clients[-1].connect(f"{daemon.runtime}/publish")  # with a timeout, connect(2) fails with EAGAIN instead
            clients[-1].settimeout(60)
    refused = set()

    def told():
        for one in select.select([c for c in clients if c not in refused], [], [], 0)[0]:
            assert one.recv(4096).startswith(b"error limit "), "closed without a word"
            refused.add(one)
        return len(refused) > 400

    wait_until(told, 10, "most are told that there is no room")
    before, begin = daemon.cpu(), time.monotonic()
    while time.monotonic() - begin < 2:
        assert daemon.addresses("first.internal") == {ADDRESS}
        time.sleep(0.05)
    assert daemon.cpu() - before < 0.2, "the daemon spins"
    app.ip("addr add 192.168.7.9/24 dev eth0")
    daemon.wait("first.internal", ADDRESS, "192.168.7.9")
    for one in clients:
        one.close()
    wait_until(lambda: Client(app).ask("late eth0").startswith("ok "), what="room again")
    first.close()


def fill(writer):
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)  # the daemon shares this flag


def test_a_start_does_not_wait_for_a_logger_that_stalls(t):
    """The first log line is a warning, and the pipe has no room for it."""
    reader, writer = os.pipe()
    fill(writer)
    zone = Zone("internal", "internal", "private", more={"publishers": "nobody-of-this-name"})
    daemon = t.configured(zones=(zone,))
    daemon.start(stderr=writer)
    os.read(reader, 1 << 20)
    text = b""
    while b"lines are missing here" not in text:
        text += os.read(reader, 65536)
    daemon.stop()
    os.close(reader)
    os.close(writer)


def test_nobody_waits_for_a_logger_that_stalls(t):
    """Standard error is a full pipe that nobody reads: nothing waits for it, and a later line says how many
    lines are missing."""
    reader, writer = os.pipe()
    daemon = t.configured()
    daemon.start(stderr=writer)
    app = t.app(f"{ADDRESS}/24")
    held = [t.register(app, "one", "eth0", "wait=5")]
    fill(writer)
    daemon.hup()  # this is logged
    held.append(t.register(app, "two", "eth0", "wait=5"))
    app.ip("addr add 192.168.7.2/24 dev eth0", f"addr del {ADDRESS}/24 dev eth0")
    app.ip("addr replace 192.168.7.2/24 dev eth0")
    daemon.wait("two.internal", "192.168.7.2")
    os.set_blocking(reader, False)
    text = b""
    while not b"lines are missing here" in text:
        try:
            text += os.read(reader, 65536)
        except BlockingIOError:
            time.sleep(0.1)  # the line comes by itself
    for client in held:
        client.close()
    daemon.stop()
    os.close(reader)
    os.close(writer)


def test_clients_may_come_and_go_at_any_point(t):
    """Clients close after each octet of a request, with and without reading: nothing is left over."""
    daemon, app = start(t, zones=(INTERNAL, PUBLIC))
    line = b"www eth0 wait=3\nmail eth0\n"
    t.register(app, "www", "eth0").close()
    daemon.wait("www.internal")
    descriptors = daemon.descriptors()
    for length in range(len(line) + 1):
        for how in ("close", "shutdown", "half"):
            client = t.client(app)
            client.send(line[:length])
            if how == "shutdown":
                client.socket.shutdown(socket.SHUT_RDWR)
            if how == "half":
                client.socket.shutdown(socket.SHUT_WR)
            client.close()
    wait_until(lambda: daemon.descriptors() <= descriptors, what="every descriptor is back")
    daemon.agree()
