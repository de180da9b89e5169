"""Which addresses a name shows: each rule of phonebook.zone(5) against the kernel's own flags."""
import time

from kit import INTERNAL, PUBLIC, Zone, known, read_list, wait_until

ALL = Zone("all", "all", "global private")


def start(t, *zones):
    """A daemon, and a client that holds www on eth0, one end of a veth; the other, eth1, is in `other`."""
    daemon = t.daemon(zones=zones or (ALL,))
    app, other = t.namespace("app"), t.namespace("other")
    app.ip("link add eth0 type veth peer name eth1 netns other", "link set eth0 up")
    other.ip("link set eth1 up")
    app.client = t.register(app, "www", "eth0")
    return daemon, app, other


def withheld(daemon):
    return set().union(*(line["withheld"] for line in read_list(f"{daemon.runtime}/list")))


def flagged(namespace, flag):
    return [i["local"] for link in namespace.addresses() for i in link["addr_info"] if i.get(flag)]


def test_an_address_is_published_when_its_detection_is_done(t):
    daemon, app, _ = start(t)
    app.ip("addr add 2001:db8::1/64 dev eth0")
    if "2001:db8::1" in flagged(app, "tentative"):
        assert daemon.addresses("www.all") == set()
    daemon.wait("www.all", "2001:db8::1")
    assert "2001:db8::1" not in flagged(app, "tentative")
    for build in daemon.builds["all"].seen():
        assert b"www" not in build.data or build is daemon.builds["all"].builds[-1]


def test_an_address_that_clashes_is_never_published(t):
    """The other end has the same address, so the kernel keeps ours with IFA_F_DADFAILED."""
    daemon, app, other = start(t)
    other.ip("addr add 2001:db8::1/64 dev eth1 nodad")
    app.ip("addr add 2001:db8::1/64 dev eth0", "addr add 2001:db8::2/64 dev eth0")
    wait_until(lambda: "2001:db8::1" in flagged(app, "dadfailed"), what="the clash")
    daemon.wait("www.all", "2001:db8::2")
    daemon.agree(("www", app, "eth0"))
    wait_until(lambda: "2001:db8::1(duplicate)" in withheld(daemon), what="the reason")
    assert all(b"\\000\\000\\001:" not in b.data for b in daemon.builds["all"].seen())


def test_an_optimistic_address_is_published_when_its_detection_is_done(t):
    daemon, app, _ = start(t)
    app.sysctl("ipv6/conf/eth0/optimistic_dad", 1)
    app.ip("addr add 2001:db8::1/64 dev eth0 optimistic")
    daemon.wait("www.all", "2001:db8::1")
    daemon.agree(("www", app, "eth0"))


def test_a_deprecated_address_shows_only_while_there_is_no_other(t):
    daemon, app, _ = start(t)
    app.ip("addr add 2001:db8::1/64 dev eth0 nodad preferred_lft 0",
           "addr add 192.0.2.1/24 dev eth0 preferred_lft 0")
    daemon.wait("www.all", "2001:db8::1", "192.0.2.1")
    app.ip("addr add 2001:db8::2/64 dev eth0 nodad")
    daemon.wait("www.all", "2001:db8::2", "192.0.2.1")  # one of each family
    wait_until(lambda: withheld(daemon) == {"2001:db8::1(deprecated)"} | link_local(app),
               what="the reasons")
    app.ip("addr del 2001:db8::2/64 dev eth0")
    daemon.wait("www.all", "2001:db8::1", "192.0.2.1")


def link_local(namespace):
    return {f"{i['local']}({'tentative' if i.get('tentative') else 'scope'})"
            for link in namespace.addresses() if link["ifname"] == "eth0"
            for i in link["addr_info"] if i["local"].startswith("fe80")}


