"""Forged, too many, or lost kernel events: what is published still becomes what `ip addr` says."""
import re
import resource
import signal
import subprocess
import sys
import time

from kit import NO_LEAK_CHECK, Zone, known, limit, need_user_namespaces, quiet_second, wait_until
from kit import injector
from kit.builds import parse
from kit.proc import open_files

ALL = Zone("all", "all", "global private")


def start(t):
    daemon = t.daemon(zones=(ALL,))
    app = t.app()
    app.client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.168.1.1")
    return daemon, app


def stranger(t, *arguments):
    need_user_namespaces()
    process = t.spawn([sys.executable, injector.__file__, *arguments], name="stranger",
                      stdin=subprocess.PIPE)
    process.wait_output("ready", 10)
    return process


def heard(t, daemon):
    """(queued octets, drops) of the daemon's netlink sockets."""
    lines = open("/proc/net/netlink").read().splitlines()[1:]
    inodes = {file[8:-1] for file in open_files(daemon.pid()).values() if file.startswith("socket:")}
    mine = [line.split() for line in lines if line.split()[9] in inodes]
    assert mine, lines
    return sum(int(f[4]) for f in mine), sum(int(f[8]) for f in mine)


def dumps(path):
    """The number of the traced phonebookd's requests for addresses."""
    return open(path, encoding="utf-8", errors="replace").read().count("RTM_GETADDR")


def test_injected_messages_do_no_harm(t):
    """Any user can send to the event socket from a namespace of their own; such messages are
    neither parsed nor counted as events."""
    trace = "/run/test/strace"
    daemon = t.configured(zones=(ALL,)).start(
        prefix=["strace", "-f", "-o", trace, "-e", "trace=sendto"], env=NO_LEAK_CHECK)
    app = t.app()
    client = t.register(app, "www", "eth0")
    evil = stranger(t, "spoof")
    daemon.wait("evil.all", "192.168.66.1")
    daemon.wait("www.all", "192.168.1.1")
    quiet_second()
    before = dumps(trace)
    evil.popen.stdin.write(b"go\n")
    evil.popen.stdin.flush()
    evil.wait_output("done", 20)
    app.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.all", "192.168.1.1", "192.168.1.2")
    assert dumps(trace) == before + 1, f"{dumps(trace) - before} dumps for one event of the kernel"
    for build in daemon.builds["all"].seen():
        assert parse(build.data).get("evil.all", {"192.168.66.1"}) == {"192.168.66.1"}
    evil.kill()
    daemon.wait("evil.all")
    daemon.agree(("www", app, "eth0"))
    client.close()
    daemon.stop_traced()


@limit(300)
def test_a_flood_hides_no_change(t):
    """Other users' changes are seen meanwhile, memory does not grow, and the flood has no later effect."""
    daemon, app = start(t)
    rss = daemon.rss()
    evil = stranger(t, "flood", "15")
    n = 1
    while "done" not in evil.output():
        n += 1
        app.ip(f"addr add 192.168.1.{n}/24 dev eth0")
        wait_until(lambda: f"192.168.1.{n}" in daemon.addresses("www.all"), what="a change")
    t.trace.note(f"{n} changes, {daemon.cpu():.2f} s of CPU, {heard(t, daemon)}")
    assert n > 2, "the flood was over before a change: this proves nothing"
    assert daemon.rss() - rss < 30_000_000, f"{daemon.rss() - rss} octets more"
    evil.kill()
    daemon.agree(("www", app, "eth0"))
    app.ip("addr add 192.168.2.1/24 dev eth0")
    wait_until(lambda: "192.168.2.1" in daemon.addresses("www.all"), what="the first event after it")


