"""Who may have a name: rules for names, names of the zone itself, and names below another user's. Each with
three users and a real phonebookd."""
import os
import re

from kit import PUBLIC, USER, Client, Zone, quiet_second, read_file, read_list, wait_equal, wait_until, write_file
from kit.member import Member

ALICE, BOB, CAROL, GROUP = 64101, 64102, 64103, 64150
ZONES = "/run/etc/zones"


def zone(name="internal", addresses="private", **more):
    return Zone(name, "internal", addresses, more=more)


def start(t, *zones):
    daemon = t.daemon(zones=zones)
    return daemon, t.app("192.168.1.1/24", "192.0.2.1/24")


def ask(app, uid, line):
    """The reply to a user, whose connection is closed afterwards."""
    client = Client(app, uid=uid)
    reply = client.ask(line)
    client.close()
    left = set(reply.split()[1:]) if reply.startswith("ok ") else set()
    wait_until(lambda: not left & {l["name"] for l in read_list() if l["uid"] == str(uid)},
               what=f"{line} is over")
    return reply


def holds(app, uid, name, *keys):
    return Client(app, uid=uid).register(name, "eth0", *keys)


def gone(name):
    wait_until(lambda: all(line["name"] != name for line in read_list()), what=f"{name} is gone")


def rules():
    return {line["name"]: line["rule"] for line in read_list()}


def line_of_key(name, key):
    """The number of the key's line in the zone's file."""
    with open(f"{ZONES}/{name}.zone", encoding="utf-8") as file:
        return next(n for n, line in enumerate(file, 1) if line.startswith(f"{key} ="))


# ---- rules for names

def test_reserved_names_are_for_their_owners_alone(t):
    """Rules for a user, a number and a group, for a name and all below it; they stay without holders."""
    names = f"www:{ALICE} mail:@{GROUP},{ALICE}\n  *.db:{BOB}\n  one.db:{CAROL}"
    daemon, app = start(t, zone(names=names, wildcards="yes"))
    line = line_of_key("internal", "names")
    www = holds(app, ALICE, "www")
    reserved = f"error denied www.internal is reserved for others than uid {{}} by " \
               f"{ZONES}/internal.zone:{line}"
    for uid in (BOB, CAROL, USER):
        assert ask(app, uid, "www eth0") == reserved.format(uid), uid
        assert ask(app, uid, "WWW.Internal. eth0") == reserved.format(uid), uid
    www.close()
    gone("www.internal")
    assert ask(app, BOB, "www eth0") == reserved.format(BOB), "free, but not for everybody"
    assert ask(app, BOB, "mail eth0").startswith("error denied ")
    member = Member(t, app, BOB, BOB, str(GROUP), "mail", "eth0")
    wait_equal(rules, {"mail.internal": f"{ZONES}/internal.zone:{line}"})
    member.process.kill()
    clients = [holds(app, BOB, n) for n in ("x.db", "a.b.db", "*.db", "*.c.db")]
    below = f"{ZONES}/internal.zone:{line + 1}"
    wait_equal(rules, {f"{n}.internal": below for n in ("x.db", "a.b.db", "*.db", "*.c.db")})
    for name in ("y.db", "*.db", "*.y.db", "x.db"):
        assert ask(app, CAROL, f"{name} eth0").startswith("error denied "), name
    clients.append(holds(app, CAROL, "db"))  # a name is not below itself
    clients.append(holds(app, CAROL, "one.db"))
    assert ask(app, BOB, "one.db eth0").endswith(f"/internal.zone:{line + 2}"), "the longest rule"
    clients.append(t.client(app).register("www", "eth0"))  # root
    wait_equal(lambda: rules()["one.db.internal"], f"{ZONES}/internal.zone:{line + 2}")
    assert rules()["db.internal"] == ""
    for client in clients:
        client.close()


def test_a_zone_that_says_no_is_skipped(t):
    daemon, app = start(t, zone(names=f"www:{ALICE}"), zone("lan"),
                        zone("closed", publishers=str(ALICE)))
    assert ask(app, BOB, "www eth0") == "ok www.lan"
    assert ask(app, ALICE, "www eth0") == "ok www.closed www.internal www.lan"
    daemon.zones[1].more["names"] = f"www:{CAROL}"
    daemon.write()
    daemon.hup()
    wait_until(lambda: ask(app, BOB, "www eth0").startswith("error denied "), what="no zone left")
    reply = ask(app, BOB, "www eth0")
    assert f"{ZONES}/internal.zone:" in reply and reply.endswith(" (zones that refuse it: 3)"), reply
    assert "does not admit" in ask(app, BOB, "www.closed eth0"), "publishers are asked first"


def test_unknown_users_get_nothing_and_nobody_else_does(t):
    daemon, app = start(t, zone(names="www:nobody-there,@nobody-there"))
    for word in ("nobody-there", "@nobody-there"):
        assert f"names: {word}: is not a " in daemon.log()
    assert daemon.run("-t").returncode == 0
    assert ask(app, BOB, "www eth0").startswith("error denied ")
    assert t.client(app).ask("www eth0") == "ok www.internal"


