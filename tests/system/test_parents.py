"""The NS and glue records at the parent follow the server's own name to another prefix, by the files of
docs/recipes."""
import os
import shutil
import subprocess

from kit import USER, Zone, make_directory, wait_equal, wait_until, write_file
from kit.neighbours import Knot, Named, answers, recipe

ZONE = "host.example.net"
PARENT = "192.0.2.2"
PARENT_ZONE = """$ORIGIN example.net.
$TTL 300
@       SOA     ns root 1 3600 600 864000 5
        NS      ns
ns      A       192.0.2.2
www     A       192.0.2.80
"""


def start(t, *nameservers):
    """The host, and the parent in a namespace of its own; the server's own name is registered from `dns`."""
    far = t.namespace("far")
    t.host.ip("link add lan0 type veth peer name lan0 netns far", "link set lan0 up",
              "addr add 192.0.2.1/24 dev lan0")
    far.ip("link set lan0 up", f"addr add {PARENT}/24 dev lan0")
    key = "/run/test/parent.key"
    shutil.copy(recipe("parent.key"), key)
    os.chown(key, USER, USER)
    os.chmod(key, 0o600)
    daemon = t.daemon(zones=(Zone(ZONE, "public", "global", more={
        "nameservers": " ".join(nameservers or (f"ns.{ZONE}",)),
        "on-change": f"{recipe('update-parent')} {PARENT} example.net {key}"}),))
    return daemon, far, t.namespace("dns").dummy("eth0", "2001:db8:1::1/64")


def knot(t, far):
    make_directory("/run/test/parent", "knot")
    write_file("/run/test/parent/example.net.zone", PARENT_ZONE)
    t.run(["chown", "knot:", "/run/test/parent/example.net.zone"])
    Knot(t, far, PARENT, "knot-parent.conf", name="parent")
    wait_until(lambda: serial(t), 15, "it answers")


def bind(t, far):
    """At the recipe's path on Debian: /var/lib/bind is a directory of the test here."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib/bind"], check=True)
    write_file("/var/lib/bind/db.example.net", PARENT_ZONE)
    t.run(["chown", "-R", "bind:", "/var/lib/bind"])
    Named(t, far, PARENT, "named-parent.conf", directory="/var/lib/bind")
    wait_until(lambda: serial(t), 15, "it answers")


def delegation(t):
    """(NS records, glue) that the parent has."""
    done = t.run(["dig", f"@{PARENT}", "+norecurse", "+noall", "+authority", "+additional",
                  "+tries=1", "+time=3", f"www.{ZONE}", "AAAA"], check=False)
    rows = [l.split() for l in done.stdout.splitlines() if l and not l.startswith(";")]
    return ({r[4] for r in rows if r[3] == "NS" and r[0] == f"{ZONE}."},
            {r[4] for r in rows if r[3] in ("A", "AAAA")})


def serial(t):
    return answers(t, PARENT, "example.net", "SOA", "+norecurse").values("SOA")


def moves(t, daemon, dns):
    """The zone is delegated when its server's name is published; the server moves to another prefix."""
    assert delegation(t) == (set(), set())
    server = t.register(dns, "ns", "eth0", "wait=60")
    wait_equal(lambda: delegation(t), ({f"ns.{ZONE}."}, {"2001:db8:1::1"}), 15)
    dns.ip("addr add 2001:db8:2::1/64 dev eth0 nodad", "addr del 2001:db8:1::1/64 dev eth0")
    wait_equal(lambda: delegation(t), ({f"ns.{ZONE}."}, {"2001:db8:2::1"}), 15)
    dns.ip("addr add 198.51.100.7/24 dev eth0")
    wait_equal(lambda: delegation(t), ({f"ns.{ZONE}."}, {"2001:db8:2::1", "198.51.100.7"}), 15)
    # another name changes the zone, but the delegation stays
    before = serial(t)
    www = t.register(dns, "www", "eth0", "wait=60")
    server.close()  # the parent keeps the last delegation
    wait_until(lambda: f"ns.{ZONE}" not in daemon.shown("public"))
    quiet = t.register(dns, "quiet", "eth0", "wait=60")
    assert serial(t) == before
    assert delegation(t) == ({f"ns.{ZONE}."}, {"2001:db8:2::1", "198.51.100.7"})
    assert "update-parent:" not in daemon.log()
    for one in (www, quiet):
        one.close()


def test_bind_follows_the_servers_address(t):
    daemon, far, dns = start(t)
    bind(t, far)
    moves(t, daemon, dns)


def test_knot_follows_the_servers_address(t):
    daemon, far, dns = start(t)
    knot(t, far)
    moves(t, daemon, dns)


def test_glue_is_for_servers_inside_the_zone_alone(t):
    """Two servers: the one outside needs no glue, and stays when the one inside is away."""
    daemon, far, dns = start(t, f"ns.{ZONE}", "ns.example.org")
    knot(t, far)
    www = t.register(dns, "www", "eth0", "wait=60")
    wait_equal(lambda: delegation(t), ({"ns.example.org."}, set()), 15)
    server = t.register(dns, "ns", "eth0", "wait=60")
    wait_equal(lambda: delegation(t), ({f"ns.{ZONE}.", "ns.example.org."}, {"2001:db8:1::1"}), 15)
    server.close()
    wait_equal(lambda: delegation(t), ({"ns.example.org."}, set()), 15)
    www.close()


def nothing_else_is_allowed(t):
    """With the recipe's key, no other name of the parent can be changed."""
    for name in ("example.net", "new.example.net", "ghost.example.net"):
        done = t.run(["nsupdate", "-k", recipe("parent.key")], check=False, input=(
            f"server {PARENT}\nzone example.net\nupdate add {name}. 300 A 192.0.2.66\nsend\n"))
        assert done.returncode != 0 and "update failed" in done.stderr, done
        assert answers(t, PARENT, name, "A", "+norecurse").values("A") == set()


def test_bind_allows_nothing_else(t):
    _, far, _ = start(t)
    bind(t, far)
    nothing_else_is_allowed(t)


def test_knot_allows_nothing_else(t):
    _, far, _ = start(t)
    knot(t, far)
    nothing_else_is_allowed(t)


def test_a_parent_out_of_reach_is_tried_again(t):
    """This is logged, and tried again after 15 seconds or at the next change."""
    daemon, far, dns = start(t)
    server = t.register(dns, "ns", "eth0", "wait=60")
    wait_until(lambda: "does not say what" in daemon.log(), 30, "the log")
    daemon.process.wait_output("exited with 1; again in 15 s")
    knot(t, far)
    www = t.register(dns, "www", "eth0", "wait=60")
    wait_equal(lambda: delegation(t), ({f"ns.{ZONE}."}, {"2001:db8:1::1"}), 30)
    daemon.process.wait_output("update-parent succeeded")
    for one in (server, www):
        one.close()
