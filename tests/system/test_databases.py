"""The database files: when they are built, that they are always complete, and what happens if they cannot be
written."""
import os
import socket
import subprocess
import threading
import time

from kit import (ETC, INTERNAL, NO_LEAK_CHECK, PUBLIC, USER, Client, Zone, quiet_second, read_file, wait_equal,
                 wait_until, write_file)
from kit.dns import A, NXDOMAIN, SOA, query

ALL = Zone("all", "all", "global private")


def start(t, *zones, **options):
    daemon = t.daemon(zones=zones or (ALL,), **options)
    return daemon, t.app("192.0.2.1/24")


def test_an_empty_database_is_there_before_the_sockets(t):
    """A valid database exists before clients can connect, because some servers do not start without it."""
    daemon = t.configured()
    for name in daemon.databases:
        assert not os.path.exists(f"{daemon.directory(name)}/data.cdb")
    daemon.start()
    server = t.tinydns(daemon, "internal")
    answer = query(server.address, "internal", SOA)
    primary, contact, serial, *_, minimum = answer.records[0][3]
    assert (primary, contact, minimum) == ("ns.internal", "hostmaster.internal", 5)
    assert abs(serial - time.time()) < 60
    missing = query(server.address, "nobody.internal", A)
    assert missing.rcode == NXDOMAIN and missing.authority[0][2] == 5  # negative TTL


def test_missing_directories_are_made(t):
    zone = Zone("all", "deep")
    daemon = t.configured(zones=(zone,), databases={"deep": {"directory": "/run/test/a"}})
    t.run(["chown", str(USER), "/run/test"])
    daemon.databases["deep"]["directory"] = "/run/test/b/c/d"
    daemon.write()
    daemon.start()
    assert os.stat("/run/test/b/c/d/data.cdb").st_mode & 0o777 == 0o644
    assert os.stat("/run/test/b/c/d").st_mode & 0o005 == 0o005
    daemon.leave_unchecked("deep")  # the watched directory is a different one


def test_files_are_readable_whatever_the_umask(t):
    daemon = t.configured(zones=(ALL,))
    daemon.start(umask=0o077)
    server = t.tinydns(daemon, "all")
    app = t.app("192.0.2.1/24")
    client = t.register(app, "www", "eth0")
    wait_equal(lambda: server.ask("www.all"), {"192.0.2.1"})
    client.close()


def test_the_first_change_is_built_at_once(t):
    """With an interval of five seconds, a change after a quiet time does not wait for it."""
    daemon, app = start(t, databases={"all": {"interval": "5"}})
    times = []
    for n in range(3):
        time.sleep(5.2)  # no build is due, so the next can be at once
        begin = time.monotonic()
        client = t.register(app, f"n{n}", "eth0")
        daemon.wait(f"n{n}.all", "192.0.2.1")
        times.append(time.monotonic() - begin)
    assert min(times) < 4, times
    client.close()


def test_a_thousand_names_at_once_are_few_builds(t):
    daemon, app = start(t)
    daemon.builds["all"].wait(1)
    quiet_second()
    before, begin = daemon.builds["all"].count(), time.monotonic()
    clients = []
    with app.entered():
        for n in range(1000):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            one.connect(f"{daemon.runtime}/publish")
            one.sendall(f"n{n} eth0\n".encode())
            clients.append(one)
    wait_until(lambda: len(daemon.shown("all")) == 1000, 10, "1,000 names")
    built = daemon.builds["all"].count() - before
    took = time.monotonic() - begin
    assert built <= took + 2, f"{built} builds in {took:.1f} s"
    before, begin = daemon.builds["all"].count(), time.monotonic()
    for one in clients:
        one.close()
    wait_until(lambda: not daemon.shown("all"), 10, "none")
    built, took = daemon.builds["all"].count() - before, time.monotonic() - begin
    assert built <= took + 2, f"{built} builds in {took:.1f} s"


def test_a_storm_of_changes_is_one_build_a_second(t):
    daemon, app = start(t)
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    first = daemon.builds["all"].count()
    begin = time.monotonic()
    while time.monotonic() - begin < 5:
        app.ip(*(f"addr {verb} 198.51.100.{n}/32 dev eth0" for n in range(1, 100)
                 for verb in ("add", "del")), "addr add 198.51.100.200/32 dev eth0",
               "addr del 198.51.100.200/32 dev eth0")
    took = time.monotonic() - begin
    builds = daemon.builds["all"].count() - first
    assert builds <= took + 1, f"{builds} builds in {took:.1f} s"
    daemon.agree(("www", app, "eth0"))
    assert daemon.addresses("www.all") == {"192.0.2.1"}
    client.close()