def test_rules_with_mistakes_are_told(t):
    """Each mistake with its line; two rules for the same name with both lines."""
    daemon = t.configured(zones=(zone(names=f"a..b:1\n  x:{ALICE}\n  y\n  X.internal.:{BOB}",
                                      subtrees="perhaps"),))
    line = line_of_key("internal", "names")
    done = daemon.run("-t")
    assert done.returncode == 100, done
    for number, text in ((line, "names: a..b: "), (line + 2, "names: y: is not NAME:WHO"),
                         (line + 3, f"names: x.internal: is given twice: line {line + 1} has it"),
                         (line + 4, "subtrees: perhaps: is neither closed nor open")):
        assert f"{ZONES}/internal.zone:{number}: {text}" in done.stderr, done.stderr


MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/phonebook.zone.5")


def test_the_zones_of_the_manual_are_accepted(t):
    """Each example in it is a correct zone file; the users in them do not exist here."""
    blocks = re.findall(r"^\.Bd -literal.*\n(\[zone\]\n[^.]*(?:\n?[^.\n].*)*)\n\.Ed", read_file(MANUAL), re.M)
    assert len(blocks) >= 8, len(blocks)
    daemon = t.configured(zones=(zone(), Zone("public", "public")))
    for number, block in enumerate(blocks):
        path = f"{ZONES}/example-{number}.zone"
        write_file(path, block.replace("%h", "host.example") + "\n")
        done = daemon.run("-t")
        os.unlink(path)
        assert done.returncode in (0, 1), (block, done.stderr)
        told = done.stderr.splitlines()
        assert all(re.search(": is not a (user|group) of | has no address now: ", line) for line in told), told


# ---- over time

def restart(daemon):
    quiet_second()  # each start builds at once
    daemon.kill()
    daemon.start()


def test_a_rule_takes_nothing_away(t):
    """Neither a SIGHUP nor a restart with other rules ends a held name, or lets a user have a name that a
    rule reserves."""
    daemon, keeper = t.kept(zones=(zone(names=f"api:{ALICE}"), PUBLIC))
    app = t.app("192.168.1.1/24", "192.0.2.1/24")
    www, api = holds(app, BOB, "www"), holds(app, BOB, "api")
    held = {"www.internal", "www.host.example", "api.host.example"}
    wait_equal(lambda: set(rules()), held)
    restart(daemon)
    assert set(rules()) == held, "kept out of .internal, it stays out"
    daemon.zones[0].more["names"] = f"www:{ALICE} api:{ALICE}"
    daemon.write()
    daemon.hup()
    where = f"{ZONES}/internal.zone:{line_of_key('internal', 'names')}"
    wait_equal(lambda: rules().get("www.internal"), where)
    assert set(rules()) == held
    assert ask(app, CAROL, "www.internal eth0").startswith("error denied ")
    assert www.ask("www eth0") == "ok www.host.example www.internal", "the same request again"
    restart(daemon)
    assert set(rules()) == held
    del daemon.zones[0].more["names"]
    daemon.write()
    daemon.hup()
    wait_equal(lambda: set(rules()), held | {"api.internal"})
    restart(daemon)
    assert set(rules()) == held | {"api.internal"}
    for client in (www, api):
        client.close()
    wait_equal(rules, {})
    daemon.zones[0].more["names"] = f"www:{ALICE}"
    daemon.write()
    daemon.hup()
    wait_until(lambda: ask(app, BOB, "www.internal eth0").startswith("error denied "),
               what="what he has given up is not his")
    daemon.stop()
    keeper.kill()


def test_a_new_zone_asks_its_rules(t):
    daemon, app = start(t, zone())
    www, ns = holds(app, BOB, "www"), holds(app, BOB, "ns1")
    daemon.zones.append(zone("lan", names=f"www:{ALICE}", nameservers="ns1.lan"))
    daemon.write()
    daemon.hup()
    mail = Client(app, uid=BOB)
    wait_until(lambda: mail.ask("mail eth0") == "ok mail.internal mail.lan", what="the new zone")
    assert set(rules()) == {"www.internal", "ns1.internal", "mail.internal", "mail.lan"}
    for client in (www, ns, mail):
        client.close()
    daemon.leave_unchecked("internal")  # its zones were not always the same


# ---- the zone's own

