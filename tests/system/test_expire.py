"""Records that expire (`expire`) end by themselves when nobody renews them."""
import time

from kit import INTERNAL, quiet_second, read_file, wait_until

EXPIRE = 10
TAI = 2 ** 62 + 37  # shibari's offset; tinydns' is 27 less


def ends(daemon):
    """The end of each address line of `data`, in seconds since 1970."""
    lines = daemon.text("internal").splitlines()
    fields = [line.split(":") for line in lines if line[0] in "+:^"]
    assert all(f[-2] == "0" and len(f[-1]) == 16 for f in fields), lines
    assert all(len(line.split(":")[-1]) < 16 for line in lines if line[0] in "Z&"), lines
    return [int(f[-1], 16) - TAI for f in fields]


def start(t):
    daemon = t.daemon(zones=(INTERNAL,), databases={"internal": {"expire": str(EXPIRE)}})
    app = t.app("192.168.1.1/24", "fd00::1/64")
    return daemon, app


def test_records_are_renewed_while_phonebookd_runs(t):
    daemon, app = start(t)
    server = t.tinydns(daemon, "internal")
    began = time.time()
    www = t.register(app, "www", "eth0", "wait=60")
    first = ends(daemon)
    assert len(first) == 2 and all(began + EXPIRE - 1 <= end <= time.time() + EXPIRE + 1 for end in first), first
    assert server.ask("www.internal") == {"192.168.1.1", "fd00::1"}
    lines = daemon.log().count("\n")
    wait_until(lambda: min(ends(daemon)) > max(first), EXPIRE, "the records are renewed")
    quiet = [line for line in daemon.log().splitlines()[lines:] if "serial" not in line]
    assert not quiet, f"a renewal is quiet: {quiet}"
    assert server.ask("www.internal") == {"192.168.1.1", "fd00::1"}
    www.close()
    daemon.wait("www.internal")


def test_records_are_gone_when_nobody_renews_them(t):
    daemon, app = start(t)
    server = t.tinydns(daemon, "internal")
    www = t.register(app, "www", "eth0", "wait=60")
    last = max(ends(daemon))
    daemon.kill()
    assert server.ask("www.internal") == {"192.168.1.1", "fd00::1"}
    wait_until(lambda: server.ask("www.internal") == set(), EXPIRE + 60, "the records end")
    assert time.time() >= last, "not before their time"
    www.close()


def test_a_reload_sets_an_expiry_and_takes_it_back(t):
    daemon, app = start(t)
    www = t.register(app, "www", "eth0", "wait=60")
    quiet_second()
    del daemon.databases["internal"]["expire"]
    daemon.write()
    daemon.hup()

    def lasting():
        return "+www.internal:192.168.1.1:60\n" in read_file(f"{daemon.directory('internal')}/data")
    wait_until(lasting, what="lines without an end")
    www.close()
    daemon.wait("www.internal")
