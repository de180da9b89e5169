"""Further rules of a zone: gateways, reverse zones, wildcards, empty non-terminals, what fits into a reply, and
who may register. Each is asked of a real server."""
import os

from kit import (INTERNAL, PUBLIC, Client, Zone, later_connection, line_of, quiet_second, read_list, remains,
                 wait_equal, wait_until, write_file)
from kit.dns import A, AAAA, NXDOMAIN, PTR, query
from kit.member import Member

ZONES = "/run/etc/zones"


def reverse(prefix, name, database="internal", **more):
    """A reverse zone: its file has the prefix; `name` is its name in the DNS."""
    return Zone(name, database, relative=False, more={"name": prefix, **more})


def start(t, *zones):
    """A daemon, and a server for the first zone's database."""
    daemon = t.daemon(zones=zones)
    return daemon, t.tinydns(daemon, zones[0].database)


def ask(server, name, kind=A):
    answer = query(server.address, name, kind)
    assert answer is not None, f"no answer to {name}"
    return answer


# ---- depth

def test_labels_below_a_zone_are_limited(t):
    """To 8, or to labels-max; names that are held stay when it becomes lower."""
    zone = Zone("internal", "internal", "private")
    daemon, _ = t.kept(zones=[zone])
    app = t.app()
    client = t.client(app)
    eight, nine = "1.2.3.4.5.6.7.8.internal", "1.2.3.4.5.6.7.8.9.internal"
    refusal = f"error name {nine} has 9 labels below zone internal, which takes at most 8 (labels-max)"

    def has_labels(most):
        zone.more.pop("labels-max", None)
        zone.more.update({"labels-max": most} if most else {})
        daemon.write()

    assert client.ask(f"{eight} eth0") == f"ok {eight}"
    assert client.ask(f"{nine} eth0") == refusal
    assert client.ask("1.2.3.4.5.6.7.8.9 eth0") == refusal
    daemon.wait(eight, "192.168.1.1")
    has_labels("9")
    daemon.hup()
    wait_until(lambda: client.ask(f"{nine} eth0") == f"ok {nine}", what="room for nine")
    daemon.wait(nine, "192.168.1.1")
    has_labels(None)
    daemon.hup()
    wait_until(lambda: client.ask(f"0.{nine} eth0").startswith("error name "), what="the old limit")
    daemon.stop()
    daemon.start()
    assert {line["name"] for line in read_list()} == {eight, nine}
    assert t.client(app).ask(f"{nine} eth0") == refusal
    daemon.wait(nine, "192.168.1.1")
    client.close()
    daemon.leave_unchecked("internal")  # its zone was not always the same


# ---- gateways

GATEWAY = {"gateway": "203.0.113.7"}


def test_a_gateway_answers_and_its_twin_does_not(t):
    """The proxy's A beside the host's own AAAA; the twin zone, without the proxy, is for all but TLS."""
    daemon, server = start(t, Zone("host.example", "public", "global", more=GATEWAY),
                           Zone("v6.host.example", "public", "global", families="ipv6"))
    app = t.app("2001:db8::1/64", "10.0.0.1/24")
    client = t.client(app)
    assert client.ask("www eth0") == "ok www.host.example www.v6.host.example"
    wait_equal(lambda: server.ask("www.host.example"), {"203.0.113.7", "2001:db8::1"})
    wait_equal(lambda: server.ask("www.v6.host.example"), {"2001:db8::1"})
    assert ask(server, "www.v6.host.example", A).is_nodata()
    line = line_of("www.host.example")
    assert line["addresses"] == {"203.0.113.7", "2001:db8::1"} and line["state"] == "live", line
    # only while the name has an address that the zone would show
    app.ip("addr del 2001:db8::1/64 dev eth0")
    wait_equal(lambda: ask(server, "www.host.example").rcode, NXDOMAIN)
    assert line_of("www.host.example")["state"] == "waiting"
    app.ip("addr add 198.51.100.1/24 dev eth0")
    wait_equal(lambda: server.ask("www.host.example"), {"203.0.113.7"})
    assert line_of("www.host.example")["withheld"] == {"198.51.100.1(gateway)", "10.0.0.1(zone-rule)",
                                                       *own_link_local(app)}
    client.close()
    wait_equal(lambda: ask(server, "www.host.example").rcode, NXDOMAIN)