def test_the_zones_own_names_are_reserved(t):
    """The apex and the name servers are for root and phonebookd's user."""
    daemon, app = start(t, zone(), zone("lan", nameservers="ns1.lan ns.dns.internal"))
    server = f"error denied {{}} is a name server of zone {{}}, and so for root and uid {USER} alone"
    for uid in (ALICE, BOB):
        assert ask(app, uid, "ns.internal eth0").startswith(server.format("ns.internal", "internal"))
        assert ask(app, uid, "ns1.lan eth0").startswith(server.format("ns1.lan", "lan"))
        assert ask(app, uid, "ns.dns.internal eth0").startswith(
            server.format("ns.dns.internal", "lan")), "of another zone"
        assert ask(app, uid, "ns eth0") == "ok ns.lan", "no server of lan"
        assert ask(app, uid, "@ eth0").startswith("error denied internal is the name of zone internal")
        assert ask(app, uid, "internal eth0").startswith("error denied ")
    assert ask(app, USER, "ns eth0") == "ok ns.internal ns.lan"
    assert ask(app, USER, "@ eth0") == "ok internal lan"
    root = t.client(app)
    assert root.ask("ns eth0") == "ok ns.internal ns.lan"
    assert root.ask("@ eth0") == "ok internal lan"
    wait_equal(rules, {"internal": "own", "lan": "own", "ns.internal": "own", "ns.lan": ""})
    daemon.wait("ns.internal", "192.168.1.1")
    root.close()


def test_a_rule_gives_away_the_zones_own_names(t):
    _, app = start(t, zone(names=f"@:{ALICE} ns:{BOB}"))
    assert ask(app, ALICE, "@ eth0") == "ok internal"
    assert ask(app, BOB, "ns eth0") == "ok ns.internal"
    assert ask(app, BOB, "@ eth0").startswith("error denied internal is reserved ")
    assert ask(app, USER, "ns eth0").startswith("error denied ns.internal is reserved ")


# ---- below another's name

def test_a_name_below_anothers_is_refused(t):
    daemon, app = start(t, zone(wildcards="yes"), zone("lan", wildcards="yes"))
    web = holds(app, ALICE, "web.internal")
    pid = next(line["pid"] for line in read_list())
    for name in ("evil.web", "_dmarc.web", "*.web", "a.b.c.web", "*.x.web"):
        assert ask(app, BOB, f"{name}.internal eth0") == (
            f"error denied web.internal is held by uid {ALICE} (pid {pid}, interface eth0), and names "
            "below it are for that user (subtrees)"), name
    assert ask(app, BOB, "x.web eth0").startswith("error denied "), "refused whole"
    assert ask(app, BOB, "x.web.lan eth0") == "ok x.web.lan"
    assert ask(app, ALICE, "x.web eth0") == "ok x.web.internal x.web.lan"
    child = t.register(app, "child.web.internal", "eth0")  # root
    assert ask(app, ALICE, "x.child.web.internal eth0").startswith(
        "error denied child.web.internal is held by uid 0"), "the nearest decides"
    child.close()
    web.close()
    gone("web.internal")
    bobs = holds(app, BOB, "_dmarc.web.internal")
    web = holds(app, ALICE, "web.internal")  # after another user's child
    assert ask(app, BOB, "x._dmarc.web.internal eth0").startswith("ok ")
    assert ask(app, ALICE, "_dmarc.web.internal eth0").startswith("error in-use ")
    assert ask(app, BOB, "_dkim.web.internal eth0").startswith("error denied ")
    daemon.wait("_dmarc.web.internal", "192.168.1.1")
    for client in (bobs, web):
        client.close()


def test_a_name_below_one_that_lingers_is_refused(t):
    daemon, app = start(t, zone())
    web = holds(app, ALICE, "web", "linger=60", "wait=5")
    web.close()
    wait_equal(lambda: [line["state"] for line in read_list()], ["lingering"])
    assert ask(app, BOB, "x.web eth0").startswith("error denied web.internal lingers for uid ")
    assert ask(app, ALICE, "x.web eth0") == "ok x.web.internal"


def test_a_name_below_anothers_is_taken_by_a_rule_or_where_all_may(t):
    _, app = start(t, zone(names=f"_acme-challenge.web:{BOB}"), zone("lan", subtrees="open"))
    web = holds(app, ALICE, "web")
    assert ask(app, BOB, "_acme-challenge.web.internal eth0") == "ok _acme-challenge.web.internal"
    assert ask(app, BOB, "x.web.internal eth0").startswith("error denied ")
    assert ask(app, BOB, "x.web.lan eth0") == "ok x.web.lan"
    web.close()


def test_a_name_below_anothers_outlives_a_restart(t):
    """An accepted name is taken over whoever holds the one above; then the rule applies again."""
    daemon, keeper = t.kept(zones=(zone(),))
    app = t.app()
    child = holds(app, BOB, "x.web")
    web = holds(app, ALICE, "web")
    restart(daemon)
    wait_equal(lambda: sorted(rules()), ["web.internal", "x.web.internal"])
    assert ask(app, BOB, "y.web eth0").startswith("error denied web.internal is held by uid ")
    for client in (child, web):
        client.close()
    wait_equal(rules, {})
    daemon.stop()
    keeper.kill()