def test_an_address_that_becomes_deprecated_leaves_by_itself(t):
    daemon, app, _ = start(t)
    app.ip("addr add 2001:db8::2/64 dev eth0 nodad",
           "addr add 2001:db8::1/64 dev eth0 nodad preferred_lft 2 valid_lft 5")
    daemon.wait("www.all", "2001:db8::1", "2001:db8::2")
    daemon.wait("www.all", "2001:db8::2")
    wait_until(lambda: "2001:db8::1" in flagged(app, "deprecated"), what="the flag, a bit late")
    app.ip("addr del 2001:db8::2/64 dev eth0")
    daemon.wait("www.all", "2001:db8::1")
    daemon.wait("www.all", limit=8)  # and leaves when it is no longer valid


def test_a_deprecated_address_gives_way_only_to_what_the_zone_shows(t):
    """A new address that the zone refuses does not replace a deprecated address that it shows."""
    daemon, app, _ = start(t, INTERNAL, PUBLIC)
    app.ip("addr add fd00::1/64 dev eth0 nodad preferred_lft 0",
           "addr add 2001:db8::1/64 dev eth0 nodad")
    daemon.wait("www.internal", "fd00::1")
    daemon.wait("www.host.example", "2001:db8::1")


def test_a_deprecated_address_gives_way_to_those_of_all_holders(t):
    daemon, app, other = start(t)
    app.ip("addr add 2001:db8::1/64 dev eth0 nodad preferred_lft 0")
    daemon.wait("www.all", "2001:db8::1")
    other.ip("addr add 2001:db8::2/64 dev eth1 nodad")
    client = t.register(other, "www", "eth1")
    daemon.wait("www.all", "2001:db8::2")
    client.close()
    daemon.wait("www.all", "2001:db8::1")


def temporary_address(t, app, other):
    """Makes the kernel generate a temporary address (RFC 8981), by a router advertisement."""
    from kit.router import advertise
    app.sysctl("ipv6/conf/eth0/use_tempaddr", 2)
    advertise(other, "eth1", [("2001:db8:1::", 3600, 3600)])
    wait_until(lambda: [a for a in flagged(app, "temporary") if a not in flagged(app, "tentative")],
               what="a temporary address")
    return flagged(app, "temporary")


def test_a_temporary_address_is_not_published(t):
    daemon, app, other = start(t)
    temporary = temporary_address(t, app, other)
    shown = wait_until(lambda: daemon.addresses("www.all"), what="the address that is not temporary")
    assert len(shown) == 1 and not shown & set(temporary), shown
    daemon.agree(("www", app, "eth0"))
    wait_until(lambda: {f"{a}(temporary)" for a in temporary} <= withheld(daemon), what="the reason")


def test_a_temporary_address_is_published_where_the_zone_says_so(t):
    daemon, app, other = start(t, Zone("all", "all", "global private", temporary=True))
    temporary = temporary_address(t, app, other)
    wait_until(lambda: set(temporary) < daemon.addresses("www.all"), what="both kinds")
    daemon.agree(("www", app, "eth0"))


def test_a_secondary_ipv4_address_is_not_temporary(t):
    """IFA_F_SECONDARY (IPv4) and IFA_F_TEMPORARY (IPv6) are the same bit."""
    daemon, app, _ = start(t)
    app.ip("addr add 192.0.2.1/24 dev eth0", "addr add 192.0.2.2/24 dev eth0")
    assert "192.0.2.2" in flagged(app, "secondary")
    daemon.wait("www.all", "192.0.2.1", "192.0.2.2")


def test_flags_above_eight_bits_are_read(t):
    daemon, app, _ = start(t)
    app.ip("addr add 2001:db8::1/64 dev eth0 nodad noprefixroute mngtmpaddr",
           "addr add 192.0.2.1/24 dev eth0 noprefixroute")
    daemon.wait("www.all", "2001:db8::1", "192.0.2.1")


def test_secondaries_follow_their_primary_unless_they_are_promoted(t):
    daemon, app, _ = start(t)
    for promote in (0, 1):
        app.sysctl("ipv4/conf/eth0/promote_secondaries", promote)
        app.ip("addr add 192.0.2.1/24 dev eth0", "addr add 192.0.2.2/24 dev eth0",
               "addr add 192.0.2.3/24 dev eth0")
        daemon.wait("www.all", "192.0.2.1", "192.0.2.2", "192.0.2.3")
        app.ip("addr del 192.0.2.1/24 dev eth0")
        daemon.agree(("www", app, "eth0"))
        daemon.wait("www.all", *(["192.0.2.2", "192.0.2.3"] if promote else []))


