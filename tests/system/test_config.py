"""Configuration: all mistakes are reported at once, with file, line and key, and nothing is half-applied."""
import os
import re
import signal
import socket

from kit import INTERNAL, PUBLIC, USER, Zone, append_file, remains, wait_until, write_file

ZONES = "/run/etc/zones"
CONF = "/run/etc/phonebookd.conf"


def test_a_good_configuration_is_accepted(t):
    daemon = t.configured()
    done = daemon.run("-t")
    assert done.returncode == 0, done
    assert not os.path.exists("/run/phonebook/publish"), "-t only checks"


def test_every_mistake_is_told_at_once(t):
    """Each with file, line and key; the exit status is that for a wrong configuration."""
    daemon = t.configured()
    append_file(CONF, "colour = red\n\n[database extra]\nreload = sometimes\ninterval = 0\n")
    conf = open(CONF).read().splitlines()
    write_file(f"{ZONES}/bad.zone", "[zone]\nname = bad\ndatabase = nowhere\naddresses = globbal\n"
                               "ttl = many\ntemporary = perhaps\nfamilies = ipv5\nshape = round\n")
    write_file(f"{ZONES}/none.zone", "[zone]\nttl = 5\n")
    write_file(f"{ZONES}/label.zone", f"[zone]\nname = {'a' * 64}\ndatabase = internal\n")
    expected = [(CONF, conf.index("colour = red") + 1, "colour"),
                (CONF, conf.index("reload = sometimes") + 1, "reload"),
                (CONF, conf.index("interval = 0") + 1, "interval"),
                (f"{ZONES}/bad.zone", 3, "database"), (f"{ZONES}/bad.zone", 4, "addresses"),
                (f"{ZONES}/bad.zone", 5, "ttl"), (f"{ZONES}/bad.zone", 6, "temporary"),
                (f"{ZONES}/bad.zone", 7, "families"), (f"{ZONES}/bad.zone", 8, "shape"),
                (f"{ZONES}/label.zone", 2, "name")]
    for options in (("-t",), ()):
        done = daemon.run(*options)
        assert done.returncode == 100, done
        missing = [(f, l, k) for f, l, k in expected
                   if not re.search(rf"{re.escape(f)}:{l}: {k}", done.stderr)]
        assert not missing, f"not told: {missing}\n{done.stderr}"
        assert f"{ZONES}/none.zone" in done.stderr and "name" in done.stderr
        assert "globbal" in done.stderr
    assert not os.path.exists("/run/phonebook/publish")


def test_a_name_server_without_an_address_is_told(t):
    """A name server without an address in the files of the last build or in static files."""
    daemon = t.configured(zones=(Zone("box.example", "public", "global"),))

    def warned():
        done = daemon.run("-t")
        assert done.returncode == 0, done
        return "box.example: its name server ns.box.example has no address" in done.stderr

    assert warned()
    daemon.start()
    app = t.app("192.0.2.1/24", "2001:db8::1/64")
    assert warned()
    held = t.register(app, "ns", "eth0", "family=6")
    daemon.wait("ns.box.example", "2001:db8::1")
    assert not warned()
    held.close()
    daemon.wait("ns.box.example")
    assert warned()
    write_file("/run/etc/static", "+ns.box.example:192.0.2.9\n")
    append_file(CONF, "static = /run/etc/static\n")  # in the last section, the database
    assert not warned()


def test_mistakes_of_other_kinds_are_told(t):
    daemon = t.configured()
    good = open(CONF).read()
    for text, word in ((good + "[database internal]\nreload = none\n", "twice"),
                       (good + "[nonsense]\nx = 1\n", "nonsense"),
                       (good + "just words\n", CONF),
                       (good.replace("publish-mode = 0666", "publish-mode = 9999"), "publish-mode"),
                       (good.replace("publish-mode = 0666", "publish-group = two groups"),
                        "publish-group"),
                       (good.replace("reload = none", "reload = signal", 1), "reload"),
                       (good.replace("reload = none", "reload = signal /run/x NOSIG", 1), "reload"),
                       (good.replace("reload = none", "reload = none at all", 1), "reload"),
                       (good.replace("reload = none", "reload = s6", 1), "reload"),
                       (good.replace("reload = none", "reload = command", 1), "reload"),
                       ("", "database")):
        write_file(CONF, text)
        done = daemon.run("-t")
        assert done.returncode == 100 and word in done.stderr, (word, done)
    os.unlink(CONF)
    done = daemon.run("-t")
    assert done.returncode in (100, 111) and CONF in done.stderr, done


