"""`make install` and the shipped service definitions, run from where they are installed. /etc and /usr/local
are the test's own, mounted over the machine's."""
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from kit import NO_LEAK_CHECK, USER, Skip, append_file, needs, read_file, wait_equal, wait_until, write_file
from kit.proc import status

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
KINDS = "systemd s6 s6-rc runit openrc shepherd"
SERVICES = ("phonebook-keeper", "phonebookd")


def lay_over(path):
    """Mounts an overlay on the directory, and returns where its changes are."""
    name = "/run/test/" + path.strip("/").replace("/", "-")
    for directory in (name, name + ".work"):
        os.mkdir(directory)
    done = subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                           f"lowerdir={path},upperdir={name},workdir={name}.work", path], check=False)
    if done.returncode != 0:
        raise Skip("no overlayfs")
    return name


def make(t, target):
    t.run(["make", "-s", "-C", TREE, f"BUILD={t.build}", target, f"UNITS={KINDS}", "DESTDIR=",
           "PREFIX=/usr/local", "SYSCONFDIR=/etc"])


def make_user():
    """As sysusers.d would, but with our number, because the machine may have a user of that name."""
    for path, line in (("/etc/passwd", f"phonebook:x:{USER}:{USER}::/run/phonebook:/bin/false\n"),
                       ("/etc/group", f"phonebook:x:{USER}:\n")):
        with open(path, encoding="utf-8") as file:
            others = [other for other in file if not other.startswith("phonebook:")]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines([*others, line])


def install(t):
    """Installs, and returns where the changes are."""
    changed = lay_over("/etc"), lay_over("/usr/local")
    make_user()
    make(t, "install")
    return changed


def files(directories):
    """All files below the directory; links count as files."""
    return {os.path.relpath(os.path.join(place, name), d) for d in directories
            for place, below, names in os.walk(d) for name in below + names
            if name in names or os.path.islink(os.path.join(place, name))} - {
                "passwd", "group", "ld.so.cache"}


def test_what_is_installed_is_uninstalled(t):
    changed = install(t)
    there = files(changed)
    for path in ("bin/phonebook", "sbin/phonebookd", "sbin/phonebook-keeper", "include/phonebook.h",
                 "lib/libphonebook.so", "lib/pkgconfig/libphonebook.pc", "share/man/man8/phonebookd.8",
                 "share/bash-completion/completions/phonebook-keeper", "share/zsh/site-functions/_phonebook",
                 "fish/completions/phonebookd.fish", "phonebook/phonebookd.conf",
                 "share/doc/phonebook/running.md", "share/doc/phonebook/recipes/update-parent",
                 "phonebook/zones/internal.zone", "phonebook/zones/hostname.zone",
                 "lib/systemd/system/phonebookd.service", "libexec/phonebook-start",
                 "s6/sv/phonebookd/run", "s6-rc/source/phonebookd-log/consumer-for",
                 "sv/phonebookd/log/run", "init.d/phonebookd", "shepherd/phonebook.scm"):
        assert path in there, (path, there)
    socket.sethostname("box.example")
    checked = t.run(["/usr/local/sbin/phonebookd", "-t"]).stderr  # the shipped configuration has no mistakes
    assert all("has no address now" in line for line in checked.splitlines()), checked
    assert "ns.internal" in checked and "ns.box.example" in checked, checked
    assert "are in /usr/local/share/doc/phonebook\n" in read_file("/etc/phonebook/zones/hostname.zone")
    append_file("/etc/phonebook/phonebookd.conf", "; mine\n")
    os.unlink("/etc/phonebook/zones/hostname.zone")
    make(t, "install")
    assert read_file("/etc/phonebook/phonebookd.conf").endswith("; mine\n")
    make(t, "uninstall")  # files deleted by hand did not come back
    assert files(changed) == {f"phonebook/{name}" for name in ("phonebookd.conf", "zones/internal.zone")}


def test_the_directories_of_a_distribution_are_used(t):
    root = "/run/test/root"
    t.run(["make", "-s", "-C", TREE, f"BUILD={t.build}", "install", "UNITS=systemd", f"DESTDIR={root}",
           "PREFIX=/usr", "SYSCONFDIR=/etc", "DOCDIR=/usr/share/doc/phonebookd", "UNITDIR=/lib/systemd/system"])
    there = files([root])
    assert {"lib/systemd/system/phonebookd.service", "usr/lib/sysusers.d/phonebook.conf",
            "usr/share/doc/phonebookd/running.md"} <= there, there
    assert not any(path.startswith("usr/lib/systemd") for path in there), there
    assert "are in /usr/share/doc/phonebookd\n" in read_file(f"{root}/etc/phonebook/zones/hostname.zone")