def test_link_local_and_loopback_show_only_where_they_are_named(t):
    daemon, app, _ = start(t, Zone("all", "all", "global private"),
                           Zone("near", "near", "link-local"), Zone("self", "self", "loopback"),
                           Zone("other", "other", "169.254.7.0/24 127.0.0.0/8"))
    app.ip("addr add 169.254.7.7/16 dev eth0", "addr add 169.254.8.8/16 dev eth0",
           "addr add 127.0.0.7/8 dev lo")
    client = t.register(app, "local", "lo")
    daemon.agree(("www", app, "eth0"), ("local", app, "lo"))
    wait_until(lambda: len(daemon.addresses("www.near")) == 3, what="fe80:: after detection")
    assert daemon.addresses("local.self") == {"127.0.0.1", "127.0.0.7", "::1"}
    assert daemon.addresses("www.other") == {"169.254.7.7"}
    assert daemon.addresses("www.all") == set() == daemon.addresses("local.all")
    wait_until(lambda: {"127.0.0.1(scope)", "::1(scope)"} <= withheld(daemon), what="the reasons")
    client.close()


def test_a_multicast_address_is_never_published(t):
    daemon, app, _ = start(t, Zone("all", "all", "0.0.0.0/0 ::/0"))
    app.ip("addr add 192.0.2.1/24 dev eth0")
    app.try_ip("addr add ff02::1234/64 dev eth0 autojoin")
    app.try_ip("addr add 239.1.2.3/32 dev eth0 autojoin")
    app.try_ip("addr add 0.0.0.0/8 dev eth0")
    daemon.agree(("www", app, "eth0"))
    assert not any(a.startswith(("ff", "239.", "0.")) for a in daemon.addresses("www.all"))


def test_a_point_to_point_link_shows_its_local_address(t):
    daemon, app, _ = start(t)
    app.ip("addr add 192.0.2.1 peer 192.0.2.99/32 dev eth0",
           "addr add 2001:db8::1 peer 2001:db8::99/128 dev eth0 nodad")
    daemon.wait("www.all", "192.0.2.1", "2001:db8::1")


def test_the_first_rule_that_matches_an_address_decides(t):
    """Rules with prefixes, masks, refusals and families."""
    zones = (Zone("prefix", "a", "2001:db8:1::/48 10.1.0.0/16"),
             Zone("mask", "a", "2000:0:0:1::/e000:0:0:ff::"),
             Zone("but", "b", "!192.168.6.0/24 private !global"),
             Zone("order", "b", "192.168.6.1/32 !192.168.6.0/24 private"),
             Zone("six", "c", "global private", families="ipv6"),
             Zone("four", "c", "global private", families="ipv4"))
    daemon, app, _ = start(t, *zones)
    addresses = ["2001:db8:1::1/64", "2001:db8:2::1/64", "2001:db8:9:1::1/64", "10.1.2.3/24",
                 "10.2.2.3/24", "192.168.6.1/24", "192.168.6.2/24", "198.51.100.1/24",
                 "fd00::1/64", "100.64.1.1/24", "172.31.0.1/24", "172.32.0.1/24"]
    app.ip(*(app.add("eth0", a) for a in addresses))
    daemon.agree(("www", app, "eth0"))
    assert daemon.addresses("www.prefix") == {"2001:db8:1::1", "10.1.2.3"}
    assert daemon.addresses("www.mask") == {"2001:db8:9:1::1"}
    assert "192.168.6.1" not in daemon.addresses("www.but")
    assert "192.168.6.1" in daemon.addresses("www.order")
    wait_until(lambda: {"2001:db8:2::1(zone-rule)", "10.1.2.3(family)"} <= withheld(daemon),
               what="the reasons")