def test_builds_keep_their_interval(t):
    daemon, app = start(t, databases={"all": {"interval": "3"}})
    daemon.builds["all"].wait(1)
    first, begin, clients = daemon.builds["all"].count(), time.monotonic(), []
    while time.monotonic() - begin < 8:  # a change now and then, without waiting
        clients.append(t.register(app, f"n{len(clients)}", "eth0"))
        time.sleep(0.2)
    built, took = daemon.builds["all"].count() - first, time.monotonic() - begin
    assert built <= took / 3 + 1, f"{built} builds in {took:.1f} s"
    wait_until(lambda: len(daemon.shown("all")) == len(clients), what="all names")


def test_changes_that_publish_nothing_build_nothing(t):
    """Changes of other interfaces, of addresses that no zone shows, and of lifetimes."""
    daemon, app = start(t)
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    builds, inode = daemon.builds["all"].count(), os.stat(f"{daemon.directory('all')}/data.cdb").st_ino
    quiet_second()  # otherwise a needless build could coincide with the next
    app.dummy("eth1", "192.0.2.77/24")
    app.ip("addr add 169.254.1.1/16 dev eth0", "addr change 192.0.2.1/24 dev eth0 valid_lft 5000 "
           "preferred_lft 4000", "link set eth1 down", "link set eth0 mtu 1400",
           "link set eth0 txqueuelen 77")
    assert os.stat(f"{daemon.directory('all')}/data.cdb").st_ino == inode
    app.ip("addr add 192.0.2.2/24 dev eth0")
    daemon.wait("www.all", "192.0.2.1", "192.0.2.2")
    assert daemon.builds["all"].count() == builds + 1
    client.close()


def test_equal_states_give_equal_files(t):
    """The order in which names and addresses were added has no effect."""
    daemon, app = start(t)
    app.ip("addr add 192.0.2.9/24 dev eth0", "addr add 10.0.0.5/24 dev eth0")
    daemon.builds["all"].wait(1)

    def state(names):
        clients = [t.register(app, name, "eth0") for name in names]
        wait_until(lambda: len(daemon.shown("all")) == len(names), what="all names")
        data = [line for line in daemon.text("all").splitlines() if not line.startswith("Z")]
        for client in clients:
            client.close()
        wait_until(lambda: not daemon.shown("all"), what="none")
        return data

    one = state(["a", "b", "z", "m"])
    app.ip("addr del 10.0.0.5/24 dev eth0", "addr add 10.0.0.5/24 dev eth0")
    assert state(["z", "m", "b", "a"]) == one


def test_databases_are_apart(t):
    """No record of one database appears in another; the address decides where a name shows."""
    daemon = t.daemon(zones=(INTERNAL, PUBLIC))
    app = t.app("192.168.1.1/24", "192.0.2.1/24", "2001:db8::1/64")
    client = t.register(app, "www", "eth0")
    daemon.agree(("www", app, "eth0"))
    assert set(daemon.shown("internal")) == {"www.internal"}
    assert set(daemon.shown("public")) == {"www.host.example"}
    public = daemon.builds["public"].count()
    app.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    assert daemon.builds["public"].count() == public, "a build where nothing changed"
    client.close()


def test_names_are_in_the_zones_that_take_them(t):
    """Relative and absolute names, the apex, the deepest zone, and upper case."""
    zones = (INTERNAL, PUBLIC, Zone("deep.internal", "internal", "private"),
             Zone("only.example", "public", "private", relative=False))
    daemon = t.daemon(zones=zones)
    app = t.app("192.168.1.1/24", "192.0.2.1/24")
    client = t.client(app)
    expect = {"www": {"www.internal", "www.host.example", "www.deep.internal"},
              "MixedCase": {"mixedcase.internal", "mixedcase.host.example",
                            "mixedcase.deep.internal"},
              "a.b": {"a.b.internal", "a.b.host.example", "a.b.deep.internal"},
              "mail.internal": {"mail.internal"}, "mail.host.example.": {"mail.host.example"},
              "x.deep.internal": {"x.deep.internal"}, "y.only.example": {"y.only.example"},
              "_srv._tcp": {"_srv._tcp.internal", "_srv._tcp.host.example",
                            "_srv._tcp.deep.internal"},
              "@": {"internal", "host.example", "deep.internal"}}
    for name, names in expect.items():
        reply = client.ask(f"{name} eth0").split()
        assert reply[0] == "ok" and set(reply[1:]) == names, (name, reply)
    daemon.agree(*((name, app, "eth0") for name in expect))
    server = t.tinydns(daemon, "internal")
    assert server.ask("internal") == {"192.168.1.1"} == server.ask("x.deep.internal")
    client.close()


