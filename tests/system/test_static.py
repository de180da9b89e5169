"""Static records: `static = FILE...` of a database (phonebookd.conf(5))."""
import os
import re

from kit import ETC, Zone, append_file, quiet_second, remains, wait_equal, wait_until, write_file
from kit.dns import A, NS, NXDOMAIN, SOA, query

FILE = f"{ETC}/static"
ZONE = Zone("home", "main", "global private")
EVERY_TYPE = """\
# a comment
-+off.home:192.0.2.99

.example.net:192.0.2.53:a
.2.0.192.in-addr.arpa::a.ns.example.net
&sub.example.net:192.0.2.54:b:3600
=nas.home:192.0.2.10
+alias.home:192.0.2.11:30
+begun.home:192.0.2.12:60:4000000038000000
+gone.home:192.0.2.13:0:4000000038000000
@example.net:192.0.2.25:mx:10
Smail.example.net:192.0.2.26:srv:25:1:2
'text.home:a\\072b\\\\c and a longer text
^10.2.0.192.in-addr.arpa:nas.home
Cwww2.home:nas.home
Zother.example:ns.other.example:root.other.example
&other.example::ns.other.example
:six.home:28:\\040\\001\\015\\270\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\007
%lo:127
+located.home:192.0.2.14:60::lo
+*.wild.home:192.0.2.15
+last.home:192.0.2.16"""  # without a newline at its end


def write(text, path=FILE):
    """Writes in place, as some editors do."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_file(path, text)


def replace(text, path=FILE):
    """Renames a new file into place, as other editors do."""
    write(text, path + "~new")
    os.rename(path + "~new", path)


def configured(t, *texts, zone=ZONE, names=("s.home",)):
    paths = [f"{FILE}{n or ''}" for n in range(len(texts))]
    for path, text in zip(paths, texts):
        if text is not None:
            write(text, path)
    daemon = t.configured(zones=(zone,), databases={"main": {"static": " ".join(paths)}})
    daemon.static_names = set(names)
    return daemon


def address(n):
    return f"+s.home:192.0.2.{n}\n"


def live(server, *numbers, name="s.home"):
    wait_equal(lambda: server.ask(name, A), {f"192.0.2.{n}" for n in numbers})


def test_every_line_type_is_served_beside_names(t):
    """At the end of the test, each build is compared with tinydns-data's result."""
    daemon = configured(t, EVERY_TYPE, names={
        "alias.home", "begun.home", "gone.home", "nas.home", "*.wild.home", "last.home", "six.home",
        "a.ns.example.net", "b.ns.sub.example.net", "mx.mx.example.net",
        "srv.srv.mail.example.net"}).start()
    server = t.tinydns(daemon, "main")
    live(server, 10, name="nas.home")
    live(server, 11, name="alias.home")
    live(server, 12, name="begun.home")
    live(server, 14, name="located.home")
    live(server, 15, name="any.wild.home")
    live(server, 16, name="last.home")
    assert server.ask("off.home") == server.ask("gone.home") == set()
    assert server.ask("six.home") == {"2001:db8::7"}
    assert server.pointers("192.0.2.10") == ["nas.home", "nas.home"]
    assert query(server.address, "other.example", SOA).records[0][3][0] == "ns.other.example"
    app = t.app("192.0.2.1/24")
    client = t.register(app, "www", "eth0", "wait=60")
    live(server, 1, name="www.home")
    live(server, 10, name="nas.home")
    client.close()
    wait_equal(lambda: query(server.address, "www.home", A).rcode, NXDOMAIN)
    live(server, 16, name="last.home")


def test_a_saved_change_is_live_without_a_signal(t):
    os.makedirs(f"{ETC}/one")
    os.makedirs(f"{ETC}/two")
    daemon = configured(t, address(1)).start()
    server = t.tinydns(daemon, "main")
    live(server, 1)
    write(address(2))
    live(server, 2)
    replace(address(3))
    live(server, 3)
    os.rename(FILE, FILE + "~")  # a backup is made, and then a new file
    write(address(4))
    live(server, 4)
    append_file(FILE, address(5))
    live(server, 4, 5)
    # the file becomes a link, the link gets another target, and the target is written
    for n, directory in enumerate(("one", "two")):
        write(address(6 + n), f"{ETC}/{directory}/real")
        os.symlink(f"{directory}/real", f"{ETC}/link")
        os.rename(f"{ETC}/link", FILE)
        live(server, 6 + n)
    replace(address(8), f"{ETC}/two/real")
    live(server, 8)
    # a link to a directory gets another target
    os.symlink("one", f"{ETC}/now")
    os.symlink("now/real", f"{ETC}/link")
    os.rename(f"{ETC}/link", FILE)
    live(server, 6)
    os.symlink("two", f"{ETC}/next")
    os.rename(f"{ETC}/next", f"{ETC}/now")
    live(server, 8)
    # a hard link
    os.unlink(FILE)
    write(address(9), FILE + "~")
    os.link(FILE + "~", FILE)
    live(server, 9)