def test_a_runtime_directory_that_no_socket_fits_in_is_told(t):
    """A socket's path can have at most 107 octets (unix(7))."""
    daemon = t.configured()
    text = open(CONF).read()
    line = text.splitlines().index("runtime-directory = /run/phonebook") + 1
    write_file(CONF, text.replace("= /run/phonebook", "= /run/" + "x" * 100, 1))
    done = daemon.run("-t")
    assert done.returncode == 100 and f"{CONF}:{line}: runtime-directory" in done.stderr, done


def test_an_expire_that_overrides_a_ttl_is_told(t):
    daemon = t.configured()
    text = open(CONF).read()
    for expire, warned in ((300, False), (301, True)):  # the zones' ttl is 60
        write_file(CONF, text.replace("reload = none", f"reload = none\nexpire = {expire}", 1))
        done = daemon.run("-t")
        assert done.returncode == 0 and ("ttl: internal: is 60" in done.stderr) == warned, done


def test_complaints_are_about_what_was_written(t):
    """A zone without a name is reported once, and its defaults cause no second complaint."""
    daemon = t.configured()
    write_file(f"{ZONES}/none.zone", "[zone]\nttl = 5\n")
    done = daemon.run("-t")
    told = [line for line in done.stderr.splitlines() if not line.startswith("phonebookd: fatal")]
    assert done.returncode == 100 and len(told) == 1 and "none.zone" in told[0], done


def test_two_zones_of_one_name_are_told(t):
    daemon = t.configured()
    write_file(f"{ZONES}/again.zone", INTERNAL.text())
    done = daemon.run("-t")
    assert done.returncode == 100 and "internal" in done.stderr and "again.zone" in done.stderr, done


def test_wrong_usage_is_told(t):
    daemon = t.configured()
    for options in (("-Q",), ("-c",), ("extra",), ("-d", "x"), ("-d", "-1")):
        done = daemon.run(*options)
        assert done.returncode == 100 and done.stderr, (options, done)


def test_the_shipped_zones_are_accepted(t):
    """Both installed zone files, with %h as the host name."""
    daemon = t.configured(databases={"internal": {}, "public": {}})
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "zones")
    for file in os.listdir(ZONES):
        os.unlink(f"{ZONES}/{file}")
    for file in ("internal.zone", "hostname.zone"):
        write_file(f"{ZONES}/{file}", open(f"{source}/{file}").read())
    t.run(["hostname", "box.example.net"])
    daemon.zones = [Zone("internal", "internal", "private"),
                    Zone("box.example.net", "public", "global")]
    daemon.start()
    app = t.app("192.168.1.1/24", "192.0.2.1/24", "2001:db8::1/64",
                                   "fd00::1/64")
    client = t.client(app)
    reply = client.ask("www eth0")
    assert set(reply.split()[1:]) == {"www.internal", "www.box.example.net"}, reply
    daemon.agree(("www", app, "eth0"))
    daemon.wait("www.internal", "192.168.1.1", "fd00::1")
    daemon.wait("www.box.example.net", "192.0.2.1", "2001:db8::1")
    client.close()