def test_a_link_that_is_down_shows_nothing_until_it_is_up(t):
    """The kernel keeps the IPv4 addresses of a link that is down, and sends no events for them."""
    daemon, app, other = start(t)
    for keep in (0, 1):
        app.sysctl("ipv6/conf/eth0/keep_addr_on_down", keep)
        app.ip("addr replace 192.0.2.1/24 dev eth0", "addr replace 2001:db8::1/64 dev eth0 nodad")
        daemon.wait("www.all", "192.0.2.1", "2001:db8::1")
        app.ip("link set eth0 down")
        daemon.wait("www.all")
        app.ip("link set eth0 up")
        daemon.wait("www.all", "192.0.2.1", *["2001:db8::1"] * keep)
        daemon.agree(("www", app, "eth0"))


def test_a_link_without_a_carrier_shows_its_addresses(t):
    daemon, app, other = start(t)
    app.ip("addr add 192.0.2.1/24 dev eth0", "addr add 2001:db8::1/64 dev eth0 nodad")
    daemon.wait("www.all", "192.0.2.1", "2001:db8::1")
    builds = daemon.builds["all"].count()
    other.ip("link set eth1 down")
    wait_until(lambda: any("NO-CARRIER" in l["flags"] for l in app.addresses()), what="no carrier")
    other.ip("link set eth1 up")
    app.ip("addr add 192.0.2.2/24 dev eth0")
    daemon.wait("www.all", "192.0.2.1", "2001:db8::1", "192.0.2.2")
    assert daemon.builds["all"].count() == builds + 1, "a build for a cable"


def test_addresses_leave_when_ipv6_is_switched_off(t):
    daemon, app, _ = start(t)
    app.ip("addr add 2001:db8::1/64 dev eth0 nodad", "addr add 192.0.2.1/24 dev eth0")
    daemon.wait("www.all", "192.0.2.1", "2001:db8::1")
    app.sysctl("ipv6/conf/eth0/disable_ipv6", 1)
    daemon.wait("www.all", "192.0.2.1")
    app.sysctl("ipv6/conf/eth0/disable_ipv6", 0)
    app.ip("addr add 2001:db8::1/64 dev eth0 nodad")
    daemon.wait("www.all", "192.0.2.1", "2001:db8::1")
    app.ip("link set eth0 mtu 1200")  # below IPv6's minimum
    daemon.wait("www.all", "192.0.2.1")


def test_one_address_of_two_holders_is_one_record(t):
    daemon, app, other = start(t)
    app.ip("addr add 192.0.2.1/24 dev eth0")
    other.ip("addr add 192.0.2.1/24 dev eth1")
    second = t.register(other, "www", "eth1")
    daemon.wait("www.all", "192.0.2.1")
    daemon.builds["all"].wait(1)
    assert daemon.builds["all"].seen()[-1].data.count(b"+www.all:") == 1
    app.client.close()
    daemon.wait("www.all", "192.0.2.1")
    second.close()
    daemon.wait("www.all")


def test_all_of_very_many_addresses_of_one_interface_show(t):
    """They fill more than one dump message, and more than one netlink buffer."""
    daemon = t.daemon(zones=(ALL,))
    app = t.namespace("app").dummy("eth0")
    app.ip(*(f"addr add 10.{n >> 8}.{n & 255}.1/32 dev eth0" for n in range(1, 1500)))
    client = t.register(app, "www", "eth0", "wait=10")
    every = {f"10.{n >> 8}.{n & 255}.1" for n in range(1, 1500)}
    wait_until(lambda: every <= known("www.all"), 10, "every address is followed")
    assert daemon.addresses("www.all") < every, "what fits a reply is published"
    app.ip("addr del 10.5.219.1/32 dev eth0")
    wait_until(lambda: "10.5.219.1" not in known("www.all"), 10, "the last one's end, too")
    client.close()