@limit(300)
def test_an_overrun_loses_no_change(t):
    """While the daemon is stopped, more events come than fit into its socket."""
    daemon, app = start(t)
    daemon.process.kill(signal.SIGSTOP)
    for _ in range(12):
        app.ip(*(f"addr {verb} 10.{n >> 8}.{n & 255}.1/32 dev eth0" for n in range(2500)
                 for verb in ("add", "del")))
        if heard(t, daemon)[1]:
            break
    app.ip("addr add 192.168.1.7/24 dev eth0")
    assert heard(t, daemon)[1] > 0, "nothing was lost: this proves nothing"
    daemon.process.kill(signal.SIGCONT)
    daemon.wait("www.all", "192.168.1.1", "192.168.1.7", limit=6)
    for n in range(3):  # it still receives events
        app.ip(f"addr add 192.168.1.{n + 50}/24 dev eth0")
        wait_until(lambda: f"192.168.1.{n + 50}" in daemon.addresses("www.all"), 4, "a later event")
    daemon.agree(("www", app, "eth0"))


def test_interrupted_dumps_lose_nothing(t):
    """Addresses are removed one by one during a slowed dump; those behind them in the kernel's list
    are in each part of the dump, and never vanish."""
    daemon = t.configured(zones=(ALL,)).start(
        prefix=["strace", "-f", "-o", "/dev/null", "-e", "trace=recvmsg", "-e",
                "inject=recvmsg:delay_exit=1ms"], env=NO_LEAK_CHECK)
    app = t.namespace("app").dummy("eth0")
    leaving = [f"172.16.{n >> 8}.{n & 255}" for n in range(1000)]
    steady = {f"10.{n >> 8}.{n & 255}.1" for n in range(1800)}
    app.ip(*(f"addr add {a}/32 dev eth0" for a in leaving),
           *(f"addr add {a}/32 dev eth0" for a in sorted(steady)))
    client = t.register(app, "www", "eth0")
    wait_until(lambda: steady <= known("www.all"), 8, "1,800 addresses")
    seen = []
    ip = subprocess.Popen([*app.prefix, "ip", "-batch", "-"], stdin=subprocess.PIPE, text=True)
    for n, address in enumerate(leaving):
        ip.stdin.write(f"addr del {address}/32 dev eth0\n")
        ip.stdin.flush()
        time.sleep(0.005)  # the pace of the changes
        if n % 20 == 0:
            seen.append(known("www.all"))
    ip.communicate()
    wait_until(lambda: not known("www.all") & set(leaving), 8, "the others are gone")
    for addresses in seen:
        missing = steady - addresses
        assert not missing, f"{len(missing)} steady addresses vanished"
    client.close()
    daemon.stop_traced()


def test_phonebookd_does_not_start_without_strict_checking(t):
    """Without it, the kernel would return addresses of the wrong namespace."""
    daemon = t.configured(zones=(ALL,))
    trace = "/run/test/strace"
    daemon.start(prefix=["strace", "-f", "-o", trace, "-e", "trace=setsockopt"],
                 env=NO_LEAK_CHECK)
    daemon.stop_traced()
    calls = re.findall(r"setsockopt\((.*)", open(trace).read())
    strict = [n for n, call in enumerate(calls, 1) if re.search(r"NETLINK_GET_STRICT_CHK|, 0xc,|, 12,", call)]
    assert strict, calls
    done = t.run(["strace", "-f", "-o", trace, "-e",
                  f"inject=setsockopt:error=ENOPROTOOPT:when={strict[0]}",
                  *daemon.privileges, *daemon.command()], check=False,
                 env=NO_LEAK_CHECK)
    assert done.returncode == 111 and "STRICT" in done.stderr.upper(), done
    daemon.process = None


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_many_events_of_others_cost_little(t):
    """Events of namespaces without clients do not arrive; namespaces with clients are read once a second."""
    daemon, app = start(t)
    other = t.namespace("other").dummy("eth0")
    before, others, begin = daemon.cpu(), cpu_of_children(), time.monotonic()
    while time.monotonic() - begin < 3:
        for namespace in (other, app):
            namespace.ip(*(f"addr {verb} 172.16.{n}.1/32 dev eth0" for n in range(200)
                           for verb in ("add", "del")))
    ours, others = daemon.cpu() - before, cpu_of_children() - others
    assert ours < others, f"{ours:.2f} s of CPU, where those who make the events take {others:.2f}"
    daemon.agree(("www", app, "eth0"))
