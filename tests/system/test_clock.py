"""The wall clock is set while phonebookd runs: a machine without a battery-backed clock starts in 1970."""
import time

from kit import INTERNAL, read_list, wait_until
from kit.clock import Clock
from kit.dns import SOA, query

LOOK = 15  # seconds until a change of the clock is noticed without the kernel's report


def start(t, **settings):
    clock = Clock(t)
    clock.set(100 - int(time.time()))
    daemon = t.configured(zones=(INTERNAL,), databases={"internal": settings})
    daemon.start(env=clock.environment())
    app = t.app()
    return clock, daemon, t.tinydns(daemon, "internal"), t.register(app, "www", "eth0", "wait=60")


def serial(server):
    (_, _, _, value), = query(server.address, "internal", SOA).records
    return value[2]


def since(daemon):
    return int(read_list(f"{daemon.runtime}/list")[0]["since"])


def test_serials_and_ages_follow_the_clock(t):
    clock, daemon, server, www = start(t)
    before = time.time()  # a secondary's serial is from before the start
    assert 100 <= serial(server) < 1000
    assert 100 <= since(daemon) < 1000
    clock.set(0)
    wait_until(lambda: before - 100 < since(daemon) <= time.time(), LOOK + 30,
               "an age that is one of the boot clock")
    wait_until(lambda: serial(server) >= before, LOOK + 30, "a serial that is not too low")
    assert server.ask("www.internal") == {"192.168.1.1"}
    high = serial(server)
    clock.set(-86400)
    www.close()
    daemon.wait("www.internal")
    assert serial(server) == high + 1, "serials never go back"


def test_records_do_not_end_when_the_clock_is_set(t):
    """They were to end an hour later, which is long past by the new clock."""
    clock, _, server, www = start(t, expire="3600")
    clock.set(0)
    wait_until(lambda: server.ask("www.internal") == {"192.168.1.1"}, LOOK + 30,
               "an end by the new clock")
    www.close()