def test_a_ttl_is_published(t):
    zone = Zone("all", more={"ttl": 120, "ttl-min": 30, "ttl-max": 600, "negative-ttl": 7,
                             "nameservers": "ns1.example ns2.example", "contact": "root.example"})
    daemon, app = start(t, zone)
    server = t.tinydns(daemon, "main")
    client = t.client(app)
    for name, key, ttl in (("a", "", 120), ("b", "ttl=45", 45), ("c", "ttl=1", 30),
                           ("d", "ttl=100000", 600)):
        assert client.ask(f"{name} eth0 {key}".strip()).startswith("ok ")
        daemon.wait(f"{name}.all", "192.0.2.1")
        assert query(server.address, f"{name}.all", A).records[0][2] == ttl, name
    soa = query(server.address, "all", SOA).records[0][3]
    assert soa[:2] == ("ns1.example", "root.example") and soa[-1] == 7
    data = daemon.text("main")
    assert "&all::ns1.example:" in data and "&all::ns2.example:" in data
    client.close()


def test_serials_grow_over_a_restart_and_a_clock_that_goes_back(t):
    daemon, _ = start(t)
    serial = daemon.builds["all"].seen()[-1].serial("all")
    daemon.stop()
    path = f"{daemon.directory('all')}/data"
    ahead = int(time.time()) + 100_000
    os.utime(path, (ahead, ahead))  # as if the clock was ahead when it was written
    daemon.start()
    daemon.builds["all"].wait(2)
    assert daemon.builds["all"].seen()[-1].serial("all") > ahead > serial


def test_the_serial_is_read_back_from_the_database(t):
    """After a restore the files have other times, but the SOA in data.cdb still counts."""
    daemon, _ = start(t)
    directory = daemon.directory("all")
    daemon.stop()
    serial = int(time.time()) + 50_000
    write_file(f"{directory}/data", f"Zall:ns.all:hostmaster.all:{serial}:16384:2048:1048576:5:60\n")
    t.run(["tinydns-data"], cwd=directory)
    for name in ("data", "data.cdb"):
        os.utime(f"{directory}/{name}", (1000, 1000))
        os.chown(f"{directory}/{name}", USER, USER)
    daemon.start()
    assert daemon.builds["all"].seen()[-1].serial("all") > serial


def test_the_time_of_the_file_is_the_serial(t):
    daemon, _ = start(t)
    build = daemon.builds["all"].builds[-1]
    assert int(os.stat(f"{daemon.directory('all')}/data").st_mtime) == build.serial("all")


def test_leftovers_of_a_crash_are_removed(t):
    daemon, app = start(t)
    clients = [t.register(app, f"n{n}", "eth0") for n in range(50)]
    wait_until(lambda: len(daemon.shown("all")) == 50, what="50 names")
    daemon.kill()
    before = set(os.listdir(daemon.directory("all")))
    with open(f"{daemon.directory('all')}/.phonebook.left", "wb") as file:
        file.write(b"x" * 100)
    daemon.start()
    left = set(os.listdir(daemon.directory("all")))
    assert left >= {"data", "data.cdb"} and len([n for n in left if "phonebook" in n]) <= 1, (
        before, left)
    for client in clients:
        client.close()


def test_readers_never_see_a_torn_or_missing_file(t):
    """tinydns opens the file for each query: many queries during many builds."""
    daemon, app = start(t)
    server = t.tinydns(daemon, "all")
    client = t.register(app, "steady", "eth0", "wait=60")
    wait_equal(lambda: server.ask("steady.all"), {"192.0.2.1"})
    stop, wrong, count = threading.Event(), [], [0]

    def reader():
        while not stop.is_set():
            answer = query(server.address, "steady.all", A)
            count[0] += 1
            if answer is None or answer.addresses() != {"192.0.2.1"}:
                wrong.append(answer)

    thread = threading.Thread(target=reader)
    thread.start()
    first = daemon.builds["all"].count()
    for n in range(40):
        with Client(app).socket as one:
            one.sendall(f"n{n} eth0\n".encode())
            wait_until(lambda: one.recv(4096), what="a reply")
        if daemon.builds["all"].count() > first + 3:
            break
        time.sleep(0.1)
    stop.set()
    thread.join()
    assert not wrong and count[0] > 100, (wrong[:3], count)
    client.close()


