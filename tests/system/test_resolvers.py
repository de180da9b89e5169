"""A name is published, and resolvers configured by the files of docs/recipes answer for it."""
from kit import Zone, wait_equal
from kit.neighbours import Dnsmasq, Unbound, answers

IPV4 = "1.168.192.in-addr.arpa"
IPV6 = "0.0.0.0.0.0.0.0.e.f.a.c.4.6.d.f.ip6.arpa"
# The root's key (IANA): nobody here has the other half of it, so that all that is not exempt from
# validation is SERVFAIL.
ROOT_KEY = """    trust-anchor: ". DS 20326 8 2 \
E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
    private-address: 192.168.0.0/16
    private-address: fd00::/8
"""


def start(t, ttl=1):
    """phonebookd and its tinydns, configured by the files of docs/recipes."""
    zone = Zone("internal", "internal", "private loopback",
                more={"ttl": str(ttl), "negative-ttl": "1"})
    t.daemon(zones=(zone, Zone(IPV4, "internal"), Zone(IPV6, "internal")))
    t.tinydns(t.daemons[0], "internal", "127.1.0.1")
    return t.app("192.168.1.2/24", "fd64:cafe::2/64")


def far_end(t, server, app):
    """A name is published, moves and is withdrawn; the resolver's answers follow."""
    def ask(name, kind):
        found = answers(t, server.address, name, kind)
        return found.status, found.values(kind)
    wait_equal(lambda: ask("www.internal", "A"), ("NXDOMAIN", set()))
    client = t.register(app, "www", "eth0", "wait=60")
    wait_equal(lambda: ask("www.internal", "A"), ("NOERROR", {"192.168.1.2"}), 10)
    wait_equal(lambda: ask("www.internal", "AAAA"), ("NOERROR", {"fd64:cafe::2"}), 10)
    wait_equal(lambda: ask(f"2.{IPV4}", "PTR"), ("NOERROR", {"www.internal."}))
    wait_equal(lambda: ask(f"2.{15 * '0.'}{IPV6}", "PTR"),
               ("NOERROR", {"www.internal."}))
    app.ip("addr add 192.168.1.3/24 dev eth0", "addr del 192.168.1.2/24 dev eth0")
    app.try_ip("addr add 192.168.1.3/24 dev eth0")  # gone with the first, where it was its secondary
    wait_equal(lambda: ask("www.internal", "A"), ("NOERROR", {"192.168.1.3"}), 10)
    wait_equal(lambda: ask(f"3.{IPV4}", "PTR"), ("NOERROR", {"www.internal."}), 10)
    client.close()
    wait_equal(lambda: ask("www.internal", "A"), ("NXDOMAIN", set()), 10)
    wait_equal(lambda: ask("www.internal", "AAAA"), ("NXDOMAIN", set()), 10)


def test_unbound_resolves_what_is_published(t):
    """Unbound is as strict as possible: with the root's trust anchor, and filtering private addresses."""
    app = start(t)
    far_end(t, Unbound(t, "unbound.conf", more=ROOT_KEY), app)


def test_unbound_needs_each_line_of_the_recipe(t):
    """So the test above cannot pass without the recipe's exemptions."""
    app = start(t)
    client = t.register(app, "www", "eth0", "wait=60")
    server = Unbound(t, more=ROOT_KEY + """    do-not-query-localhost: no
stub-zone:
    name: "internal"
    stub-addr: 127.1.0.1
""")
    assert answers(t, server.address, "www.internal", "A").status == "SERVFAIL"
    client.close()


def test_unbound_finds_what_is_below_empty_names(t):
    """RFC 8020: even after a negative answer for "db", names below it must be found."""
    app = start(t)
    server = Unbound(t, "unbound.conf", more="    harden-below-nxdomain: yes\n"
                                             "    qname-minimisation-strict: yes\n")
    client = t.register(app, "a.db", "eth0", "wait=60")
    found = answers(t, server.address, "db.internal", "A")
    assert (found.status, found.records) == ("NOERROR", [])
    wait_equal(lambda: answers(t, server.address, "a.db.internal", "A").values("A"),
               {"192.168.1.2"}, 10)
    client.close()


def test_dns64_sees_what_is_published(t):
    app = start(t)
    server = Unbound(t, "unbound.conf", "unbound-dns64.conf")
    old = t.namespace("old").dummy("eth0", "192.168.1.9/24")
    clients = [t.register(old, "old", "eth0", "wait=60"), t.register(app, "new", "eth0", "wait=60")]

    def ask(name):
        return answers(t, server.address, name, "AAAA").values("AAAA")
    wait_equal(lambda: ask("old.internal"), {"fd64:cafe:0:64::c0a8:109"}, 10)
    wait_equal(lambda: ask("new.internal"), {"fd64:cafe::2"}, 10)
    old.ip("addr add fd64:cafe::9/64 dev eth0 nodad")
    wait_equal(lambda: ask("old.internal"), {"fd64:cafe::9"}, 15)
    for client in clients:
        client.close()


def test_dnsmasq_resolves_what_is_published(t):
    app = start(t)
    far_end(t, Dnsmasq(t, "dnsmasq.conf"), app)
