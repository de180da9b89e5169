"""Which namespace a client is in, and that phonebookd lets go of it."""
import shutil
import socket

from kit import RUNTIME, Client, need_user_namespaces, read_list, wait_until
from kit.network import plain_kind
from kit.proc import open_files


def veth_into(t, namespace, peer="peer0"):
    """A veth pair: `peer` in the host, which vanishes with the namespace, and eth0 in the namespace."""
    process = getattr(namespace, "process", None)
    target = str(process.pid) if process else namespace.name
    t.host.ip(f"link add {peer} type veth peer name eth0 netns {target}")
    t.host.ip(f"link set {peer} up")
    namespace.ip("link set eth0 up", "addr add 192.168.9.1/24 dev eth0")


def test_a_name_of_the_daemons_own_namespace_is_published(t):
    daemon = t.daemon()
    t.host.dummy("eth0", "192.168.1.1/24")
    client = t.register(t.host, "www", "eth0")
    daemon.agree(("www", t.host, "eth0"))
    daemon.wait("www.internal", "192.168.1.1")
    t.host.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    client.close()
    daemon.wait("www.internal")


def test_a_name_of_a_named_namespace_is_published(t):
    daemon, app = t.daemon(), t.app()
    t.host.dummy("eth0", "192.168.66.6/24")  # with the same name, and perhaps the same index, in the host
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    client.close()
    daemon.wait("www.internal")


def test_an_anonymous_namespace_is_freed_at_the_hang_up(t):
    daemon, app = t.daemon(), t.anonymous()
    veth_into(t, app)
    client = t.register(app, "www", "eth0")
    daemon.agree(("www", app, "eth0"))
    app.process.kill()
    daemon.wait("www.internal", "192.168.9.1")  # the client's socket holds the namespace
    assert t.host.has("peer0")
    client.close()
    wait_until(lambda: not t.host.has("peer0"), 2, "the namespace and its devices are gone")
    daemon.wait("www.internal")


def test_the_namespace_of_a_killed_application_is_freed(t):
    daemon = t.daemon()
    app = t.anonymous(command=[t.program("phonebook"), "publish", "www", "eth0", "sleep",
                               "infinity"])
    veth_into(t, app)
    daemon.wait("www.internal", "192.168.9.1")
    app.process.kill()
    wait_until(lambda: not t.host.has("peer0"), 2, "the namespace and its devices are gone")
    daemon.wait("www.internal")


def test_a_deleted_named_namespace_lives_with_its_client(t):
    daemon, app = t.daemon(), t.namespace("app")
    veth_into(t, app)
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.9.1")
    app.delete()
    assert t.host.has("peer0")
    client.close()
    wait_until(lambda: not t.host.has("peer0"), 2, "the namespace and its devices are gone")
    daemon.wait("www.internal")


def test_the_namespace_of_a_half_closed_client_is_freed(t):
    daemon, app = t.daemon(), t.anonymous()
    veth_into(t, app)
    client = t.register(app, "www", "eth0")
    client.socket.shutdown(socket.SHUT_WR)
    daemon.wait("www.internal", "192.168.9.1")
    app.process.kill()
    client.close()
    wait_until(lambda: not t.host.has("peer0"), 2, "the namespace and its devices are gone")
    daemon.wait("www.internal")


def test_the_namespace_of_a_refused_client_is_freed(t):
    """A connection without a name holds no namespace."""
    t.daemon()
    app = t.anonymous()
    veth_into(t, app)
    client = t.client(app)
    assert client.ask("bad").startswith("error ")
    app.process.kill()
    client.close()
    wait_until(lambda: not t.host.has("peer0"), 2, "the namespace and its devices are gone")


def test_a_rootless_client_is_served(t):
    """Its network namespace belongs to a user namespace that an unprivileged user made."""
    need_user_namespaces()
    daemon = t.daemon()
    program = shutil.copy(t.program("phonebook"), "/run/test")  # users may be unable to reach the source tree
    script = (f"ip link add eth0 type {plain_kind()} && ip link set eth0 up && "
              "ip addr add 192.168.5.1/24 dev eth0 && "
              f"exec {program} publish -w 10 www eth0 "
              "sh -c 'ip addr add 192.168.5.2/24 dev eth0; exec sleep infinity'")
    app = t.spawn(["setpriv", "--reuid=7001", "--regid=7001", "--clear-groups", "unshare", "-Urn",
                   "sh", "-c", script], name="rootless")
    daemon.wait("www.internal", "192.168.5.1", "192.168.5.2")
    assert {line["uid"] for line in read_list()} == {"7001"}
    app.kill()
    daemon.wait("www.internal")