def test_a_full_disk_is_told_once_and_recovered_from(t):
    """Servers keep the old database; phonebookd recovers by itself, and logs the problem once."""
    directory = "/run/test/small"
    os.mkdir(directory)
    t.run(["mount", "-t", "tmpfs", "-o", f"size=64k,uid={USER},gid={USER},mode=755", "tmpfs",
           directory])
    daemon = t.daemon(zones=(ALL,), databases={"all": {"directory": directory}})
    app = t.app("192.0.2.1/24")
    server = t.tinydns(daemon, "all")
    first = t.register(app, "first", "eth0")
    wait_equal(lambda: server.ask("first.all"), {"192.0.2.1"})
    with open(f"{directory}/ballast", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    lines = len(daemon.log().splitlines())
    second = [t.register(app, f"n{n}", "eth0") for n in range(200)]
    wait_until(lambda: "o space left" in daemon.log(), what="the log says so")
    assert server.ask("first.all") == {"192.0.2.1"}
    assert daemon.shown("all") == {"first.all": {"192.0.2.1"}}
    third = t.register(app, "third", "eth0")
    fourth = Client(app)
    assert fourth.ask("fourth eth0 wait=1") == (
        "error timeout registered, but not live: fourth.all: pending, since database all cannot be written: "
        "No space left on device")
    fourth.close()
    time.sleep(2.2)  # two more intervals, whose failures must not be logged again
    said = [l for l in daemon.log().splitlines()[lines:] if "o space left" in l]
    assert len(said) == 1, said
    assert not [n for n in os.listdir(directory) if n.startswith(".") and
                os.stat(f"{directory}/{n}").st_size and "lock" not in n]
    os.unlink(f"{directory}/ballast")
    wait_equal(lambda: len(daemon.shown("all")), 202, 12, "all names, after the space is back")
    wait_equal(lambda: server.ask("third.all"), {"192.0.2.1"})
    for client in (first, third, *second):
        client.close()


def test_a_file_that_reaches_its_limit_ends_nothing(t):
    """RLIMIT_FSIZE: without its signal, a build fails as on a full disk."""
    daemon = t.configured(zones=(ALL,)).start(prefix=["prlimit", "--fsize=8192:unlimited"])
    app = t.app("192.0.2.1/24")
    first = t.register(app, "first", "eth0")
    daemon.wait("first.all", "192.0.2.1")
    others = [t.register(app, f"n{n}", "eth0") for n in range(200)]
    wait_until(lambda: "ile too large" in daemon.log(), what="the log says so")
    assert set(daemon.shown("all")) == {"first.all"}
    for client in (first, *others):
        client.close()


def test_a_failed_build_is_tried_again_at_the_end(t):
    """The fault is over, and phonebookd is stopped before it would have tried again."""
    daemon, app = start(t)
    directory = daemon.directory("all")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    quiet_second()
    os.rename(f"{directory}/data.cdb", f"{directory}/away")
    os.mkdir(f"{directory}/data.cdb")
    client.close()
    wait_until(lambda: "not written, the last one stays: Is a directory" in daemon.log(), what="a failure")
    os.rmdir(f"{directory}/data.cdb")
    os.rename(f"{directory}/away", f"{directory}/data.cdb")
    t.register(app, "mail", "eth0")
    daemon.stop()
    assert not daemon.shown("all")
    assert "written again" in daemon.log()


def test_a_directory_that_is_gone_is_made_again(t):
    """If it can be made."""
    daemon, app = start(t, INTERNAL, PUBLIC)
    app.ip("addr add 192.168.1.1/24 dev eth0")
    first = t.register(app, "first", "eth0")
    daemon.wait("first.internal", "192.168.1.1")
    directory = daemon.directory("internal")
    os.rename(directory, directory + ".away")
    second = t.register(app, "second", "eth0")
    daemon.wait("second.internal", "192.168.1.1", limit=12)
    daemon.agree(("first", app, "eth0"), ("second", app, "eth0"))
    first.close()
    daemon.agree(("second", app, "eth0"))
    second.close()


def test_a_directory_that_cannot_be_written_is_told_once(t):
    """The other database is not affected, and phonebookd recovers by itself."""
    daemon, app = start(t, INTERNAL, PUBLIC, verbose=False)
    app.ip("addr add 192.168.1.1/24 dev eth0")
    first = t.register(app, "first", "eth0")
    daemon.wait("first.internal", "192.168.1.1")
    directory, log = daemon.directory("internal"), daemon.log()
    os.rename(directory, directory + ".away")
    write_file(directory, "in the way\n")
    clients = []
    for n in range(3):
        clients.append(t.register(app, f"n{n}", "eth0"))
        daemon.wait(f"n{n}.host.example", "192.0.2.1")
    wait_until(lambda: "internal" in daemon.log()[len(log):], what="a line in the log")
    said = [line for line in daemon.log()[len(log):].splitlines() if "internal" in line]
    assert len(said) == 1, said
    os.unlink(directory)
    os.rename(directory + ".away", directory)
    daemon.wait("n2.internal", "192.168.1.1", limit=12)
    for client in (first, *clients):
        client.close()


def test_a_second_daemon_on_the_same_directory_is_refused(t):
    daemon, app = start(t)
    client = t.register(app, "www", "eth0")
    daemon.wait("www.all", "192.0.2.1")
    done = daemon.run()
    assert done.returncode == 111, done
    assert len(done.stderr.strip().splitlines()) >= 1 and "phonebookd" in done.stderr
    other = t.configured(zones=(ALL,), etc="/run/etc2", runtime="/run/phonebook2",
                         databases={"all": {"directory": daemon.directory("all")}})
    done = other.run()
    assert done.returncode == 111 and daemon.directory("all") in done.stderr, done
    assert t.client(app).ask("mail eth0").startswith("ok ")
    daemon.wait("www.all", "192.0.2.1")
    client.close()


def test_a_build_does_not_stall_requests(t):
    """A request is answered while a build is held up on its thread. Static lines of a MiB make the database
    large: a small one in memory is written by the loop."""
    trace = "/run/test/strace"
    daemon = t.configured(zones=(ALL,), databases={"all": {"static": f"{ETC}/static"}})
    with open(f"{ETC}/static", "w", encoding="utf-8") as file:
        file.writelines(f"+n{i}.elsewhere.example:192.0.2.1\n" for i in range(20000))
    daemon.start(
        prefix=["strace", "-f", "-o", trace, "-e", "trace=/^rename", "-e",
                "inject=/^rename:delay_enter=5000000"], env=NO_LEAK_CHECK)
    app = t.app("192.0.2.1/24")
    builds = daemon.builds["all"].count()
    client, probe = t.register(app, "www", "eth0"), t.client(app)
    for _ in range(5):
        assert probe.ask("bad").startswith("error ")
    assert daemon.builds["all"].count() == builds, "the build did not take long enough"
    daemon.wait("www.all", "192.0.2.1")
    probe.close()
    client.close()
    daemon.wait("www.all")
    daemon.stop_traced()


def test_a_kill_between_the_files_loses_nothing(t):
    """Killed after data.cdb and before `data` is in place: servers have the new name, and the next start
    writes both files."""
    daemon, app = start(t)
    server = t.tinydns(daemon, "all")
    first, second = t.register(app, "first", "eth0"), Client(app)
    daemon.wait("first.all", "192.0.2.1")
    tracer = t.spawn(["strace", "-f", "-p", str(daemon.pid()), "-P", "data", "-e", "trace=/^rename",
                      "-e", "inject=/^rename:signal=KILL"])
    wait_until(lambda: "attached" in tracer.output(), what="strace has attached")
    second.send("second eth0\n")
    daemon.process.wait(10)
    assert server.ask("second.all") == {"192.0.2.1"} == server.ask("first.all")
    assert "second.all" not in read_file(f"{daemon.directory('all')}/data")
    daemon.start()
    assert daemon.shown("all") == {}
    daemon.agree()
    first.close()
    second.close()


def test_a_compilation_by_hand_does_no_harm(t):
    """An administrator runs tinydns-data in the directory: their files have different names."""
    daemon, app = start(t)
    t.run(["chmod", "777", daemon.directory("all")])
    clients = []
    for n in range(10):
        clients.append(t.register(app, f"n{n}", "eth0"))
        subprocess.run(["tinydns-data"], cwd=daemon.directory("all"), check=False,
                       capture_output=True)
    wait_until(lambda: len(daemon.shown("all")) == 10, what="all names")
    daemon.leave_unchecked("all")  # files of tinydns-data are seen too
    for client in clients:
        client.close()
    daemon.agree()