def test_scripts_are_scripts(t):
    install(t)
    text = read_file("/etc/shepherd/phonebook.scm")
    assert text.count("(") == text.count(")") and "@SBINDIR@" not in text
    for path in ("/etc/init.d/phonebookd", "/etc/init.d/phonebook-keeper", "/usr/local/libexec/phonebook-start",
                 *(f"/etc/sv/{service}/{file}" for service in SERVICES for file in ("run", "log/run", "finish")),
                 "/etc/sv/phonebookd/check", *(f"/etc/s6/sv/{service}/finish" for service in SERVICES)):
        t.run(["sh", "-n", path])
        assert not re.search("@[A-Z]+@", read_file(path)), path
        assert os.access(path, os.X_OK), path


ANOTHER_ZONE = """[zone]
name = lan
database = internal
addresses = private
"""


def shipped(t, start, restart, reload):
    """Both services as installed: a name outlives each restart of phonebookd, and of both at once in either
    order. restart(SERVICE) is the supervisor's command. Below /etc there is only what was
    installed."""
    changed = install(t)
    installed = files(changed)
    start()

    def listed(state="live"):
        done = t.run(["/usr/local/bin/phonebook", "list"], check=False)
        return any("www" in line and state in line for line in done.stdout.splitlines())
    wait_until(lambda: os.path.exists("/run/phonebook/publish"), 15, "phonebookd runs")
    app = t.app()
    holder = t.spawn([*app.prefix, "/usr/local/bin/phonebook", "publish", "-w", "10", "www", "eth0",
                      "sleep", "infinity"])
    wait_until(listed, 15, "www is live")

    def data():
        return read_file("/run/phonebook/internal/data")
    wait_until(lambda: "+www.internal:192.168.1.1:" in data(), 15, "data follows")
    for _ in range(2):
        before = running(t)
        t.run(restart("phonebookd"))
        wait_until(lambda: running(t) not in (None, before) and listed(), 15, "it is back")
        assert holder.alive()
    for order in SERVICES, SERVICES[::-1]:
        before = {service: running(t, service) for service in SERVICES}
        # OpenRC's restart of phonebookd starts the keeper too; then the other command finds it started, and fails.
        for command in [t.spawn(restart(service)) for service in order]:
            command.wait()
        wait_until(lambda: all(running(t, service) not in (None, pid) for service, pid in before.items()) and
                   listed(), 30, f"both are back, after {order}")
        assert holder.alive()
    before = running(t)
    write_file("/etc/phonebook/zones/lan.zone", ANOTHER_ZONE)
    t.run(reload)
    wait_until(lambda: listed("www.lan"), 15, "the configuration was read again")
    assert running(t) == before
    found = status(before)
    assert found["Uid"].split() == [str(USER)] * 4
    assert int(found["CapBnd"], 16) & ~(1 << 12 | 1 << 11) == 0  # CAP_NET_ADMIN, CAP_NET_BROADCAST
    assert int(found["CapEff"], 16) == int(found["CapPrm"], 16) == 0 and found["NoNewPrivs"] == "1"
    assert int(found["CapInh"], 16) == int(found["CapAmb"], 16) == 0
    holder.kill()
    wait_until(lambda: not listed(""), 15, "www is gone")
    os.unlink("/etc/phonebook/zones/lan.zone")
    assert files(changed) == installed


def test_the_starter_leaves_the_right_to_signal_where_it_is_needed(t):
    """phonebook-start leaves CAP_KILL to phonebookd only if a server is to be signalled."""
    install(t)
    text = read_file("/etc/phonebook/phonebookd.conf")
    for reload, capabilities in ("none", 0), ("signal /run/server.pid", 1 << 5):
        write_file("/etc/phonebook/phonebookd.conf", text.replace("reload = none", f"reload = {reload}", 1))
        daemon = t.spawn(["/usr/local/libexec/phonebook-start", "phonebookd"])
        wait_until(lambda: os.path.exists("/run/phonebook/list"), 15, "phonebookd runs")
        assert int(status(daemon.pid)["CapEff"], 16) == capabilities
        daemon.kill(signal.SIGTERM)
        assert daemon.wait() == 0


def scan(t, supervisor, directory, put, **options):
    """Starts a supervisor that finds services in a directory."""
    lay_over("/var/log")
    os.mkdir("/run/service")
    for service in SERVICES:
        put(f"{directory}/{service}", f"/run/service/{service}")
    t.spawn([supervisor, "/run/service"], **options)


def mistaken(t, is_down, start):
    """With a mistake in the configuration, it is not started again and again, and the log says why."""
    write_file("/etc/phonebook/zones/lan.zone", "nonsense\n")
    os.kill(running(t), signal.SIGKILL)
    wait_until(is_down, 15, "the supervisor has given up")

    def log():
        return read_file("/var/log/phonebookd/current")
    wait_until(lambda: "lan.zone" in log() and "1 mistake in the configuration" in log(), 15, "it is logged")
    os.unlink("/etc/phonebook/zones/lan.zone")
    assert running(t) is None and log().count("1 mistake in the configuration") == 1, log()
    t.run(start)
    wait_until(lambda: running(t), 15, "it runs again")


