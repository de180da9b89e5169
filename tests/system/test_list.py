"""The `list` socket has one line for each registration, with the addresses that are withheld and why."""
import os
import socket
import stat
import time

from kit import INTERNAL, PUBLIC, RUNTIME, Zone, connect_as, line_of, privileges, read_list, wait_equal, wait_until
from kit.proc import open_files

LIST = f"{RUNTIME}/list"


def test_a_line_has_all_fields(t):
    daemon = t.daemon(zones=(INTERNAL,))
    app = t.app("192.168.1.1/24", "fd00::1/64")
    begin = int(time.time())
    www = t.publish(app, "www", "eth0", "sleep", "infinity")
    daemon.wait("www.internal", "192.168.1.1", "fd00::1")
    wait_equal(lambda: line_of("www.internal")["state"], "live")
    line = line_of("www.internal")
    assert set(line) == {"name", "interface", "namespace", "uid", "pid", "since", "state",
                         "addresses", "withheld", "rule", "reason", "number", "socket"}, line
    assert line["interface"] == "eth0" and line["namespace"] == str(app.inode())
    assert line["uid"] == "0" and line["pid"] == str(www.pid)
    assert line["addresses"] == {"192.168.1.1", "fd00::1"}
    assert begin <= int(line["since"]) <= time.time()
    assert line["number"] == "1" and f"socket:[{line['socket']}]" in open_files(daemon.pid()).values()
    www.kill()
    wait_until(lambda: not read_list(), what="an empty list")


def test_a_line_has_its_fields_in_one_order(t):
    """Fields have a fixed order, and are separated by one blank."""
    t.daemon(zones=(INTERNAL,))
    app = t.app()
    clients = [t.register(app, name, "eth0") for name in ("b", "a", "c")]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(LIST)
        text = b""
        while more := connection.recv(4096):
            text += more
    lines = text.decode().splitlines()
    assert [l.split(" ")[0] for l in lines] == ["name=a.internal", "name=b.internal",
                                               "name=c.internal"]
    for line in lines:
        assert [f.partition("=")[0] for f in line.split(" ")] == [
            "name", "interface", "namespace", "uid", "pid", "since", "state", "addresses",
            "withheld", "rule", "reason", "number", "socket"], line
    assert all(client for client in clients)


def test_every_reason_is_listed(t):
    zones = (INTERNAL, Zone("six", "six", "global private", families="ipv6"),
             Zone("narrow", "narrow", "2001:db8:7::/48"))
    daemon = t.daemon(zones=zones)
    app, other = t.namespace("app"), t.namespace("other")
    app.ip("link add eth0 type veth peer name eth1 netns other", "link set eth0 up")
    other.ip("link set eth1 up", "addr add fd00::bad/64 dev eth1 nodad")
    from kit.router import advertise
    app.sysctl("ipv6/conf/eth0/use_tempaddr", 2)
    app.ip("addr add 192.168.1.1/24 dev eth0", "addr add 169.254.1.1/16 dev eth0",
           "addr add 2001:db8::1/64 dev eth0 nodad", "addr add fd00::2/64 dev eth0 nodad",
           "addr add fd00::1/64 dev eth0 nodad preferred_lft 0", "addr add fd00::bad/64 dev eth0")
    advertise(other, "eth1", [("fd00:0:0:1::", 3600, 3600)])
    wait_until(lambda: any(i.get("temporary") and not i.get("tentative")
                           for l in app.addresses() for i in l["addr_info"]), what="a temporary")
    wait_until(lambda: any(i.get("dadfailed") for l in app.addresses() for i in l["addr_info"]),
               what="the clash")
    client = t.register(app, "www", "eth0")
    daemon.agree(("www", app, "eth0"))
    temporary = next(i["local"] for l in app.addresses() for i in l["addr_info"]
                     if i.get("temporary"))
    internal = line_of("www.internal")["withheld"]
    assert {"fd00::bad(duplicate)", "fd00::1(deprecated)", f"{temporary}(temporary)",
            "169.254.1.1(scope)", "2001:db8::1(zone-rule)"} <= internal, internal
    assert "192.168.1.1(family)" in line_of("www.six")["withheld"]
    assert "fd00::2(zone-rule)" in line_of("www.narrow")["withheld"]
    for line in read_list():
        shown = {a.partition("(")[0] for a in line["withheld"]}
        assert not shown & line["addresses"], "both shown and withheld"
        everything = {i["local"] for l in app.addresses() if l["ifname"] == "eth0"
                      for i in l["addr_info"]}
        assert shown | line["addresses"] == everything, (line, everything)
    client.close()