def test_a_hangup_reads_the_configuration_again(t):
    """A new zone gets the names that are held; a removed zone loses them."""
    daemon = t.daemon(zones=(INTERNAL, PUBLIC))
    app = t.app("192.168.1.1/24", "192.0.2.1/24")
    client = t.register(app, "www", "eth0")
    absolute = t.register(app, "mail.internal", "eth0")
    daemon.agree(("www", app, "eth0"), ("mail.internal", app, "eth0"))
    daemon.zones.append(Zone("late", "internal", "private"))
    daemon.write()
    daemon.hup()
    daemon.agree(("www", app, "eth0"), ("mail.internal", app, "eth0"))
    assert daemon.addresses("www.late") == {"192.168.1.1"}
    daemon.zones[0] = Zone("internal", "internal", "global private")
    daemon.write()
    daemon.hup()
    daemon.agree(("www", app, "eth0"), ("mail.internal", app, "eth0"))
    assert daemon.addresses("www.internal") == {"192.168.1.1", "192.0.2.1"}
    late = daemon.zones.pop()
    os.unlink(f"{ZONES}/late.zone")
    daemon.hup()
    wait_until(lambda: not daemon.addresses("www.late"), what="the zone is gone")
    assert b"late" not in open(f"{daemon.directory('internal')}/data.cdb", "rb").read()
    assert t.client(app).ask("x.late. eth0").startswith("error zone ") and late
    client.close()
    absolute.close()
    daemon.leave_unchecked("internal")  # its zones were not always the same


def test_a_hangup_with_the_same_zones_builds_nothing(t):
    """A database is not built again if its files, users and host name are unchanged."""
    daemon = t.daemon(zones=(INTERNAL,))
    app = t.app()
    client = t.register(app, "www", "eth0", "wait=5")
    builds = daemon.builds["internal"].count()
    for count in 1, 2:
        daemon.hup()
        wait_until(lambda n=count: daemon.log().count("configuration read") == n)
        daemon.settings["names-per-user"] = str(20 + count)
        daemon.write()
    app.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    assert daemon.builds["internal"].count() == builds + 1
    daemon.zones[0] = Zone("internal", "internal", "192.168.1.2/32")
    daemon.write()
    daemon.hup()
    daemon.wait("www.internal", "192.168.1.2")
    client.close()


def test_a_hangup_changes_who_may_connect(t):
    daemon = t.daemon(zones=(INTERNAL,))

    def is_like(mode, group, name="publish"):
        status = os.stat(f"/run/phonebook/{name}")
        return (status.st_mode & 0o777, status.st_gid) == (mode, group)

    assert is_like(0o666, USER) and is_like(0o666, USER, "list")
    daemon.settings["publish-mode"] = "0600"
    daemon.write()
    daemon.hup()
    wait_until(lambda: is_like(0o600, USER) and is_like(0o600, USER, "control"), what="the other mode")
    assert is_like(0o666, USER, "list")
    daemon.settings.update({"publish-mode": "0660", "publish-group": str(USER + 1)})
    daemon.write()
    daemon.hup()
    daemon.process.wait_output("publish: mode and group stay: phonebookd is not in the group")
    assert is_like(0o600, USER)
    daemon.stop()
    daemon.start()  # as at a SIGHUP: the group is its own, and everybody is served
    assert "publish: phonebookd is not in the group that it should have; it has the" in daemon.log()
    assert is_like(0o660, USER)


def test_users_and_groups_may_come_late(t):
    """For example from a directory service at boot: until then they get nothing; others are served."""
    daemon = t.daemon(zones=(INTERNAL, Zone("admin", "internal", "private",
                                            more={"publishers": "late", "relative": "no"})),
                      settings={"publish-mode": "0666", "publish-group": "late-group"}, verbose=False)
    assert "publish-group: late-group: is not a group of this system now" in daemon.log()
    assert "publishers: late: is not a user of this system now" in daemon.log()
    assert os.stat("/run/phonebook/publish").st_gid == USER
    checked = daemon.run("-t")
    assert checked.returncode == 0 and checked.stderr.count("of this system now") == 2, checked
    app = t.app()

    def ask(uid):
        return t.client(app, uid=uid).ask("www.admin eth0")

    assert ask(7001).startswith("error denied "), "nobody is known"
    assert ask(0) == "ok www.admin"
    assert t.client(app, uid=7001).ask("www eth0") == "ok www.internal"
    write_file(CONF, "this is being edited\n")
    t.know_user("late", 7001)
    socket.sethostname("another.example")  # so that it looks again before the minute is over
    wait_until(lambda: ask(7001) == "ok www.admin", what="the user that is known now")
    assert "publishers: late" not in daemon.log().rpartition("late-group: is not a group")[2]
    assert daemon.log().count("not taken") == 0, daemon.log()


