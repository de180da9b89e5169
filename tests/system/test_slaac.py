"""Addresses that a router announces: new prefixes and refreshed lifetimes."""
from kit import INTERNAL, PUBLIC, wait_until
from kit.router import Radvd, advertise


def start(t, verbose=True):
    daemon = t.daemon(zones=(INTERNAL, PUBLIC), verbose=verbose)
    app, router = t.namespace("app"), t.namespace("router")
    app.ip("link add eth0 type veth peer name eth1 netns router", "link set eth0 up")
    router.ip("link set eth1 up", "addr add 192.0.2.9/24 dev eth1")
    app.client = t.register(app, "www", "eth0")
    return daemon, app, router


def within(daemon, prefix):
    shown = daemon.addresses("www.host.example")
    return len(shown) == 1 and next(iter(shown)).startswith(prefix)


def test_names_follow_the_prefix_of_radvd(t):
    """The provider renumbers: the old prefix goes and the new one comes in one build or two, and the name
    always has an address."""
    daemon, app, router = start(t)
    radvd = Radvd(t, router, "eth1")
    radvd.announce([("2001:db8:1::", 3600)])
    wait_until(lambda: within(daemon, "2001:db8:1:"), 15, "the first prefix")
    builds = daemon.builds["public"]
    before = builds.count()
    radvd.announce([("2001:db8:1::", 0), ("2001:db8:2::", 3600)])
    wait_until(lambda: within(daemon, "2001:db8:2:"), 15, "the second prefix alone")
    daemon.agree(("www", app, "eth0"))
    assert 1 <= builds.count() - before <= 2, f"{builds.count() - before} builds"
    assert all(b"www" in build.data for build in builds.seen(before))


def test_a_refresh_causes_no_build_and_no_line(t):
    """Each repeated announcement of a router is an event without a change."""
    daemon, app, router = start(t, verbose=False)
    prefixes = [("2001:db8:1::", 3600, 1800)]
    advertise(router, "eth1", prefixes)
    wait_until(lambda: within(daemon, "2001:db8:1:"), what="the prefix")
    daemon.agree(("www", app, "eth0"))
    builds, log = daemon.builds["public"].count(), daemon.log()
    for lifetime in range(30):
        advertise(router, "eth1", [("2001:db8:1::", 3700 + lifetime, 1800 + lifetime)])
    wait_until(lambda: any(i.get("valid_life_time", 0) > 3710 for link in app.addresses()
                           for i in link["addr_info"] if link["ifname"] == "eth0"
                           and i["valid_life_time"] < 10000), what="the refresh arrives")
    app.ip("addr add 192.0.2.1/24 dev eth0")  # only this change causes a build
    wait_until(lambda: "192.0.2.1" in daemon.addresses("www.host.example"), what="a real change")
    assert daemon.builds["public"].count() == builds + 1
    assert daemon.log() == log


def test_a_prefix_may_be_withdrawn_and_announced_again(t):
    daemon, app, router = start(t)
    advertise(router, "eth1", [("2001:db8:1::", 3600, 1800), ("2001:db8:2::", 3600, 1800)])
    wait_until(lambda: len(daemon.addresses("www.host.example")) == 2, what="two prefixes")
    advertise(router, "eth1", [("2001:db8:1::", 3600, 0)])
    wait_until(lambda: within(daemon, "2001:db8:2:"), what="the first is deprecated")
    advertise(router, "eth1", [("2001:db8:1::", 3600, 1800)])
    wait_until(lambda: len(daemon.addresses("www.host.example")) == 2, what="the first is back")
    daemon.agree(("www", app, "eth0"))
