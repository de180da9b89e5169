"""A zone's on-change program: when it runs, and what it is told (phonebook.zone(5))."""
import os
import re
import signal

from kit import Zone, quiet_second, read_file, remains, wait_until, write_program

OUT = "/run/test/out"
PROGRAM = "/run/test/changed"


def facts():
    """[{NAME: VALUE}], one for each run of the program."""
    if not os.path.exists(OUT):
        return []
    runs = read_file(OUT).split("--\n")
    return [dict(line.split("=", 1) for line in run.splitlines()) for run in runs[:-1]]


def program(script):
    os.makedirs("/run/test", exist_ok=True)
    os.chmod("/run/test", 0o777)
    write_program(PROGRAM, "#!/bin/sh\n" + script)


def start(t, script=f"(env | grep ^PHONEBOOK_; echo --) >> {OUT}\n", **more):
    program(script)
    zone = Zone("all", "main", "global private",
                more={"on-change": PROGRAM, "nameservers": "ns.all other.example", **more})
    daemon = t.daemon(zones=(zone, Zone("quiet", "main", "link-local")))
    return daemon, t.app("192.0.2.1/24", "2001:db8:1:2::5/64",
                                            "2001:db8:1:2::6/64", "fd00:0:0:9::1/64")


def test_a_program_is_told_what_the_zone_shows(t):
    daemon, app = start(t)
    wait_until(lambda: len(facts()) == 1, what="the run for the first build")
    assert facts()[0]["PHONEBOOK_NAMESERVERS"] == "ns.all other.example"
    assert facts()[0]["PHONEBOOK_PREFIXES"] == ""
    t.hold(app, "ns", "eth0", "wait=60")
    # An address is tentative for a moment, even with nodad.
    wait_until(lambda: len(facts()[-1]["PHONEBOOK_NAMESERVERS"].split()) == 5,
               what="the run for the new name")
    told = facts()[-1]
    assert told["PHONEBOOK_ZONE"] == "all"
    assert told["PHONEBOOK_DIRECTORY"] == daemon.directory("main")
    # Since then, the link-local address may have come, which the zone `quiet` alone shows.
    serial = re.search(r"^Zall:[^:]*:[^:]*:(\d+):", daemon.text("main"), re.M).group(1)
    assert int(told["PHONEBOOK_SERIAL"]) <= int(serial)
    assert f"database main: serial {told['PHONEBOOK_SERIAL']}, " in daemon.log()
    servers = told["PHONEBOOK_NAMESERVERS"].split()
    assert set(servers) == {"ns.all=192.0.2.1", "ns.all=2001:db8:1:2::5", "ns.all=2001:db8:1:2::6",
                            "ns.all=fd00:0:0:9::1", "other.example"}, servers
    assert told["PHONEBOOK_PREFIXES"] == "2001:db8:1:2::/64 fd00:0:0:9::/64"


def test_a_program_runs_for_its_own_zone_alone(t):
    daemon, app = start(t)
    wait_until(lambda: len(facts()) == 1, what="the run for the first build")
    app.ip("addr add fe80::77/64 dev eth0 scope link nodad")
    builds = daemon.builds["main"].count()
    t.hold(app, "www.quiet.", "eth0", "wait=60")
    assert daemon.builds["main"].count() > builds
    remains(lambda: len(facts()) == 1, 1, "no run for another zone of the database")


def test_programs_run_one_at_a_time_and_hear_the_last_state(t):
    daemon, app = start(t, f"echo start >> {OUT}.log; while ! [ -e /run/test/go ]; do sleep 0.05; done\n"
                           f"echo end >> {OUT}.log; (env | grep ^PHONEBOOK_; echo --) >> {OUT}\n")
    wait_until(lambda: os.path.exists(OUT + ".log"), what="the first run")
    for n in range(3):
        t.hold(app, f"www{n}", "eth0", "wait=60")
    open("/run/test/go", "w", encoding="utf-8").close()
    wait_until(lambda: len(facts()) == 2, what="one more run for all that came meanwhile")
    remains(lambda: len(facts()) == 2, 1, "two runs in all")
    assert read_file(OUT + ".log").split() == ["start", "end"] * 2
    assert facts()[1]["PHONEBOOK_PREFIXES"] == "2001:db8:1:2::/64 fd00:0:0:9::/64"
    assert int(facts()[1]["PHONEBOOK_SERIAL"]) > int(facts()[0]["PHONEBOOK_SERIAL"])


def test_a_program_that_fails_or_is_missing_is_told(t):
    daemon, app = start(t, "exit 3\n")
    daemon.process.wait_output("on-change: /run/test/changed exited with 3")
    os.unlink(PROGRAM)
    quiet_second()
    t.hold(app, "www", "eth0", "wait=60")
    daemon.process.wait_output("on-change: /run/test/changed cannot be run")