def running(t, program="phonebookd"):
    """The daemon's pid; the processes beside phonebookd have longer names."""
    done = t.run(["pgrep", "-o", "-x", program[:15]], check=False)
    return int(done.stdout) if done.returncode == 0 else None


def test_the_s6_services_work(t):
    needs("s6-svscan")
    service = "/run/service/phonebookd"
    shipped(t, lambda: scan(t, "s6-svscan", "/etc/s6/sv", shutil.copytree),
            lambda name: ["s6-svc", "-r", f"/run/service/{name}"], ["s6-svc", "-h", service])
    wait_equal(lambda: t.run(["s6-svstat", "-o", "ready", "/run/service/phonebookd"]).stdout.strip(),
               "true", 10)
    mistaken(t, lambda: t.run(["s6-svstat", "-o", "wantedup", service]).stdout == "false\n",
             ["s6-svc", "-u", service])
    t.run(["s6-svscanctl", "-t", "/run/service"])


def test_the_s6_rc_services_work(t):
    """s6-rc compiles and runs the source definitions, if it is installed."""
    needs("s6-rc-compile")
    install(t)
    t.run(["s6-rc-compile", "/run/test/compiled", "/etc/s6-rc/source"])


def test_the_runit_services_work(t):
    needs("runsvdir")
    service = "/run/service/phonebookd"
    shipped(t, lambda: scan(t, "runsvdir", "/etc/sv", os.symlink, env=NO_LEAK_CHECK),
            lambda name: ["sv", "-w", "30", "restart", f"/run/service/{name}"], ["sv", "hup", service])
    t.run(["sv", "check", service])

    def is_down():
        status = t.run(["sv", "status", service], check=False).stdout
        return status.startswith("down") and "want up" not in status
    mistaken(t, is_down, ["sv", "up", service])
    t.run(["sv", "down", "/run/service/phonebookd", "/run/service/phonebook-keeper"])


def test_the_shepherd_services_work(t):
    """Without CAP_SYS_RESOURCE, as in a container, so that no limit can be raised."""
    needs("shepherd")
    lay_over("/var/log")
    os.mkdir("/run/herd", 0o700)  # the shepherd requires this mode
    write_file("/run/herd/configuration", '(load "/etc/shepherd/phonebook.scm")\n'
                                          "(start-in-the-background '(phonebook-keeper phonebookd))\n")
    herd = ["herd", "-s", "/run/herd/socket"]
    shipped(t, lambda: t.spawn(["setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource",
                                "shepherd", "-c", "/run/herd/configuration", "-s", "/run/herd/socket",
                                "-l", "/run/herd/log"], env=NO_LEAK_CHECK),
            lambda name: [*herd, "restart", name], [*herd, "reload", "phonebookd"])
    assert "phonebookd: " in read_file("/var/log/phonebookd.log")
    t.run([*herd, "stop", "phonebookd"])
    t.run([*herd, "stop", "phonebook-keeper"])


# Files that a boot with OpenRC would make.
OPENRC_STATE = ("daemons exclusive failed hotplugged inactive options scheduled started starting stopping "
                "tmp wasinactive").split()


def test_systemd_knows_every_key_of_the_units(t):
    """Without a boot: systemd's own check knows each key and finds each program."""
    needs("systemd-analyze")
    install(t)
    units = "/usr/local/lib/systemd/system"
    done = t.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                  *(f"{units}/{name}" for name in sorted(os.listdir(units)))], check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def reap(name):
    """As init does; otherwise an ended supervise-daemon would still exist."""
    while True:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                stat = read_file(f"/proc/{pid}/stat")
                if f"({name})" in stat and stat.rpartition(")")[2].split()[:2] == ["Z", "1"]:
                    os.waitpid(int(pid), os.WNOHANG)
            except (FileNotFoundError, ProcessLookupError, ChildProcessError):
                pass
        time.sleep(0.05)


def test_the_openrc_services_work(t):
    needs("openrc-run")
    lay_over("/var/log")
    for directory in OPENRC_STATE:
        os.makedirs(f"/run/openrc/{directory}")
    write_file("/run/openrc/softlevel", "default\n")

    threading.Thread(target=reap, args=("supervise-daemo",), daemon=True).start()

    def start():
        for service in SERVICES:
            t.run(["rc-service", service, "start"])
    shipped(t, start, lambda name: ["rc-service", name, "restart"], ["rc-service", "phonebookd", "reload"])
    os.kill(running(t), signal.SIGKILL)
    wait_until(lambda: running(t), 15, "it is started again")
    assert "phonebookd: " in read_file("/var/log/phonebookd.log")
    for service in SERVICES:
        t.run(["rc-service", service, "stop"])
        assert not running(t, service)