def test_the_hosts_name_is_followed(t):
    """An invalid host name leaves out only the zone with %h; a new host name makes a new zone."""
    socket.sethostname("(none)")
    daemon = t.daemon(zones=(INTERNAL, Zone("%h", "public", "global private")), verbose=False)
    daemon.leave_unchecked()  # its zones were not always the same
    assert "this zone is left out until the host has another name" in daemon.log()
    assert daemon.run("-t").returncode == 0
    app = t.app()
    client = t.client(app)
    assert client.ask("www eth0") == "ok www.internal"
    for name, gone in (("one.example", None), ("two.example", "one.example"), ("box", "two.example")):
        socket.sethostname(name)
        daemon.wait(f"www.{name}", "192.168.1.1")
        assert not gone or not daemon.addresses(f"www.{gone}")
        assert daemon.addresses("www.internal") == {"192.168.1.1"}
    daemon.process.wait_output("the host's name is short")
    socket.sethostname("internal")  # an existing zone's name
    daemon.process.wait_output("internal is the zone of")
    daemon.wait("www.box")
    assert daemon.addresses("www.internal") == {"192.168.1.1"}
    client.close()


def test_a_hangup_adds_and_removes_a_database(t):
    daemon = t.daemon(zones=(INTERNAL,))
    app = t.app("192.168.1.1/24", "192.0.2.1/24")
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    with_public = open(CONF).read() + "\n[database public]\nreload = none\n"
    write_file(f"{ZONES}/host.example.zone", PUBLIC.text())
    without = open(CONF).read()
    write_file(CONF, with_public)
    daemon.hup()
    path = "/run/phonebook/public/data"
    wait_until(lambda: os.path.exists(path) and "+www.host.example:192.0.2.1" in open(path).read(),
               what="the new database")
    os.unlink(f"{ZONES}/host.example.zone")
    write_file(CONF, without)
    daemon.hup()
    app.ip("addr add 192.168.1.2/24 dev eth0")
    daemon.wait("www.internal", "192.168.1.1", "192.168.1.2")
    client.close()


def test_a_hangup_with_a_bad_configuration_changes_nothing(t):
    daemon = t.daemon(zones=(INTERNAL, PUBLIC), verbose=False)
    app = t.app()
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    builds = daemon.builds["internal"].count()
    write_file(f"{ZONES}/internal.zone", Zone("renamed", "internal", "private").text())
    write_file(f"{ZONES}/bad.zone", "[zone]\nname = bad\nttl = x\n")
    daemon.hup()
    wait_until(lambda: f"{ZONES}/bad.zone:3: ttl" in daemon.log(), what="the mistake in the log")
    remains(lambda: daemon.addresses("www.internal") == {"192.168.1.1"}, 1.2, "as before")
    assert daemon.builds["internal"].count() == builds
    assert t.client(app).ask("more eth0") in ("ok more.host.example more.internal",
                                              "ok more.internal more.host.example")
    os.unlink(f"{ZONES}/bad.zone")
    os.unlink(CONF)
    daemon.hup()
    wait_until(lambda: daemon.log().count(CONF) >= 1, what="the missing file in the log")
    assert daemon.process.alive()
    client.close()


def test_many_hangups_leave_nothing_behind(t):
    daemon = t.daemon(zones=(INTERNAL, PUBLIC))
    app = t.app()
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    descriptors = daemon.descriptors()
    for _ in range(30):
        daemon.process.popen.send_signal(signal.SIGHUP)
        assert client.ask("www eth0").startswith("ok ")
    wait_until(lambda: daemon.descriptors() <= descriptors, what="no descriptor is left open")
    daemon.agree(("www", app, "eth0"))
    client.close()
