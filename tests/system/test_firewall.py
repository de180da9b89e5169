"""An nftables set of the current prefixes, configured by the files of docs/recipes, and packets that pass
it."""
import json
import socket

from kit import Zone, wait_equal, wait_until
from kit.neighbours import recipe


def elements(t):
    """The prefixes in the packet filter's set."""
    listed = json.loads(t.run(["nft", "-j", "list", "set", "inet", "phonebook", "prefixes"]).stdout)
    one = next(e["set"] for e in listed["nftables"] if "set" in e)
    return {f"{e['prefix']['addr']}/{e['prefix']['len']}" for e in one.get("elem", [])}


def start(t, rules=True):
    """The host is a router: wan0 leads to the Internet, lan0 to an application with a web server."""
    world, app = t.namespace("world"), t.namespace("app")
    t.host.sysctl("ipv6/conf/all/forwarding", 1)
    for link, namespace, host, other in (("wan0", world, "2001:db8:f::1", "2001:db8:f::2"),
                                         ("lan0", app, "2001:db8:1::1", "2001:db8:1::5")):
        t.host.ip(f"link add {link} type veth peer name eth0 netns {namespace.name}",
                  f"link set {link} up", f"addr add {host}/64 dev {link} nodad")
        namespace.ip("link set eth0 up", f"addr add {other}/64 dev eth0 nodad",
                     f"route add default via {host}")
    if rules:
        t.run(["nft", "-f", recipe("nftables.conf")])
    daemon = t.daemon(zones=(Zone("box", "public", "global", more={
        "on-change": f"{recipe('nft-prefixes')} inet phonebook prefixes"}),),
        settings={"programs-with-net-admin": recipe("nft-prefixes")})
    t.spawn([*app.prefix, "socat", "TCP6-LISTEN:80,fork,reuseaddr", "SYSTEM:true"])
    return daemon, world, app


def reaches(world, address):
    """Is there an answer from the web server, port 80?"""
    with world.socket(socket.AF_INET6) as one:
        one.settimeout(0.5)
        try:
            one.connect((address, 80))
            return True
        except OSError:
            return False


def test_the_set_follows_the_prefixes(t):
    daemon, world, app = start(t)
    assert elements(t) == set() and not reaches(world, "2001:db8:1::5")
    client = t.register(app, "www", "eth0", "wait=60")
    wait_equal(lambda: elements(t), {"2001:db8:1::/64"}, 10)
    wait_until(lambda: reaches(world, "2001:db8:1::5"), 10, "a packet comes through")
    # the provider delegates another prefix; the machine still has the old address
    t.host.ip("addr add 2001:db8:2::1/64 dev lan0 nodad")
    app.ip("addr add 2001:db8:2::5/64 dev eth0 nodad", "addr del 2001:db8:1::5/64 dev eth0",
           "addr add 2001:db8:1::5/128 dev lo")
    wait_equal(lambda: elements(t), {"2001:db8:2::/64"}, 10)
    wait_until(lambda: reaches(world, "2001:db8:2::5"), 10, "the new prefix is open")
    t.host.ip("route add 2001:db8:1::5/128 via 2001:db8:2::5")
    assert not reaches(world, "2001:db8:1::5")
    client.close()
    wait_equal(lambda: elements(t), set(), 10)
    wait_until(lambda: not reaches(world, "2001:db8:2::5"), 10, "and closed")
    assert "nft-prefixes" not in daemon.log()


def test_a_missing_set_is_told(t):
    daemon, _, _ = start(t, rules=False)
    daemon.process.wait_output("nft-prefixes: inet phonebook prefixes stays as it was")
    daemon.process.wait_output("exited with 1; again in")