def own_link_local(app):
    return {f"{a['local']}(scope)" for link in app.addresses() if link["ifname"] == "eth0"
            for a in link["addr_info"] if a["local"].startswith("fe80:")}


def test_a_gateway_of_both_families_may_change(t):
    zone = Zone("host.example", "public", "global",
                more={"gateway": "203.0.113.8 2001:db8:9::7 203.0.113.7"})
    daemon, server = start(t, zone)
    app = t.app("2001:db8::1/64")
    client = t.register(app, "www", "eth0")
    wait_equal(lambda: server.ask("www.host.example"),
               {"203.0.113.7", "203.0.113.8", "2001:db8:9::7"})
    zone.more["gateway"] = "203.0.113.7"
    daemon.write()
    daemon.hup()
    wait_equal(lambda: server.ask("www.host.example"), {"203.0.113.7", "2001:db8::1"})
    del zone.more["gateway"]
    daemon.write()
    daemon.hup()
    wait_equal(lambda: server.ask("www.host.example"), {"2001:db8::1"})
    client.close()


# ---- reverse zones

def test_pointers_come_and_go(t):
    """For IPv4 and IPv6, for the addresses that the database's other zones show."""
    v4 = reverse("192.168.1.0/24", "1.168.192.in-addr.arpa")
    v6 = reverse("fd64:cafe::/64", "0.0.0.0.0.0.0.0.e.f.a.c.4.6.d.f.ip6.arpa", ttl=300)
    daemon, server = start(t, INTERNAL, PUBLIC, v4, v6)
    app = t.app("192.168.1.1/24", "fd64:cafe::1/64", "2001:db8::1/64",
                                   "192.168.2.1/24")
    www = t.register(app, "www", "eth0")
    wait_equal(lambda: server.pointers("192.168.1.1"), ["www.internal"])
    assert server.pointers("fd64:cafe::1") == ["www.internal"]
    answer = ask(server, "1.1.168.192.in-addr.arpa", PTR)
    assert answer.authoritative and answer.records[0][2] == 60, answer
    dug = t.run(["dig", f"@{server.address}", "+norecurse", "+short", "-x", "fd64:cafe::1"])
    assert dug.stdout == "www.internal.\n", dug
    mail = t.register(app, "Mail.internal", "eth0")
    wait_equal(lambda: server.pointers("192.168.1.1"), ["mail.internal", "www.internal"])
    # but no addresses of another database or outside the prefix
    published = daemon.text("internal")
    assert "^" not in daemon.text("public")
    assert published.count("\n^") == 4, published
    app.ip("addr add 192.168.1.2/24 dev eth0", "addr del fd64:cafe::1/64 dev eth0")
    wait_equal(lambda: server.pointers("192.168.1.2"), ["mail.internal", "www.internal"])
    assert ask(server, "1.1.168.192.in-addr.arpa", A).is_nodata()
    wait_equal(lambda: server.pointers("fd64:cafe::1"), [])
    www.close()
    wait_equal(lambda: server.pointers("192.168.1.2"), ["mail.internal"])
    mail.close()
    wait_equal(lambda: ask(server, "2.1.168.192.in-addr.arpa", PTR).rcode, NXDOMAIN)


def test_names_between_are_there_in_a_reverse_zone(t):
    """A resolver that asks label by label (RFC 9156) gets no NXDOMAIN on the way."""
    _, server = start(t, INTERNAL, reverse("fd64:cafe::/32", "e.f.a.c.4.6.d.f.ip6.arpa"))
    app = t.app("fd64:cafe::1/64")
    client = t.register(app, "www", "eth0")
    wait_equal(lambda: server.pointers("fd64:cafe::1"), ["www.internal"])
    name = "0.e.f.a.c.4.6.d.f.ip6.arpa"
    while len(name.split(".")) < 32 + 1:
        assert ask(server, name, PTR).is_nodata(), name
        name = f"0.{name}"
    assert ask(server, "1.e.f.a.c.4.6.d.f.ip6.arpa", PTR).rcode == NXDOMAIN
    client.close()