AWAY = (  # what other programs do to an address, or to its link, within milliseconds
    ("addr del 192.0.2.1/24 dev eth0", "addr add 192.0.2.1/24 dev eth0"),
    ("addr flush dev eth0", "addr add 192.0.2.1/24 dev eth0"),
    ("link set eth0 down", "link set eth0 up"),
    ("link set eth0 name x", "link set x name eth0"),
    ("link del eth0", "link add eth0 type veth peer name eth1 netns other", "link set eth0 up",
     "addr add 192.0.2.1/24 dev eth0"))


def test_an_address_that_is_away_for_a_moment_stays(t):
    """If a slow machine lets a moment take too long, that round is tried again."""
    daemon, app, _ = start(t)
    app.ip("addr add 192.0.2.1/24 dev eth0")
    daemon.wait("www.all", "192.0.2.1")

    def round_counts(step):
        time.sleep(1.1)  # so that the next change is looked at at once
        builds, began = len(daemon.builds["all"].seen()), time.monotonic()
        app.ip(*step)
        took = time.monotonic() - began
        time.sleep(0.5)
        if took > 0.2:
            daemon.wait("www.all", "192.0.2.1")
            return False
        assert len(daemon.builds["all"].seen()) == builds, (step, took)
        return True
    for step in AWAY:
        wait_until(lambda s=step: round_counts(s), what="a round that took a moment")
    gone = time.monotonic()
    app.ip("addr add 192.0.2.2/24 dev eth0", "addr del 192.0.2.1/24 dev eth0",
           "addr replace 192.0.2.2/24 dev eth0")
    daemon.wait("www.all", "192.0.2.2")
    lost = next(b for b in daemon.builds["all"].seen() if b.data and b"192.0.2.2" in b.data
                and b"192.0.2.1:" not in b.data)
    assert lost.when - gone >= 0.25, "a loss is looked at twice"
    app.client.close()
    daemon.wait("www.all")


# ---- waiting

def test_a_wait_lasts_until_detection_is_done(t):
    """As after a router advertisement: the private address is there, and detection of the global one still
    runs. A plain wait gets both; `wait-for` waits for one zone, or for an address in each."""
    daemon = t.daemon(zones=(Zone("internal", "internal", "private"), Zone("box", "public", "global")))
    app, other = t.namespace("app"), t.namespace("other")
    app.ip("link add eth0 type veth peer name eth1 netns other", "link set eth0 up",
           "addr add 192.168.1.1/24 dev eth0")
    other.ip("link set eth1 up")
    quick, slow, zone, every = (t.client(app) for _ in range(4))
    app.ip("addr add 2001:4860::1/64 dev eth0")
    slow.send("slow eth0 wait=20\n")
    zone.send("zone eth0 wait=20 wait-for=box\n")
    every.send("every eth0 wait=20 wait-for=all\n")
    assert quick.ask("quick eth0 wait=20 wait-for=INTERNAL.") == "live quick.box quick.internal"
    early = flagged(app, "tentative")
    for client, name in ((slow, "slow"), (zone, "zone"), (every, "every")):
        assert client.reply(20) == f"live {name}.box {name}.internal"
        assert daemon.addresses(f"{name}.box") == {"2001:4860::1"}, "it can be asked for"
    assert "2001:4860::1" in early, "too slow a machine to tell"
    app.ip("addr del 2001:4860::1/64 dev eth0")
    daemon.wait("every.box")
    assert quick.ask("quick eth0 wait=5") == "live quick.box quick.internal"
    reply = every.ask("every eth0 wait=1 wait-for=all")
    assert reply == "error timeout registered, but not live: every.box: zone-rule", reply
    reply = every.ask("x eth0 wait=1 wait-for=lan")
    assert reply == "error zone wait-for: x has no name in a zone lan", reply
    assert every.ask("x eth0 wait=1 wait-for=..").startswith("error zone wait-for: ")
    assert not any(line["name"].startswith("x.") for line in read_list()), "not registered either"
    for client in (quick, slow, zone, every):
        client.close()