def test_a_name_is_waiting_then_pending_then_live(t):
    """waiting: without an address to show; pending: not yet in the renamed file; live."""
    daemon = t.daemon(zones=(INTERNAL, PUBLIC), databases={"internal": {"interval": "3"}})
    app = t.app()
    daemon.builds["internal"].wait(1)
    first = t.register(app, "first", "eth0")
    daemon.wait("first.internal", "192.168.1.1", limit=8)
    wait_equal(lambda: line_of("first.internal")["state"], "live")
    assert line_of("first.host.example")["state"] == "waiting"
    second = t.register(app, "second", "eth0")
    wait_equal(lambda: line_of("second.internal")["state"], "pending")
    assert line_of("second.internal")["addresses"] == {"192.168.1.1"}
    wait_equal(lambda: line_of("second.internal")["state"], "live", 8)
    third = t.register(app, "third", "missing0")
    wait_equal(lambda: line_of("third.internal")["state"], "waiting", 8)
    assert line_of("third.internal")["addresses"] == set()
    for client in (first, second, third):
        client.close()


def test_each_holder_has_a_line(t):
    daemon = t.daemon(zones=(INTERNAL,))
    apps = [t.namespace(f"app{n}").dummy("eth0", f"192.168.{n}.1/24") for n in (1, 2)]
    clients = [t.register(app, "www", "eth0") for app in apps]
    daemon.wait("www.internal", "192.168.1.1", "192.168.2.1")
    lines = read_list()
    assert {(l["name"], l["namespace"]) for l in lines} == {
        ("www.internal", str(app.inode())) for app in apps}
    assert len(clients) == 2


def many_names(t, daemon):
    """3,000 of them, whose list is larger than a socket's buffer."""
    app = t.app()
    clients = []
    for c in range(50):
        clients.append(t.client(app))
        clients[-1].send("".join(f"{'n' * 60}{c}x{n}.{'m' * 60} eth0\n".replace("n" * 60, "n" * 50)
                                 for n in range(60)))
    wait_until(lambda: len(daemon.shown("internal")) == 3000, 15, "3,000 names")
    return app, clients


def let_in(reader):
    return reader.recv(4, socket.MSG_PEEK) != b"busy"


def readers_that_stop(n):
    stuck = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(n)]
    for one in stuck:
        one.connect(LIST)
        assert let_in(one)
    return stuck


def test_a_reader_that_stops_blocks_nobody(t):
    """Meanwhile other readers get every line."""
    app, clients = many_names(t, t.daemon(zones=(INTERNAL,)))
    stuck = readers_that_stop(3)
    assert len(read_list()) == 3000
    assert t.client(app).ask("late eth0").startswith("ok ")
    for one in (*stuck, *clients):
        one.close()


def test_a_reader_too_many_is_told(t):
    """So that no refused reader sees an empty list."""
    _, clients = many_names(t, t.daemon(zones=(INTERNAL,)))
    stuck = readers_that_stop(8)
    for options in ((), ("-j",)):
        done = t.run([t.program("phonebook"), "list", *options], check=False)
        assert done.returncode == 111 and "cut off" in done.stderr, done
        assert "at the same time" in done.stderr, done
    stuck.pop().close()
    wait_until(lambda: t.run([t.program("phonebook"), "list"], check=False).returncode == 0,
               what="room for another")
    for one in (*stuck, *clients):
        one.close()


def whole(reader):
    """The number of lines of the whole list; None if the reader was refused."""
    with reader:
        text = b""
        while more := reader.recv(65536):
            text += more
    return text.count(b"\n") if text.endswith(b"\n") else None