def test_nobody_registers_in_a_reverse_zone(t):
    start(t, INTERNAL, Zone("1.168.192.in-addr.arpa", "internal"))  # with its name, not the prefix
    client = t.client()
    for name in ("1.1.168.192.in-addr.arpa", "1.168.192.in-addr.arpa.", "*.1.168.192.in-addr.arpa"):
        reply = client.ask(f"{name} lo")
        assert reply.startswith("error zone ") and "reverse" in reply, reply
    assert client.ask("@ lo") == "ok internal"
    assert client.ask("x lo") == "ok x.internal"
    client.close()


def test_parts_of_networks_have_their_pointers(t):
    """RFC 2317 zones in the usual spellings beside the whole network, and prefixes of several zones. Of
    names that share an address, the oldest gets the PTR record, except for names that asked for none."""
    whole = reverse("192.168.7.0/24", "7.168.192.in-addr.arpa", pointers="first")
    ranged = reverse("32-63.7.168.192.in-addr.arpa", "32-63.7.168.192.in-addr.arpa")
    several = reverse("fd64:cafe:0:4::/62", "5.0.0.0.0.0.0.0.e.f.a.c.4.6.d.f.ip6.arpa")
    daemon = t.configured(zones=(INTERNAL, whole, ranged, several))
    write_file(f"{ZONES}/part.zone", "[zone]\nname = 192.168.7.32/27\ndatabase = internal\n")
    daemon.start()
    server = t.tinydns(daemon, "internal")
    app = t.app("192.168.7.33/24", "fd64:cafe:0:5::1/64")
    clients = [t.register(app, "quiet", "eth0", "ptr=no"), t.register(app, "old", "eth0")]
    later_connection()
    clients.append(t.register(app, "new", "eth0", "ptr=yes"))
    both = ["new.internal", "old.internal"]
    wait_equal(lambda: server.pointers("fd64:cafe:0:5::1"), both)
    assert server.pointers("192.168.7.33") == ["old.internal"]
    for part in ("32/27", "32-63"):
        answer = ask(server, f"33.{part}.7.168.192.in-addr.arpa", PTR)
        assert sorted(value for _, kind, _, value in answer.records if kind == PTR) == both, answer
    clients[1].close()
    wait_equal(lambda: server.pointers("192.168.7.33"), ["new.internal"])


# ---- wildcards, empty non-terminals

WILD = Zone("internal", "internal", "private", more={"wildcards": "yes"})


def test_wildcards_answer_for_what_is_below(t):
    _, server = start(t, WILD, Zone("host.example", "internal", "private"))
    app = t.app("192.168.1.1/24", "192.168.1.2/24")
    other = t.namespace("other").dummy("eth0", "192.168.9.1/24")
    client = t.client(app)
    assert client.ask("*.app eth0") == "ok *.app.internal", "host.example takes none"
    assert client.ask("*.app.host.example eth0").startswith("error zone ")
    both = {"192.168.1.1", "192.168.1.2"}
    wait_equal(lambda: server.ask("a.app.internal"), both)
    assert server.ask("a.b.c.app.internal") == both
    assert ask(server, "a.app.internal", AAAA).is_nodata()
    # the name above exists without records; a name beside it does not exist
    assert ask(server, "app.internal").is_nodata()
    assert ask(server, "b.internal").rcode == NXDOMAIN
    # an existing name does not get the wildcard's records
    db = t.register(other, "db.app.internal", "eth0")
    wait_equal(lambda: server.ask("db.app.internal"), {"192.168.9.1"})
    assert server.ask("a.app.internal") == both
    # nor does a name in between: RFC 4592, 2.2.2
    deep = t.register(other, "x.y.app.internal", "eth0")
    wait_equal(lambda: server.ask("x.y.app.internal"), {"192.168.9.1"})
    assert ask(server, "y.app.internal").is_nodata()
    deep.close()
    wait_equal(lambda: server.ask("y.app.internal"), both)
    client.close()
    wait_equal(lambda: ask(server, "a.app.internal").rcode, NXDOMAIN)
    assert ask(server, "app.internal").is_nodata(), "db.app is still there"
    db.close()
    wait_equal(lambda: ask(server, "app.internal").rcode, NXDOMAIN)


def test_a_wildcard_of_the_apex_answers(t):
    _, server = start(t, WILD)
    app = t.app()
    client = t.register(app, "*.internal", "eth0")
    wait_equal(lambda: server.ask("whatever.internal"), {"192.168.1.1"})
    assert ask(server, "internal").is_nodata()
    client.close()