def test_a_wait_for_a_detection_that_never_ends_times_out(t):
    """Without a carrier, detection does not begin."""
    t.daemon(zones=(ALL,))
    app = t.namespace("app")
    app.ip("link add eth0 type veth peer name eth1", "link set eth0 up",
           "addr add 192.0.2.1/24 dev eth0", "addr add 2001:db8::1/64 dev eth0")
    client = t.client(app)
    reply = client.ask("www eth0 wait=2")
    assert reply == "error timeout registered, but not live: www.all: tentative", reply
    app.ip("addr del 2001:db8::1/64 dev eth0")  # no name shows it, but a client waits for it
    client.send("www eth0 wait=20\n")
    assert client.reply(5) == "live www.all"
    client.close()


def test_a_family_that_is_asked_for_alone_shows_alone(t):
    """For a name server that answers over IPv4 only; the keeper stores the requested family too."""
    daemon, _ = t.kept(zones=(ALL,))
    app = t.app("192.0.2.1/24", "2001:db8::1/64")
    four = t.publish(app, "-4", "ns4", "eth0", "sleep", "infinity")
    six = t.register(app, "six", "eth0", "family=6")
    for restarted in (False, True):
        daemon.wait("ns4.all", "192.0.2.1")
        daemon.wait("six.all", "2001:db8::1")
        lines = {line["name"]: line for line in read_list()}
        assert "2001:db8::1(family)" in lines["ns4.all"]["withheld"], lines
        assert lines["six.all"]["withheld"] >= {"192.0.2.1(family)"}, lines
        if not restarted:
            daemon.kill()
            daemon.start()
    other = t.register(app, "six", "eth0", "family=4")  # another connection requests the other family
    daemon.wait("six.all", "192.0.2.1", "2001:db8::1")
    app.ip("addr del 192.0.2.1/24 dev eth0")
    reply = t.client(app).ask("four eth0 family=4 wait=1")
    assert reply.startswith("error timeout") and "four.all: family" in reply, reply
    assert four and six and other


def test_only_addresses_of_the_living_prefix_show(t):
    """Renumbering: hosts prefer the old address for hours, but the gateway has a new prefix at once."""
    public = Zone("box.example", "public", "global", more={"addresses": "global like gw"})
    daemon, _ = t.kept(zones=(INTERNAL, public))
    mux = t.namespace("mux").dummy("gw0", "2001:db8:0:1::1/64", "fd00::1/64")
    app = t.app("2001:db8:0:1::2/64", "192.0.2.2/24", "fd00::2/64",
                                   "fd01::2/64")
    www = t.register(app, "www", "eth0")
    daemon.wait("www.box.example", "2001:db8:0:1::2", "192.0.2.2")  # nobody has `gw` yet
    gw = t.publish(mux, "gw", "gw0", "sleep", "infinity")
    daemon.wait("gw.box.example", "2001:db8:0:1::1")
    mux.ip("addr add 2001:db8:0:2::1/64 dev gw0 nodad", "addr del 2001:db8:0:1::1/64 dev gw0")
    app.ip("addr add 2001:db8:0:2::2/64 dev eth0 nodad")
    daemon.wait("www.box.example", "2001:db8:0:2::2", "192.0.2.2")
    assert daemon.addresses("www.internal") == {"fd00::2", "fd01::2"}  # this zone has no `like`
    lines = [line for line in read_list() if line["name"] == "www.box.example"]
    assert "2001:db8:0:1::2(zone-rule)" in lines[0]["withheld"], lines
    daemon.kill()
    daemon.start()
    for build in daemon.builds["public"].seen()[-1:]:
        assert b"www" in build.data
    daemon.wait("www.box.example", "2001:db8:0:2::2", "192.0.2.2")
    gw.kill()
    daemon.wait("www.box.example", "2001:db8:0:1::2", "2001:db8:0:2::2", "192.0.2.2")
    assert www
    # and settings that are mistakes
    public.more["addresses"] = "like gw like other"
    daemon.write()
    done = daemon.run("-t")
    assert done.returncode == 100 and "box.example.zone" in done.stderr, done
    assert ": addresses: like: is given twice" in done.stderr, done
