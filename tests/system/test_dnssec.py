"""The public zone signed by Knot, configured by the files of docs/recipes, and asked through a validating
resolver."""
from kit import Zone, wait_equal, wait_until
from kit.neighbours import Axfrdns, Knot, Unbound, answers, recipe

ZONE = "host.example.net"
SIGNER = "192.0.2.54"


def start(t):
    far = t.namespace("far")
    t.host.ip("link add lan0 type veth peer name lan0 netns far", "link set lan0 up",
              "addr add 192.0.2.1/24 dev lan0")
    far.ip("link set lan0 up", f"addr add {SIGNER}/24 dev lan0")
    t.daemon(zones=(Zone(ZONE, "public", "global", more={
        "nameservers": "ns1.example.net", "wildcards": "yes", "negative-ttl": "1", "ttl": "1",
        "on-change": f"{recipe('notify-secondaries')} {SIGNER}"}),))
    Axfrdns(t)
    signer = Knot(t, far, SIGNER, "knot-signer.conf")
    wait_until(lambda: answers(t, SIGNER, ZONE, "DNSKEY", "+norecurse").values("DNSKEY"), 15,
               "the first signed version")
    return signer, t.app("198.51.100.2/24", "2001:db8:2::2/64")


def resolver(t, anchor):
    return Unbound(t, more=f"""    trust-anchor: "{anchor}"
stub-zone:
    name: "{ZONE}"
    stub-addr: {SIGNER}
""")


def test_signed_answers_validate(t):
    signer, app = start(t)
    anchor = next(l for l in signer.run("keymgr", ZONE, "ds").stdout.splitlines() if " 13 2 " in l)
    server = resolver(t, anchor)

    def ask(name):
        found = answers(t, server.address, f"{name}.{ZONE}", "AAAA")
        return found.status, found.values("AAAA"), "ad" in found.flags
    wait_equal(lambda: ask("www"), ("NXDOMAIN", set(), True), 10)
    clients = [t.register(app, name, "eth0", "wait=60") for name in ("www", "*.all", "a.b")]
    wait_equal(lambda: ask("www"), ("NOERROR", {"2001:db8:2::2"}, True), 15)
    wait_equal(lambda: ask("x.all"), ("NOERROR", {"2001:db8:2::2"}, True), 15)
    wait_equal(lambda: ask("b"), ("NOERROR", set(), True), 15)
    app.ip("addr add 2001:db8:3::3/64 dev eth0 nodad", "addr del 2001:db8:2::2/64 dev eth0")
    wait_equal(lambda: ask("www"), ("NOERROR", {"2001:db8:3::3"}, True), 15)
    for client in clients:
        client.close()
    wait_equal(lambda: ask("www"), ("NXDOMAIN", set(), True), 15)


def test_a_wrong_anchor_refuses_the_answers(t):
    """With the DS of another key, the resolver refuses the answers; so it does validate."""
    _, app = start(t)
    server = resolver(t, f"{ZONE}. DS 1 13 2 {'00' * 32}")
    client = t.register(app, "www", "eth0", "wait=60")
    assert answers(t, server.address, f"www.{ZONE}", "AAAA").status == "SERVFAIL"
    client.close()