def test_empty_non_terminals_are_there(t):
    """RFC 8020: NXDOMAIN would say that no names exist below."""
    daemon, server = start(t, INTERNAL)
    app = t.app()
    client = t.register(app, "db.app.box.internal", "eth0")
    wait_equal(lambda: server.ask("db.app.box.internal"), {"192.168.1.1"})
    for name in ("app.box.internal", "box.internal"):
        answer = ask(server, name)
        assert answer.is_nodata() and answer.authoritative, (name, answer)
    for name in ("x.app.box.internal", "pp.box.internal", "x.internal"):
        assert ask(server, name).rcode == NXDOMAIN, name
    box = t.register(app, "box", "eth0")
    wait_equal(lambda: server.ask("box.internal"), {"192.168.1.1"})
    assert ":box.internal:" not in daemon.text("internal")
    client.close()
    wait_equal(lambda: ask(server, "app.box.internal").rcode, NXDOMAIN)
    assert server.ask("box.internal") == {"192.168.1.1"}
    box.close()


# ---- what fits a reply

def many(n, prefix="fd00::", first=1):
    return [f"{prefix}{i:x}" for i in range(first, first + n)]


def test_as_many_addresses_show_as_a_reply_has_room_for(t):
    """512 octets without EDNS; the first records stay, and the log has one line."""
    daemon, server = start(t, INTERNAL)
    app = t.namespace("app").dummy("eth0", *(f"{a}/64" for a in many(17)))
    client = t.register(app, "twelve-chars.internal", "eth0")  # 23 octets on the wire
    told = "twelve-chars.internal: of 40 AAAA records only the first 16"

    def shown():
        answer = ask(server, "twelve-chars.internal", AAAA)
        assert not answer.truncated and answer.size <= 512, answer
        return answer.addresses()

    wait_equal(shown, set(many(16)))
    assert daemon.log().count("of 17 AAAA records only the first 16") == 1
    quiet_second()
    before = daemon.builds["internal"].count()
    app.ip(*(f"addr add {a}/64 dev eth0 nodad" for a in many(23, first=18)))
    remains(lambda: shown() == set(many(16)), 1.2, "what does not fit changes nothing")
    assert daemon.builds["internal"].count() == before and told not in daemon.log()
    line = line_of("twelve-chars.internal")
    assert line["addresses"] == set(many(16)) and line["state"] == "live"
    assert {f"{a}(no-room)" for a in many(24, first=17)} <= line["withheld"]
    other = t.register(app, "other", "eth0")
    wait_until(lambda: "other.internal: of 40 AAAA records only the first 17" in daemon.log(),
               what="another name's word")
    other.close()
    # the records fit again, and then do not
    app.ip(*(f"addr del {a}/64 dev eth0" for a in many(30, first=11)))
    wait_equal(shown, set(many(10)))
    app.ip(*(f"addr add {a}/64 dev eth0 nodad" for a in many(30, first=11)))
    wait_equal(shown, set(many(16)))
    wait_equal(lambda: daemon.log().count("records only the first 16"), 2)
    client.close()


def test_addresses_beyond_the_most_are_refused_or_cut(t):
    """At most 8192, each interface counted once: registrations beyond are refused, later growth is cut."""
    daemon, _ = start(t, INTERNAL)
    app = t.namespace("app").dummy("eth0").dummy("eth1", "192.168.1.1/24")
    v4 = [f"10.0.{n >> 8}.{n & 255}/32" for n in range(4096)]
    app.ip(*(f"addr add {a} dev eth0" for a in v4),
           *(f"addr add fd00::{n:x}/128 dev eth0 nodad" for n in range(1, 4096)))
    client = t.register(app, "www.internal", "eth0", "wait=30")
    client.register("mail.internal", "eth1", "wait=10")
    assert client.ask("www.internal eth1") == (
        "error limit www.internal has 8192 addresses already, and interface eth1 has 2 more: "
        "a name has at most 8192; register it on interfaces with fewer")
    again = t.register(app, "www.internal", "eth0")  # adds no address
    app.ip(*(f"addr del {a} dev eth0" for a in v4[-2:]))
    wait_until(lambda: client.ask("www.internal eth1").startswith("ok "), what="room for two")
    app.ip(*(f"addr add {a} dev eth0" for a in v4[-1:]))
    told = "www.internal (uid 0): of its 8193 addresses only the first 8192 are used"
    wait_until(lambda: told in daemon.log(), what="a word of what is left out")

    def left_out():
        return {line["interface"]: {a for a in line["withheld"] if "limit" in a}
                for line in read_list() if line["name"] == "www.internal"}

    wait_equal(left_out, {"eth0": set(), "eth1": {"+1(limit)"}})
    app.ip(*(f"addr del {a} dev eth0" for a in v4[-1:]))
    wait_equal(left_out, {"eth0": set(), "eth1": set()})
    again.close()
    client.close()
    daemon.leave_unchecked("internal")  # a name without all of its addresses