def test_a_directory_of_files_may_come_and_go(t):
    daemon = configured(t)
    daemon.databases["main"]["static"] = f"{ETC}/a/b/static"
    daemon.write()
    daemon.start()
    server = t.tinydns(daemon, "main")
    daemon.process.wait_output("static: No such file or directory")
    for n in range(2):
        write(address(1 + n), f"{ETC}/a/b/static")
        live(server, 1 + n)
        os.rename(f"{ETC}/a/b", f"{ETC}/away{n}")
        wait_until(lambda: daemon.log().count("its last good version stays") == n + 1)
        live(server, 1 + n)
        os.rmdir(f"{ETC}/a")


def test_nobody_reads_half_a_file(t):
    daemon = configured(t, address(1) + address(2)).start()
    server = t.tinydns(daemon, "main")
    live(server, 1, 2)
    with open(FILE, "w", encoding="utf-8") as file:
        file.write(address(3))
        file.flush()
        remains(lambda: server.ask("s.home") == {"192.0.2.1", "192.0.2.2"}, 0.5, "the old version")
        file.write(address(4))
    live(server, 3, 4)


def test_a_file_being_written_is_not_read_for_other_reasons(t):
    """It is not read because another file changed, nor at a SIGHUP."""
    daemon = configured(t, address(1), "+o.home:192.0.2.1\n", names=("s.home", "o.home")).start()
    server = t.tinydns(daemon, "main")
    live(server, 1)
    for n in (2, 3):
        with open(FILE, "w", encoding="utf-8") as file:
            file.write(address(10 * n))
            file.flush()
            write(f"+o.home:192.0.2.{n}\n", FILE + "1")
            live(server, n, name="o.home")
            daemon.hup()
            remains(lambda: server.ask("s.home") == {"192.0.2.1"}, 1.5, "the old version")
            file.write(address(1))
        live(server, 10 * n, 1)
        os.unlink(FILE)  # then it is written anew
        with open(FILE, "w", encoding="utf-8") as file:
            file.flush()
            remains(lambda: server.ask("s.home") != set(), 1.5, "the old version")
            file.write(address(1))
        live(server, 1)


def test_a_file_written_elsewhere_and_linked_is_read(t):
    """The new name is complete from the start, and no writer closes it."""
    daemon = configured(t, None).start()
    server = t.tinydns(daemon, "main")
    for n in (1, 2, 3):
        write(address(n), FILE + "~")
        if os.path.exists(FILE):
            os.unlink(FILE)
        os.link(FILE + "~", FILE)
        os.unlink(FILE + "~")
        live(server, n)


def test_a_file_that_stays_open_is_read(t):
    daemon = configured(t, address(1)).start()
    server = t.tinydns(daemon, "main")
    live(server, 1)
    with open(FILE, "a", encoding="utf-8") as file:
        file.write(address(2))
        file.flush()
        wait_equal(lambda: server.ask("s.home", A), {"192.0.2.1", "192.0.2.2"}, limit=10)


def test_a_bad_line_refuses_its_file_only(t):
    other = "+o.home:192.0.2.{}\n"
    daemon = configured(t, address(1), other.format(1), names=("s.home", "o.home")).start()
    server = t.tinydns(daemon, "main")
    app = t.app("192.0.2.77/24")
    live(server, 1)
    write(address(2) + "?what\n" + f"+{'x' * 64}.home:1.2.3.4\n")
    daemon.process.wait_output("its last good version stays")
    assert re.search(rf"{FILE}:2: .*does not begin with", daemon.log())
    assert re.search(rf"{FILE}:3: .*", daemon.log())
    write(other.format(2), FILE + "1")
    live(server, 2, name="o.home")
    client = t.register(app, "www", "eth0", "wait=60")
    live(server, 77, name="www.home")
    live(server, 1)
    assert daemon.log().count(f"{FILE}:2:") == 1  # not again with each build
    write(address(3))
    live(server, 3)
    assert f"{FILE}: is good again" in daemon.log()
    client.close()