def test_a_socket_belongs_where_it_was_made(t):
    """The namespace in which the socket was made counts, and not the holder's."""
    daemon = t.daemon()
    t.host.dummy("eth0", "192.168.1.1/24")
    app = t.app("192.168.2.2/24")
    made_here = t.host.socket()
    with app.entered():
        made_here.connect(f"{RUNTIME}/publish")
        made_here.sendall(b"www eth0\n")
    daemon.wait("www.internal", "192.168.1.1")
    made_here.close()
    daemon.wait("www.internal")


def test_the_list_names_the_namespace(t):
    t.daemon()
    app = t.app()
    client = t.register(app, "www", "eth0")
    assert {line["namespace"] for line in read_list()} == {str(app.inode())}
    client.close()


def test_namespaces_come_and_go_under_the_same_number(t):
    """The kernel may give a dead namespace's number to a new one; a name must never show an
    address of another namespace."""
    daemon = t.daemon()
    for round_ in range(25):
        app = t.namespace(f"app{round_}").dummy("eth0", f"192.168.{round_}.1/24")
        t.host.try_ip(f"netns set app{round_} {7 + round_ % 2}")
        client = t.register(app, f"n{round_}", "eth0")
        app.delete()
        client.close()
    last = t.namespace("last").dummy("eth0", "192.168.99.1/24")
    t.host.try_ip("netns set last 7")
    client = t.register(last, "last", "eth0")
    daemon.agree(("last", last, "eth0"))
    for build in daemon.builds["internal"].seen():
        from kit.builds import parse
        for name, addresses in parse(build.data).items():
            number = name.split(".")[0].removeprefix("n")
            assert number == "last" or addresses == {f"192.168.{number}.1"}, (name, addresses)
    client.close()


def test_the_same_index_in_many_namespaces_is_told_apart(t):
    daemon = t.daemon()
    apps = [t.namespace(f"app{n}").dummy("eth0", f"192.168.{n}.1/24") for n in range(12)]
    clients = [t.register(app, f"n{n}", "eth0") for n, app in enumerate(apps)]
    holders = [(f"n{n}", app, "eth0") for n, app in enumerate(apps)]
    daemon.agree(*holders)
    for n, app in enumerate(apps):
        app.ip(f"addr add 10.9.{n}.1/24 dev eth0", f"addr del 192.168.{n}.1/24 dev eth0")
    daemon.agree(*holders)
    assert daemon.addresses("n3.internal") == {"10.9.3.1"}
    for client in clients[::2]:
        client.close()
    daemon.agree(*holders[1::2])


def test_namespaces_per_user_are_limited(t):
    t.daemon()
    clients = []
    for n in range(66):
        app = t.namespace(f"app{n}")
        clients.append(Client(app, uid=7001))
        reply = clients[-1].ask(f"n{n} eth0")
        if reply.startswith("error "):
            break
    assert reply.startswith("error limit ") and n == 64, (n, reply)
    assert Client(t.namespace("other"), uid=7002).ask("mine eth0").startswith("ok ")
    clients[0].close()
    wait_until(lambda: Client(app, uid=7001).ask("late eth0").startswith("ok "), what="room again")


def test_without_capabilities_only_its_own_namespace_is_served(t):
    """Clients in other namespaces are told the reason."""
    daemon = t.configured(capabilities="").start()
    t.host.dummy("eth0", "192.168.1.1/24")
    client = t.register(t.host, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    other = t.client(t.app("192.168.2.2/24"))
    reply = other.ask("app eth0")
    assert reply.startswith("error namespace ") and "CAP_NET" in reply, reply
    t.host.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    assert daemon.addresses("app.internal") == set()
    client.close()


def test_descriptors_do_not_pile_up(t):
    daemon, app = t.daemon(), t.app()
    t.register(app, "first", "eth0").close()
    daemon.wait("first.internal")
    before = daemon.descriptors()
    for n in range(200):
        t.register(app, f"n{n % 5}", "eth0").close()
    wait_until(lambda: daemon.descriptors() <= before, what="as many descriptors as before")
    wait_until(lambda: not any(file.startswith("net:[") for file in open_files(daemon.pid()).values()),
               what="no namespace stays open")