def test_tinydns_answers_the_most_that_is_published(t):
    """For the largest RRset of each kind, its answer is complete and not truncated."""
    _, server = start(t, WILD, reverse("10.0.0.0/8", "10.in-addr.arpa"))
    app = t.namespace("app").dummy("eth0", *(f"{a}/64" for a in many(40)),
                                   *(f"10.0.0.{i}/8" for i in range(1, 41)))
    names = ["a", "b" * 63, ".".join(["c" * 63] * 3), "*.wild"]
    clients = [t.register(app, name, "eth0") for name in names]
    longest = ".".join(["d" * 63, "d" * 48, "wild.internal"])  # 128 octets on the wire
    for asked, count in (("a.internal", 17), (f"{names[1]}.internal", 15),
                         (f"{names[2]}.internal", 1),  # tinydns repeats most of the name in each record
                         (longest, 13), ("x.wild.internal", 13)):
        wait_until(lambda: len(ask(server, asked, AAAA).records) == count,
                   what=f"{count} addresses of {asked}")
        answer = ask(server, asked, AAAA)
        assert not answer.truncated and answer.size <= 512, (asked, answer.size)
        answer = ask(server, asked, A)
        assert answer.records and not answer.truncated, asked  # tinydns chooses 8 at random if there are more
    for client in clients:
        client.close()


# ---- who may register

def closed(name, publishers, **more):
    return Zone(name, "internal", "private", more={"publishers": publishers, **more})


def names(placed=True):
    """The names that have zones, or those without."""
    return sorted(line["name"] for line in read_list()
                  if (line["reason"] != "no-zone") == placed)


def test_only_publishers_may_register(t):
    start(t, closed("internal", "64101 root @64150"), Zone("host.example", "internal", "private"))
    app = t.app()

    def reply(uid, line):
        client = Client(app, uid=uid)
        try:
            return client.ask(line)
        finally:
            client.close()

    both = "ok www.host.example www.internal"
    assert reply(64101, "www eth0") == both
    assert reply(64150, "www eth0") == both, "by its primary group"
    assert t.client(app).ask("www eth0") == both, "uid 0"
    wait_equal(names, [])
    assert reply(64102, "www eth0") == "ok www.host.example"
    assert reply(64102, "www.host.example eth0") == "ok www.host.example"
    for name in ("www.internal", "internal."):
        assert reply(64102, f"{name} eth0") == "error denied zone internal does not admit uid 64102"
    client = Client(app, uid=64102)
    assert client.ask("www.internal eth0").startswith("error denied ")
    assert client.ask("www eth0") == "ok www.host.example", "the connection stays open"
    client.close()


def test_nobody_may_register_where_publishers_is_empty(t):
    start(t, closed("internal", "64101"), closed("host.example", "@64150"))
    client = Client(t.host, uid=64102)
    reply = client.ask("www lo")
    assert reply == ("error denied zone host.example does not admit uid 64102 "
                     "(zones that refuse it: 2)"), reply
    client.close()


def test_supplementary_groups_make_publishers(t):
    start(t, closed("internal", "@64150"))
    app = t.app()
    groups = [str(g) for g in range(65000, 65200)]
    Member(t, app, 64101, 64101, "", "a", "eth0").fails("denied")
    Member(t, app, 64101, 64101, "64149,64151", "a", "eth0").fails("denied")
    held = [Member(t, app, 64101, 64101, "64149,64150,64151", "b", "eth0"),
            Member(t, app, 64101, 64150, "", "c", "eth0"),
            Member(t, app, 64101, 64101, ",".join([*groups, "64150"]), "d", "eth0")]
    wait_equal(names, ["b.internal", "c.internal", "d.internal"])
    for member in held:
        member.process.kill()