def test_users_who_never_read_take_their_own_share_alone(t):
    """Each user gets only its own share, and all of them together cannot take root's."""
    app, clients = many_names(t, t.daemon(zones=(INTERNAL,)))
    stuck = [connect_as(app, 7001, LIST) for _ in range(4)]
    assert all(let_in(one) for one in stuck)
    assert whole(connect_as(app, 7001, LIST)) is None
    assert whole(connect_as(app, 7002, LIST)) == 3000
    stuck += [connect_as(app, 7002 + n // 4, LIST) for n in range(60)]
    assert all(let_in(one) for one in stuck)
    assert whole(connect_as(app, 7100, LIST)) == 3000, "whoever has most makes way"
    assert t.run([t.program("phonebook"), "list", "-j"]).stdout.count("\n") == 3000
    for one in (*stuck, *clients):
        one.close()


def test_interfaces_are_sent_without_control_characters(t):
    """A list may be read on a terminal, and any user chooses names of interfaces."""
    t.daemon(zones=(INTERNAL,))
    app = t.namespace("app")
    holders = [t.client(app) for _ in range(2)]
    for holder, request in zip(holders, (b"a \x9b31m\xe9\n", "b \u009b31m\u00c4\n".encode())):
        holder.send(request)
        assert holder.reply().startswith("ok ")
    assert line_of("a.internal")["interface"] == "?31m?"
    assert line_of("b.internal")["interface"] == "??31m\u00c4"
    for holder in holders:
        holder.close()


def test_the_sockets_have_their_modes(t):
    """Each operation has its own path, whose mode and group decide who may use it."""
    t.daemon(settings={"publish-mode": "0600", "list-mode": "0640"})
    for name, mode in (("publish", 0o600), ("control", 0o600), ("list", 0o640)):
        found = os.stat(f"/run/phonebook/{name}").st_mode
        assert stat.S_ISSOCK(found) and stat.S_IMODE(found) == mode, oct(found)
    app = t.namespace("app")
    done = t.run([*app.prefix, "setpriv", "--reuid=7001", "--regid=7001", "--clear-groups",
                  t.program("phonebook"), "publish", "www", "eth0", "true"], check=False)
    assert done.returncode == 111 and "ermission denied" in done.stderr, done


def test_the_sockets_have_their_groups(t):
    """The daemon can give them to one of its groups."""
    group = next(l.split(":") for l in open("/etc/group") if l.startswith("daemon:"))
    daemon = t.configured(settings={"publish-mode": "0660", "publish-group": "daemon",
                                    "list-mode": "0660", "list-group": "daemon"})
    daemon.privileges = privileges(groups=[group[2]])
    daemon.start()
    for name in ("publish", "list", "control"):
        assert os.stat(f"/run/phonebook/{name}").st_gid == int(group[2])


def test_each_holder_has_its_own_state(t):
    """The list says for each holder why its name is not shown, in the same words as the end of a `wait`."""
    daemon = t.daemon(zones=(INTERNAL,))
    one = t.namespace("one").dummy("eth0", "192.168.1.1/24").dummy("eth1")
    other = t.namespace("other").dummy("eth0", "192.168.1.2/24")
    clients = [t.client(one), t.client(other), t.client(one)]
    for client in clients[:2]:
        assert client.ask("www eth0 wait=5").startswith("live ")
    assert clients[2].ask("mail eth0 wait=5") == "live mail.internal"

    def states(name):
        return [(line["state"], line["reason"]) for line in read_list() if line["name"] == name]

    assert sorted(states("www.internal")) == [("live", ""), ("live", "")]
    one.ip("link set eth0 down")  # its IPv4 address stays
    wait_equal(lambda: sorted(states("www.internal")), [("live", ""), ("waiting", "down")])
    assert line_of("mail.internal")["withheld"] == {"192.168.1.1(down)"}
    assert states("mail.internal") == [("waiting", "down")]
    daemon.wait("mail.internal")
    reply = clients[2].ask("mail eth0 wait=1")
    assert reply == "error timeout registered, but not live: mail.internal: down", reply
    reply = clients[2].ask("mail eth1 wait=1")
    assert "mail.internal: scope" in reply or "mail.internal: no-address" in reply, reply
    one.ip("link del eth0")
    wait_equal(lambda: sorted(states("www.internal")), [("live", ""), ("waiting", "no-interface")])
    reply = clients[2].ask("ftp eth1@if7 wait=1")
    assert reply == ("error timeout registered, but not live: ftp.internal: no-interface, since ip(8) "
                     "shows the interface eth1 as eth1@if7"), reply
    assert clients[2].ask("ftp eth1:1").startswith("error interface ")
    for client in clients:
        client.close()
    daemon.wait("www.internal")