def test_a_file_that_is_bad_from_the_start_is_left_out(t):
    """Names and the other static files are served."""
    daemon = configured(t, "bad\n" * 50, None, "+o.home:192.0.2.3\n", names=("s.home", "o.home"))
    checked = daemon.run("-t")
    assert checked.returncode == 1, checked
    assert checked.stderr.count(f"{FILE}:") == 50 and f"{FILE}1: No such file" in checked.stderr
    daemon.start()
    server = t.tinydns(daemon, "main")
    live(server, 3, name="o.home")
    assert f"{FILE}: 40 more lines are refused" in daemon.log()
    assert daemon.log().count("is left out") == 2
    replace(address(1))
    write("+s.home:192.0.2.2\n", FILE + "1")
    live(server, 1, 2)
    assert daemon.run("-t").returncode == 0


def test_what_is_no_file_is_told(t):
    daemon = configured(t)
    os.makedirs(f"{ETC}/directory")
    os.mkfifo(f"{ETC}/fifo")
    daemon.databases["main"]["static"] = f"{ETC}/directory {ETC}/fifo /dev/null {ETC}/loop"
    os.symlink("loop", f"{ETC}/loop")
    daemon.write()
    daemon.start()
    for text in ("directory: Is a directory", "fifo: is not a regular file",
                 "/dev/null: is not a regular file", "loop: Too many levels of symbolic links"):
        daemon.process.wait_output(text)


def test_mistakes_in_the_key_are_told(t):
    daemon = configured(t, "")
    for value, text in ((f"static {FILE}", f"static: database main: names {FILE} twice"),
                        ("\n    ".join(f"/{n}" for n in range(65)), "static: names more than 64 files")):
        daemon.databases["main"]["static"] = value
        daemon.write()
        checked = daemon.run("-t")
        assert checked.returncode == 100 and text in checked.stderr, checked
    daemon.databases["main"]["static"] = "static"  # beside phonebookd.conf
    daemon.write()
    assert daemon.run("-t").returncode == 0


def test_an_soa_takes_the_place_of_ours(t):
    """Static NS records at the apex replace ours too."""
    daemon = configured(t, "", zone=Zone("home", "main", more={"nameservers": "ns.home ns.far"}))
    daemon.static_zones.add("home")
    daemon.start()
    server = t.tinydns(daemon, "main")

    def apex():
        soas = query(server.address, "home", SOA).records
        return [s[3][:2] for s in soas], {r[3] for r in query(server.address, "home", NS).records}
    ours = ("ns.home", "hostmaster.home")
    wait_equal(apex, ([ours], {"ns.home", "ns.far"}))
    write("&home::ns.more\n")
    wait_equal(apex, ([ours], {"ns.home", "ns.far", "ns.more"}))
    write("Zhome:ns.mine:root.mine::1:2:3:4\n")
    wait_equal(apex, ([("ns.mine", "root.mine")], {"ns.home", "ns.far"}))
    write(".home::ns.mine\n")
    wait_equal(apex, ([("ns.mine", "hostmaster.home")], {"ns.mine"}))
    serials = set()
    for n in range(3):  # without a serial of its own, it has the build's
        write(f".home::ns.mine\n+n{n}.home:192.0.2.1\n")
        wait_until(lambda: server.ask(f"n{n}.home"))
        serials.add(query(server.address, "home", SOA).records[0][3][2])
    assert len(serials) == 3
    write("Zhome:ns.mine:root.mine::::::0:4000000038000000\n")  # this record has ended long ago
    wait_equal(apex, ([ours], {"ns.home", "ns.far"}))
    daemon.static_names |= {f"n{n}.home" for n in range(3)}


def test_the_serial_of_an_administrator_is_not_ours(t):
    daemon = configured(t, "Zhome:ns.home:root.home:4000000000\n" + address(1))
    daemon.static_zones.add("home")
    for _ in range(2):
        daemon.start()
        assert os.stat(f"{daemon.directory('main')}/data").st_mtime < 3000000000
        daemon.stop()


def test_a_hangup_changes_the_files(t):
    daemon = configured(t, address(1), "+o.home:192.0.2.3\n", names=("s.home", "o.home"))
    both = daemon.databases["main"].pop("static")
    daemon.write()
    daemon.start()
    server = t.tinydns(daemon, "main")
    app = t.app("192.0.2.77/24")
    client = t.register(app, "www", "eth0", "wait=60")
    for value, s, o in ((both, {"192.0.2.1"}, {"192.0.2.3"}), (FILE, {"192.0.2.1"}, set()),
                        (FILE + "1", set(), {"192.0.2.3"})):
        daemon.databases["main"]["static"] = value
        daemon.write()
        quiet_second()
        count = daemon.builds["main"].count()
        daemon.hup()
        wait_equal(lambda: (server.ask("s.home"), server.ask("o.home")), (s, o))
        assert daemon.builds["main"].count() == count + 1
        live(server, 77, name="www.home")
    client.close()