def test_publishers_hold_their_names_over_a_restart(t):
    """The groups of the kept sockets count."""
    daemon, keeper = t.kept(zones=(closed("internal", "64101 @64150"), PUBLIC))
    app = t.app()
    one = Client(app, uid=64101).register("one.internal", "eth0")
    group = Member(t, app, 64102, 64102, "64150", "two.internal", "eth0")
    stranger = Client(app, uid=64103).register("three", "eth0")
    held = ["one.internal", "three.host.example", "two.internal"]
    wait_equal(names, held)
    daemon.kill()
    daemon.start()
    assert names() == held
    assert stranger.ask("four.internal eth0").startswith("error denied ")
    for client in (one, stranger):
        client.close()
    group.process.kill()
    wait_equal(names, [])
    daemon.stop()
    keeper.kill()


def test_publishers_may_change(t):
    """A SIGHUP admits and excludes users, who lose only the names in zones that exclude them."""
    zone = closed("internal", "64101 @64150")
    daemon, _ = start(t, zone, PUBLIC)
    app = t.app("192.168.1.1/24", "192.0.2.1/24")
    one = Client(app, uid=64101).register("one", "eth0")
    group = Member(t, app, 64102, 64102, "64150", "two", "eth0")
    other = Client(app, uid=64103).register("three", "eth0")
    everywhere = ["one.host.example", "one.internal", "three.host.example", "two.host.example",
                  "two.internal"]

    def after(publishers):
        zone.more["publishers"] = publishers
        daemon.write()
        daemon.hup()

    wait_equal(names, everywhere)
    after("64103")
    wait_equal(names, ["one.host.example", "three.host.example", "three.internal",
                       "two.host.example"])
    daemon.wait("one.internal")
    daemon.wait("three.internal", "192.168.1.1")
    after("64101 @64150")
    wait_equal(names, everywhere)
    assert one.ask("one eth0") == "ok one.host.example one.internal"
    assert other.ask("www.internal eth0").startswith("error denied ")
    daemon.zones.pop()  # a name whose last zone does not admit the user
    os.unlink(f"{ZONES}/host.example.zone")
    after("64101")
    wait_equal(names, ["one.internal"])
    assert names(placed=False) == ["three", "two"]
    wait_until(lambda: "does not admit uid 64103" in daemon.log(), what="a word in the log")
    assert other.ask("three eth0") == "error denied zone internal does not admit uid 64103"
    group.process.kill()
    one.close()
    other.close()


def test_an_unknown_group_admits_nobody_until_it_is_there(t):
    """LDAP may know it only after the boot: this is a warning, and all else is served."""
    daemon, _ = start(t, closed("admin", "@late-admins 64101", relative="no"), INTERNAL)
    app = t.app()
    warning = f"{ZONES}/admin.zone:8: publishers: @late-admins: is not a group of this system now"
    assert warning in daemon.log()
    done = daemon.run("-t")
    assert done.returncode == 0 and warning in done.stderr, done
    stranger, one = Client(app, uid=64102), Client(app, uid=64101)
    assert stranger.ask("x.admin eth0").startswith("error denied ")
    assert stranger.ask("x eth0") == "ok x.internal"
    assert one.ask("y.admin eth0") == "ok y.admin"
    daemon.hup()
    wait_until(lambda: daemon.log().count(warning) == 2, what="the warning again")
    assert one.ask("z.admin eth0") == "ok z.admin"
    for client in (one, stranger):
        client.close()


# ---- zones that change under live names

