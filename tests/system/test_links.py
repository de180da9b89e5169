"""A registration follows the interface's name, whatever happens to the interface."""
from kit import Zone, remains, wait_until
from kit.network import plain_kind

ALL = Zone("all", "all", "global private")
LONG = "a-name-that-is-much-longer-than-fifteen"  # 39 octets


def start(t, *addresses):
    daemon, app = t.daemon(zones=(ALL,)), t.namespace("app")
    if addresses:
        app.dummy("eth0", *addresses)
    return daemon, app, t.register(app, "www", "eth0")  # the caller keeps it for the whole test


def test_a_name_waits_for_an_interface_that_does_not_exist(t):
    daemon, app, _www = start(t)
    daemon.agree()
    app.dummy("eth0", "192.0.2.1/24")
    daemon.wait("www.all", "192.0.2.1")


def test_a_name_follows_an_interface_renamed_away_and_back(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    daemon.wait("www.all", "192.0.2.1")
    app.ip("link set eth0 name other0")
    daemon.wait("www.all")
    app.ip("link set other0 name eth0")
    daemon.wait("www.all", "192.0.2.1")


def test_two_interfaces_may_swap_names(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    app.dummy("eth1", "192.0.2.2/24")
    second = t.register(app, "mail", "eth1")
    daemon.agree(("www", app, "eth0"), ("mail", app, "eth1"))
    app.ip("link set eth0 name spare", "link set eth1 name eth0", "link set spare name eth1")
    daemon.wait("www.all", "192.0.2.2")
    daemon.wait("mail.all", "192.0.2.1")
    daemon.agree(("www", app, "eth0"), ("mail", app, "eth1"))
    second.close()


def test_an_interface_may_be_deleted_and_made_again(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    daemon.wait("www.all", "192.0.2.1")
    for n in (2, 3):
        app.ip("link del eth0")
        daemon.wait("www.all")
        app.dummy("eth0", f"192.0.2.{n}/24")
        daemon.wait("www.all", f"192.0.2.{n}")


def test_an_interface_may_be_replaced_at_once(t):
    """It is deleted and made again faster than phonebookd could look."""
    daemon, app, _www = start(t, "192.0.2.1/24")
    daemon.wait("www.all", "192.0.2.1")
    for _ in range(20):
        app.ip("link del eth0", f"link add eth0 type {plain_kind()}", "addr add 192.0.2.7/24 dev eth0",
               "link set eth0 up")
    daemon.agree(("www", app, "eth0"))
    daemon.wait("www.all", "192.0.2.7")


def test_an_interface_may_move_to_another_namespace_and_back(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    other = t.namespace("other")
    second = t.register(other, "www2", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    app.ip("link set eth0 netns other")
    daemon.wait("www.all")
    other.ip("link set eth0 up", "addr add 192.0.2.2/24 dev eth0")
    daemon.wait("www2.all", "192.0.2.2")
    other.ip("link set eth0 netns app")
    daemon.wait("www2.all")
    app.ip("link set eth0 up", "addr add 192.0.2.3/24 dev eth0")
    daemon.wait("www.all", "192.0.2.3")
    daemon.agree(("www", app, "eth0"), ("www2", other, "eth0"))
    second.close()


def test_an_alternative_name_is_followed(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    app.ip(f"link property add dev eth0 altname {LONG}")
    second = t.register(app, "mail", LONG)
    daemon.wait("mail.all", "192.0.2.1")
    app.ip(f"link property del dev eth0 altname {LONG}")
    daemon.wait("mail.all")
    app.dummy("eth1", "192.0.2.2/24")
    app.ip(f"link property add dev eth1 altname {LONG}")
    daemon.wait("mail.all", "192.0.2.2")
    daemon.agree(("www", app, "eth0"), ("mail", app, LONG))
    second.close()


def test_the_longest_interface_name_is_taken(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    name = "x" * 127
    app.ip(f"link property add dev eth0 altname {name}")
    second = t.register(app, "mail", name)
    daemon.wait("mail.all", "192.0.2.1")
    second.close()


def test_many_alternative_names_are_followed(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    app.ip(*(f"link property add dev eth0 altname {'n' * 100}{n}" for n in range(60)))
    clients = [t.register(app, f"n{n}", f"{'n' * 100}{n}") for n in (0, 30, 59)]
    daemon.agree(("www", app, "eth0"), *((f"n{n}", app, f"{'n' * 100}{n}") for n in (0, 30, 59)))
    daemon.wait("n59.all", "192.0.2.1")
    for client in clients:
        client.close()


def test_an_interface_may_join_and_leave_a_bridge(t):
    """The event about leaving a bridge looks like a deletion, except for its family."""
    daemon, app, _www = start(t, "192.0.2.1/24")
    app.ip("link add br0 type bridge", "link set br0 up")
    daemon.wait("www.all", "192.0.2.1")
    app.ip("link set eth0 master br0")
    remains(lambda: daemon.addresses("www.all") == {"192.0.2.1"}, 1.2, "in the bridge")
    app.ip("link set eth0 nomaster")
    remains(lambda: daemon.addresses("www.all") == {"192.0.2.1"}, 1.2, "out of it")
    daemon.agree(("www", app, "eth0"))


def test_a_macvlan_goes_with_its_lower_device(t):
    daemon, app, _www = start(t)
    t.host.dummy("lower0")
    t.host.ip("link add link lower0 name eth0 netns app type macvlan mode bridge")
    app.ip("link set eth0 up", "addr add 192.0.2.1/24 dev eth0")
    daemon.wait("www.all", "192.0.2.1")
    t.host.ip("link del lower0")
    daemon.wait("www.all")


def test_a_flapping_link_ends_as_it_is(t):
    daemon, app, _www = start(t, "192.0.2.1/24")
    app.ip(*["link set eth0 down", "link set eth0 up"] * 60)
    daemon.agree(("www", app, "eth0"))
    app.ip(*["link set eth0 down", "link set eth0 up"] * 20, "link set eth0 down")
    daemon.agree(("www", app, "eth0"))
    wait_until(lambda: not daemon.addresses("www.all"), what="down at last")
