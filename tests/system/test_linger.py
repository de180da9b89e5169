"""`linger`: a holder restarts, and its name stays in the DNS all the time."""
import os
import time

from kit import INTERNAL, Client, Reader, Zone, read_list, remains, states, wait_equal, wait_until
from kit.dns import A, query

ZONES = "/run/etc/zones"


def start(t, *zones):
    daemon = t.daemon(zones=zones or (INTERNAL,))
    return daemon, t.tinydns(daemon, "internal")


def test_a_restart_leaves_no_hole(t):
    """With -l: a service is killed and starts again in another namespace with another address. At each
    moment the name has an address, and in the end only the new one."""
    daemon, server = start(t)
    old, new = t.namespace("old"), t.namespace("new")
    old.dummy("eth0", "192.168.1.1/24")
    new.dummy("eth0", "192.168.1.2/24")
    first = t.publish(old, "-l", "60", "www", "eth0")
    wait_equal(lambda: server.ask("www.internal"), {"192.168.1.1"})
    reader = Reader(server, "www.internal")
    first.kill()
    wait_equal(states, [("www.internal", "lingering")])
    old.ip("link del eth0")
    old.delete()
    second = t.publish(new, "-l", "60", "www", "eth0")
    wait_until(lambda: {"192.168.1.2"} in reader.seen, what="the new holder's address")
    assert reader.stop() == [{"192.168.1.1"}, {"192.168.1.2"}], reader.seen
    assert ("www.internal", "live") in states()
    # and again, in the same namespace
    reader = Reader(server, "www.internal")
    for _ in range(3):
        second.kill()
        wait_until(lambda: ("www.internal", "live") not in states(), what="the hang-up")
        second = t.publish(new, "-l", "60", "www", "eth0")
        wait_until(lambda: ("www.internal", "live") in states(), what="the new holder")
    assert reader.stop() == [{"192.168.1.2"}], reader.seen
    second.kill()


def test_a_name_lingers_until_the_new_holder_has_an_address(t):
    """The old records stay while the new holder's interface is still being made."""
    daemon, server = start(t)
    app = t.app()
    t.register(app, "www", "eth0", "linger=60", "wait=60").close()
    wait_equal(lambda: server.ask("www.internal"), {"192.168.1.1"})
    client = t.register(app, "www", "eth9")
    remains(lambda: server.ask("www.internal") == {"192.168.1.1"}, 1.2, "it stays")
    assert states() == [("www.internal", "lingering"), ("www.internal", "waiting")], states()
    reply = t.client(app).ask("www eth8 wait=1")
    assert reply.startswith("error timeout "), reply
    app.dummy("eth9", "192.168.1.9/24")
    wait_equal(lambda: server.ask("www.internal"), {"192.168.1.9"})
    client.close()
    # without a linger of its own it is gone, and the remnant that it took over does not come back
    daemon.wait("www.internal")
    wait_equal(read_list, [])


def test_what_was_taken_over_does_not_come_back(t):
    """Neither if the new holder loses its address, nor if one of several holders ended earlier."""
    daemon, _ = start(t)
    old, new = t.namespace("old"), t.namespace("new")
    old.dummy("eth0", "192.168.1.1/24")
    new.dummy("eth0", "192.168.1.2/24")
    t.register(old, "www", "eth0", "linger=60", "wait=60").close()
    client = t.register(new, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.2")
    wait_equal(states, [("www.internal", "live")])
    second = t.register(old, "www", "eth0", "linger=60", "wait=60")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    second.close()
    daemon.wait("www.internal", "192.168.1.2")
    new.ip("link del eth0")
    daemon.wait("www.internal")
    wait_until(lambda: "live" not in read_list()[0]["state"], what="nothing to show")
    client.close()


def test_records_go_when_the_time_is_over(t):
    daemon, server = start(t)
    app = t.app()
    client = t.register(app, "www", "eth0", "linger=12")
    plain = t.register(app, "plain", "eth0")
    wait_equal(lambda: server.ask("plain.internal"), {"192.168.1.1"})
    closed = time.monotonic()
    client.close()
    plain.close()
    daemon.wait("plain.internal")
    assert daemon.addresses("www.internal") == {"192.168.1.1"}
    assert states() == [("www.internal", "lingering")]
    daemon.wait("www.internal")
    assert time.monotonic() - closed > 11.9, "before its time"
    wait_equal(read_list, [])


def test_a_name_lingers_no_longer_than_the_zone_allows(t):
    """Each zone has its own linger-max; 0 forbids lingering."""
    daemon, _ = start(t, Zone("internal", "internal", "private", more={"linger-max": "1"}),
                      Zone("never", "internal", "private", more={"linger-max": "0"}),
                      Zone("long", "internal", "private"))
    app = t.app()
    client = t.register(app, "www", "eth0", "linger=86400", "wait=60")
    closed = time.monotonic()
    client.close()
    daemon.wait("www.never")
    assert ("www.internal", "lingering") in states() or time.monotonic() > closed + 0.9
    daemon.wait("www.internal")
    assert states() == [("www.long", "lingering")]
    assert daemon.addresses("www.long") == {"192.168.1.1"}
    client = t.register(app, "www.long", "eth0", "wait=60")  # takes over, without a linger of its own
    client.close()
    daemon.wait("www.long")


def test_a_lingering_name_is_no_other_uids(t):
    daemon, server = start(t)
    app = t.app("192.168.1.1/24", "192.168.1.2/24")
    client = Client(app, uid=64101).register("www", "eth0", "linger=3", "wait=60")
    other = Client(app, uid=64102)
    assert "is held by uid 64101" in other.ask("www eth0")
    client.close()
    wait_equal(states, [("www.internal", "lingering")])
    reply = other.ask("www eth0")
    assert reply.startswith("error in-use www.internal lingers for uid 64101"), reply
    wait_until(lambda: other.ask("www eth0") == "ok www.internal", what="the time is over")
    wait_equal(lambda: server.ask("www.internal"), {"192.168.1.1", "192.168.1.2"})
    assert [line["uid"] for line in read_list()] == ["64102"]
    other.close()
    daemon.wait("www.internal")


def test_a_hangup_leaves_what_still_may_linger(t):
    """After a SIGHUP, a name lingers on if a zone still takes it and allows this."""
    zone = Zone("internal", "internal", "private")
    daemon, server = start(t, zone, Zone("gone", "internal", "private"))
    app = t.app()
    t.register(app, "www", "eth0", "linger=60", "wait=60").close()
    wait_equal(states, [("www.gone", "lingering"), ("www.internal", "lingering")])
    daemon.zones.pop()
    os.unlink(f"{ZONES}/gone.zone")
    zone.more["ttl"] = "9"
    daemon.write()
    daemon.hup()
    wait_equal(states, [("www.internal", "lingering")])
    wait_equal(lambda: query(server.address, "www.internal", A).records[0][2:],
               (9, "192.168.1.1"))
    zone.more["linger-max"] = "0"
    daemon.write()
    daemon.hup()
    daemon.wait("www.internal")
    del zone.more["linger-max"]
    daemon.write()
    daemon.hup()
    t.register(app, "www", "eth0", "linger=60", "wait=60").close()
    zone.more["linger-max"] = "1"
    daemon.write()
    daemon.hup()
    daemon.wait("www.internal")
    client = t.register(app, "www", "eth0")
    wait_equal(states, [("www.internal", "live")])
    client.close()
    daemon.wait("www.internal")
    daemon.leave_unchecked("internal")  # its zones were not always the same
