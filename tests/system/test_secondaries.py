"""A name is published, and secondary servers configured by the files of docs/recipes answer for it."""
import os

from kit import Zone, wait_equal, wait_until
from kit.neighbours import Axfrdns, Knot, Named, Nsd, PowerDns, answers, recipe

ZONE = "host.example.net"
SECONDARIES = ("192.0.2.53", "192.0.2.54")


def serve_by_tinydns(t, daemon):
    t.tinydns(daemon, "public", "192.0.2.1")
    Axfrdns(t)


def serve_by_powerdns(t, _):
    t.host.ip("addr add 2001:db8:1::1/64 dev lan0 nodad")
    wait_until(lambda: os.path.exists("/run/phonebook/public/data.cdb"), what="the first build")
    PowerDns(t)


def start(t, *notified, serve=serve_by_tinydns, **more):
    """phonebookd and its servers on the host at 192.0.2.1; a namespace for the secondaries, and one for an
    application."""
    far = t.namespace("far")
    t.host.ip("link add lan0 type veth peer name lan0 netns far", "link set lan0 up",
              "addr add 192.0.2.1/24 dev lan0")
    far.ip("link set lan0 up", *(f"addr add {a}/24 dev lan0" for a in SECONDARIES))
    program = " ".join([recipe("notify-secondaries"), *notified])
    zone = Zone(ZONE, "public", "global", more={
        "nameservers": f"ns.{ZONE} ns.example.org", "on-change": program, "wildcards": "yes", **more})
    daemon = t.daemon(zones=(zone,))
    serve(t, daemon)
    app = t.app("198.51.100.2/24", "2001:db8:2::2/64")
    return daemon, far, app


def ask(t, server, name, kind="AAAA"):
    """Asks from the secondary's namespace, in which its address is reachable."""
    return answers(t, server.address, name, kind, "+norecurse")


def follows(t, server, app):
    """Names come, move and go; NOTIFY tells the secondary each time, since its refresh takes a minute."""
    def addresses(name):
        found = ask(t, server, name)
        return found.status, found.values("AAAA")
    wait_until(lambda: ask(t, server, ZONE, "SOA").values("SOA"), 15, "the first transfer")
    client = t.register(app, "www", "eth0", "wait=60")
    wait_equal(lambda: addresses(f"www.{ZONE}"), ("NOERROR", {"2001:db8:2::2"}), 15)
    assert "aa" in ask(t, server, f"www.{ZONE}").flags
    app.ip("addr add 2001:db8:3::3/64 dev eth0 nodad", "addr del 2001:db8:2::2/64 dev eth0")
    wait_equal(lambda: addresses(f"www.{ZONE}"), ("NOERROR", {"2001:db8:3::3"}), 15)
    deep = [t.register(app, "a.b", "eth0", "wait=60"), t.register(app, "*.all", "eth0", "wait=60")]
    wait_equal(lambda: addresses(f"a.b.{ZONE}"), ("NOERROR", {"2001:db8:3::3"}), 15)
    wait_equal(lambda: addresses(f"x.all.{ZONE}"), ("NOERROR", {"2001:db8:3::3"}), 15)
    assert addresses(f"b.{ZONE}") == ("NOERROR", set())  # no records, but a name below
    for one in (client, *deep):
        one.close()
    wait_equal(lambda: addresses(f"www.{ZONE}"), ("NXDOMAIN", set()), 15)
    wait_equal(lambda: addresses(f"x.all.{ZONE}"), ("NXDOMAIN", set()), 15)


def test_nsd_follows(t):
    _, far, app = start(t, "192.0.2.53")
    follows(t, Nsd(t, far, "192.0.2.53", "nsd.conf"), app)


def test_knot_follows(t):
    _, far, app = start(t, "192.0.2.54")
    follows(t, Knot(t, far, "192.0.2.54", "knot-secondary.conf"), app)


def test_bind_behind_powerdns_follows(t):
    _, far, app = start(t, "192.0.2.53", serve=serve_by_powerdns)
    follows(t, Named(t, far, "192.0.2.53", "named-secondary.conf"), app)


def test_powerdns_serves_in_place_of_tinydns(t):
    """IPv4, IPv6, TCP and EDNS; a new name is found at once, even after a negative answer."""
    _, far, app = start(t, serve=serve_by_powerdns)
    far.ip("addr add 2001:db8:1::53/64 dev lan0 nodad")

    def ask_it(name, *options, server="192.0.2.1"):
        return t.run([*far.prefix, "dig", f"@{server}", "+tries=1", "+time=5", *options,
                      f"{name}.{ZONE}", "AAAA"], check=False).stdout
    assert "status: NXDOMAIN" in ask_it("www")
    client = t.register(app, "www", "eth0", "wait=60")
    for options in ((), ("+tcp",), ("+bufsize=1232",)):
        for server in ("192.0.2.1", "2001:db8:1::1"):
            text = ask_it("www", *options, server=server)
            assert "2001:db8:2::2" in text and "flags: qr aa" in text, text
    assert "EDNS: version: 0" in ask_it("www", "+edns")
    client.close()
    wait_until(lambda: "status: NXDOMAIN" in ask_it("www"), what="the name is gone")
    far.ip("addr add 192.0.2.99/24 dev lan0")
    refused = t.run([*far.prefix, "dig", "@192.0.2.1", "-b", "192.0.2.99", ZONE, "AXFR"], check=False)
    assert "Transfer failed" in refused.stdout, refused


def test_a_secondary_that_is_away_is_told(t):
    """The other secondary is told at once, and the log says which one does not answer."""
    daemon, far, app = start(t, "192.0.2.54", "192.0.2.53")
    server = Knot(t, far, "192.0.2.54", "knot-secondary.conf")
    wait_until(lambda: ask(t, server, ZONE, "SOA").values("SOA"), 15, "the first transfer")
    client = t.register(app, "www", "eth0", "wait=60")
    wait_equal(lambda: ask(t, server, f"www.{ZONE}").values("AAAA"), {"2001:db8:2::2"}, 15)
    wait_until(lambda: "192.0.2.53 does not answer" in daemon.log(), 40, "the log")
    client.close()


def test_others_get_no_transfer(t):
    _, far, app = start(t)
    client = t.register(app, "www", "eth0", "wait=60")
    far.ip("addr add 192.0.2.99/24 dev lan0")

    def transfer(source, zone=ZONE):
        done = t.run([*far.prefix, "dig", "@192.0.2.1", "-b", source, "+tries=1", "+time=3", zone,
                      "AXFR"], check=False)
        return [l for l in done.stdout.splitlines() if l.startswith(f"www.{ZONE}.")]
    wait_until(lambda: len(transfer("192.0.2.53")) == 2, what="a transfer")
    assert transfer("192.0.2.99") == []
    done = t.run([*far.prefix, "dig", "@192.0.2.1", "-b", "192.0.2.99", "+tcp", "+short",
                  f"www.{ZONE}", "AAAA"])
    assert done.stdout.split() == ["2001:db8:2::2"]
    client.close()