def test_zones_may_come_change_and_go(t):
    """No change of zones loses a registration."""
    internal = Zone("internal", "internal", "private", more={"wildcards": "yes"})
    daemon = t.daemon(zones=(internal,), databases={"internal": {}, "other": {}})
    server = t.tinydns(daemon, "internal")
    app = t.app("192.168.1.1/24", "fd00::1/64")
    clients = [t.register(app, n, "eth0") for n in ("www", "mail.internal", "*.app", "a.b.internal")]
    all_names = ["*.app.internal", "a.b.internal", "mail.internal", "www.internal"]
    wait_equal(lambda: sorted(daemon.shown("internal")), all_names)

    def after():
        daemon.write()
        daemon.hup()

    # rules and times
    internal.families, internal.more["ttl"] = "ipv4", "7"
    after()
    daemon.wait("www.internal", "192.168.1.1")
    wait_until(lambda: ask(server, "www.internal").records[0][2] == 7, what="the new ttl")
    # no wildcards any more: that name is in no zone, and comes back
    internal.more["wildcards"] = "no"
    after()
    wait_equal(lambda: sorted(daemon.shown("internal")), all_names[1:])
    internal.more["wildcards"] = "yes"
    after()
    wait_equal(lambda: sorted(daemon.shown("internal")), all_names)
    # a reverse zone beside it, and a zone below it that takes over a name
    daemon.zones += [reverse("192.168.0.0/16", "168.192.in-addr.arpa"),
                     Zone("b.internal", "internal", "private", relative=False)]
    after()
    wait_equal(lambda: server.pointers("192.168.1.1"), ["a.b.internal", "mail.internal",
                                                        "www.internal"])
    wait_until(lambda: "Zb.internal:" in open(f"{daemon.directory('internal')}/data").read(),
               what="the zone below")
    daemon.wait("a.b.internal", "192.168.1.1", "fd00::1")
    for zone in daemon.zones[1:]:
        os.unlink(f"{ZONES}/{zone.name}.zone")
    del daemon.zones[1:]
    # into another database
    internal.database, internal.families = "other", "ipv4 ipv6"
    after()
    wait_equal(lambda: sorted(daemon.shown("other")), all_names)
    wait_equal(lambda: daemon.shown("internal"), {})
    assert query(server.address, "www.internal", A, limit=0.5) is None, "that zone is not there"
    # all zones are removed, and come back
    os.unlink(f"{ZONES}/internal.zone")
    daemon.zones = [Zone("lan", "other", "private")]
    after()
    wait_equal(lambda: "www.lan" in daemon.shown("other"), True)
    assert "mail.internal.lan" in daemon.shown("other"), "in no zone any more, it is relative"
    os.unlink(f"{ZONES}/lan.zone")
    daemon.zones = [internal]
    internal.database = "internal"
    after()
    wait_equal(lambda: sorted(daemon.shown("internal")), all_names)
    wait_equal(lambda: server.ask("x.app.internal"), {"192.168.1.1", "fd00::1"})
    for client in clients:
        client.close()
    wait_equal(lambda: daemon.shown("internal"), {})
    daemon.leave_unchecked()  # its zones were not always the same


def test_every_mistake_of_the_keys_is_told(t):
    """A SIGHUP and -t report every mistake; the former configuration stays as a whole."""
    daemon, server = start(t, Zone("internal", "internal", "private"))
    app = t.app()
    client = t.register(app, "www", "eth0")
    wait_equal(lambda: server.ask("www.internal"), {"192.168.1.1"})
    write_file(f"{ZONES}/internal.zone", "[zone]\nname = internal\ndatabase = internal\n"
                                         "gateway = 192.0.2.1/24 ff02::1\n"
                                         "publishers = 4294967295\nlinger-max = -1\n"
                                         "addresses = private\n")
    write_file(f"{ZONES}/bad.zone", "[zone]\nname = 10.64.0.0/9\ndatabase = internal\n")
    mistakes = [f"{ZONES}/internal.zone:4: gateway: 192.0.2.1/24", ":4: gateway: ff02::1",
                ":5: publishers: 4294967295",
                ":6: linger-max: -1", f"{ZONES}/bad.zone:2: name: 10.64.0.0/9", "10.0.0.0/9"]
    done = daemon.run("-t")
    assert done.returncode == 100 and all(m in done.stderr for m in mistakes), done.stderr
    daemon.hup()
    wait_until(lambda: all(m in daemon.log() for m in mistakes), what="every mistake in the log")
    assert client.ask("more eth0") == "ok more.internal"
    wait_equal(lambda: server.ask("more.internal"), {"192.168.1.1"})
    daemon.write()
    os.unlink(f"{ZONES}/bad.zone")
    assert daemon.run("-t").returncode == 0
    daemon.hup()
    app.ip("addr add 192.168.1.2/24 dev eth0")
    wait_equal(lambda: server.ask("www.internal"), {"192.168.1.1", "192.168.1.2"})
    client.close()