def test_a_hangup_takes_a_program_away_and_gives_another(t):
    """A zone loses its on-change while the program runs; another zone gets one."""
    daemon, app = start(t, f"echo start >> {OUT}.log; sleep 1\n")
    wait_until(lambda: os.path.exists(OUT + ".log"), what="the first run")
    del daemon.zones[0].more["on-change"]
    daemon.write()
    daemon.hup()
    daemon.process.wait_output("configuration read")
    t.hold(app, "www", "eth0", "wait=60")
    program(f"(env | grep ^PHONEBOOK_; echo --) >> {OUT}\n")
    daemon.zones[0].more["on-change"] = PROGRAM
    daemon.write()
    daemon.hup()
    wait_until(lambda: len(facts()) == 1, what="the run for the new program")
    assert facts()[0]["PHONEBOOK_PREFIXES"] == "2001:db8:1:2::/64 fd00:0:0:9::/64"
    daemon.hup()
    wait_until(lambda: daemon.log().count("configuration read") == 3, what="it is read again")
    remains(lambda: len(facts()) == 1, 1, "it has heard of the zone")
    t.hold(app, "mail", "eth0", "wait=60")
    wait_until(lambda: len(facts()) == 2, what="the run for the new name")
    daemon.zones[0].more["on-change"] = f"{PROGRAM} again"
    daemon.write()
    daemon.hup()
    wait_until(lambda: len(facts()) == 3, what="the run with another argument")
    assert facts()[2] == facts()[1]


def test_a_zone_that_moves_to_another_database_keeps_its_program(t):
    daemon, app = start(t)
    daemon.databases["other"] = {}
    daemon.zones.append(Zone("more", "other", "private"))
    wait_until(lambda: len(facts()) == 1, what="the run for the first build")
    t.hold(app, "www", "eth0", "wait=60")
    wait_until(lambda: len(facts()) == 2, what="the run for the new name")
    daemon.zones[0].database = "other"
    daemon.write()
    daemon.hup()
    wait_until(lambda: len(facts()) == 3, what="the run for the new database")
    remains(lambda: len(facts()) == 3, 1, "no run for the old one")
    assert facts()[2]["PHONEBOOK_DIRECTORY"] == daemon.directory("other")
    daemon.leave_unchecked("main")  # its zones were not always the same
    daemon.leave_unchecked("other")  # the zone did not always exist


def test_a_program_that_failed_runs_when_the_network_is_back(t):
    """It fails while the host has no address, and runs again as soon as it has one, although no client
    is in the host's namespace."""
    daemon, _ = start(t, "ip -o addr show dev wan1 | grep -q 192.0.2.2\n")
    failed = "on-change: /run/test/changed exited with 1; again in 15 s"
    daemon.process.wait_output(failed)
    t.host.dummy("wan0", "192.0.2.1/24")
    wait_until(lambda: daemon.log().count(failed) == 2, what="a run for another address")
    t.host.dummy("wan1", "192.0.2.2/24")
    daemon.process.wait_output("on-change: /run/test/changed succeeded")
    assert "again in 30 s" not in daemon.log(), "nothing waited for its time"


def test_a_program_has_the_configured_capabilities_alone(t):
    """It has none, unless phonebookd.conf names the program."""
    def capabilities():
        with open(OUT, encoding="utf-8") as file:
            return [int(line.split()[1], 16) for line in file]
    script = f"grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status >{OUT}.new; mv {OUT}.new {OUT}\n"
    daemon, app = start(t, script)
    wait_until(lambda: os.path.exists(OUT), what="the run for the first build")
    assert capabilities() == [0, 0, 0]
    daemon.settings["programs-with-net-admin"] = PROGRAM
    daemon.write()
    daemon.hup()
    t.hold(app, "www", "eth0", "wait=60")
    wait_until(lambda: capabilities() == [1 << 12] * 3, what="the run with CAP_NET_ADMIN")


def test_phonebookd_serves_on_without_its_launcher(t):
    """It logs this once and serves on; programs run again only after a restart."""
    daemon, app = start(t)
    wait_until(lambda: len(facts()) == 1, what="the run for the first build")
    for name in "phonebookd-run", "phonebookd-nss":
        os.kill(int(t.run(["pgrep", "-P", str(daemon.pid()), "-x", name]).stdout), signal.SIGKILL)
    daemon.process.wait_output("the process phonebookd-run has ended")
    t.hold(app, "www", "eth0", "wait=60")
    daemon.process.wait_output("cannot be run: the process phonebookd-run has ended")
    daemon.zones[0].more["publishers"] = "nobody"
    daemon.write()
    daemon.hup()
    daemon.process.wait_output("nobody: is a user who cannot be looked up now")
    assert len(facts()) == 1 and daemon.log().count("no program runs") == 1