def test_a_name_that_a_static_file_excludes_is_refused(t):
    """The reply names the line. A name that was held before is not published while the line exists: BIND
    and Knot would refuse the whole zone."""
    excluding = f"# kept by hand\nCalias.home:www.home\n&sub.home:192.0.2.8:ns.sub.home\n{address(1)}"
    daemon = configured(t, excluding, names=("s.home",)).start()
    server = t.tinydns(daemon, "main")
    app = t.app("192.0.2.77/24")
    live(server, 1)
    client = t.client(app)
    for name, line, what in (("alias", 2, "a CNAME"), ("x.sub", 3, "a delegation"), ("sub", 3, "a del")):
        reply = client.ask(f"{name}.home eth0")
        assert reply.startswith("error in-use ") and f"{FILE}:{line} has {what}" in reply, reply
    replace(address(2))
    live(server, 2)
    assert client.ask("alias.home eth0 wait=60") == "live alias.home"
    assert client.ask("www.home eth0 wait=60") == "live www.home"
    replace(excluding)
    live(server, 1)
    wait_equal(lambda: server.ask("alias.home", A), set())
    live(server, 77, name="www.home")
    assert f"{FILE}:2 has a CNAME" in daemon.log()
    assert client.ask("alias.home eth0") == "ok alias.home"  # the name is held, and waits
    replace(address(2))
    live(server, 77, name="alias.home")
    client.close()


def test_names_above_static_names_are_there(t):
    """At NXDOMAIN, a resolver that asks label by label (RFC 9156) would stop."""
    daemon = configured(t, f"+a.b2.home:192.0.2.9\n+_sip._tcp.deep.er.home:192.0.2.9\n{address(1)}",
                        names=("s.home", "a.b2.home", "_sip._tcp.deep.er.home")).start()
    server = t.tinydns(daemon, "main")
    live(server, 1)
    for name in ("b2.home", "er.home", "deep.er.home", "_tcp.deep.er.home"):
        assert query(server.address, name, A).rcode == 0, name
    assert query(server.address, "c2.home", A).rcode == NXDOMAIN
    replace(address(2))
    live(server, 2)
    assert query(server.address, "b2.home", A).rcode == NXDOMAIN


def test_on_change_hears_of_static_changes(t):
    """Because a secondary must learn of them."""
    os.makedirs("/run/test", exist_ok=True)
    os.chmod("/run/test", 0o777)
    zone = Zone("home", "main", more={"on-change": "/usr/bin/touch /run/test/changed"})
    daemon = configured(t, address(1), zone=zone).start()
    server = t.tinydns(daemon, "main")
    live(server, 1)
    wait_until(lambda: os.path.exists("/run/test/changed"))
    os.unlink("/run/test/changed")
    write(address(2))
    live(server, 2)
    wait_until(lambda: os.path.exists("/run/test/changed"))


def test_a_providers_number_of_records_is_served(t):
    """Names come and go while a large file is read; then names and records are served."""
    lines = [f"+n{n}.home:10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(100000)]
    daemon = configured(t, "")
    daemon.leave_unchecked("main")
    daemon.static_names = {f"n{n}.home" for n in range(100000)}
    daemon.start()
    server = t.tinydns(daemon, "main")
    app = t.app("192.0.2.77/24")
    write("\n".join(lines) + "\n")
    client = t.register(app, "www", "eth0", "wait=60")
    live(server, 77, name="www.home")
    wait_equal(lambda: server.ask("n99999.home", A), {"10.1.134.159"})
    client.close()
    wait_equal(lambda: query(server.address, "www.home", A).rcode, NXDOMAIN)
    wait_equal(lambda: server.ask("n99999.home", A), {"10.1.134.159"})


def test_watches_that_are_not_to_be_had_are_done_without(t):
    """Then it checks every second."""
    os.makedirs(f"{ETC}/closed", mode=0o711)  # watching a directory requires the right to read it
    daemon = configured(t)
    daemon.databases["main"]["static"] = f"{ETC}/closed/static"
    daemon.write()
    write(address(1), f"{ETC}/closed/static")
    daemon.start()
    server = t.tinydns(daemon, "main")
    for n in (1, 2, 3):
        write(address(n), f"{ETC}/closed/static")
        live(server, n)
