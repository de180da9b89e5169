"""The Debian packages, from their build to their purge, on a booted Debian 12."""
import hashlib
import os
import re
import subprocess

import packages
from kit import Failed, wait_until
from machine import boot
from names import Names
from roots import root_of

SERVICES = "phonebookd.service phonebook-keeper.service phonebookd.socket phonebookd-list.socket".split()


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def test_the_packages_are_built_alike_twice(t):
    """Without a network, so that nothing is installed by a test; lintian has nothing to say; a second build,
    elsewhere, gives the same octets."""
    once = t.built()
    assert set(once.debs) >= {"phonebookd", "phonebook", "libphonebook0", "libphonebook-dev"}, once.debs
    assert "Installing Debian packages" not in once.log
    assert "tests passed" in once.log or " passed, 0 failed" in once.log, once.log[-4000:]
    again = packages.build(version=t.VERSION, inside="/elsewhere/deeper/source", options="parallel=2 nocheck")
    t.throw_away(again)
    for name, path in once.debs.items():
        assert digest(path) == digest(again.debs[name]), name


def install(machine, built):
    """phonebookd and phonebook of these packages."""
    debs = [built.debs["phonebookd"], built.debs["phonebook"]]
    for deb in debs:
        subprocess.run(["cp", deb, f"{machine.root()}/tmp/"], check=True)
    return machine.run("dpkg", "-i", *(f"/tmp/{os.path.basename(deb)}" for deb in debs))


def main_pid(machine, service):
    return int(machine.run("systemctl", "show", "-P", "MainPID", service))


def active(machine):
    states = machine.run("systemctl", "is-active", *SERVICES, check=False)[1].split()
    return states == ["active"] * len(SERVICES)


def installed(t, built=None):
    """A machine on which phonebookd runs."""
    machine = boot(root_of(packages.ROOT, *packages.SETS))
    t.machines.append(machine)
    install(machine, built or t.built())
    wait_until(lambda: active(machine), 60, "both services and both sockets are active")
    return machine


def left(machine):
    """What is called after phonebook and is not what the packages are documented to leave."""
    found = machine.shell("find / -xdev -name '*phonebook*' -not -path '/tree*' -not -path '/tmp/*' "
                          "-not -path '/var/lib/dpkg/*' -not -path '/proc/*'; find /run -name '*phonebook*'")
    return found.split()


def test_an_upgrade_loses_no_name_and_a_purge_leaves_nothing(t):
    """Names are held over an upgrade from the last version. A zone file that was deleted stays away."""
    machine = installed(t, t.built_before())
    names = Names(machine, 21)
    machine.run("rm", "/etc/phonebook/zones/hostname.zone")
    before = {service: main_pid(machine, service) for service in SERVICES[:2]}
    listening = machine.run("stat", "-c", "%i", "/run/phonebook/publish")
    install(machine, t.built())
    names.check()
    after = {service: main_pid(machine, service) for service in SERVICES[:2]}
    assert after["phonebookd.service"] != before["phonebookd.service"]
    assert after["phonebook-keeper.service"] == before["phonebook-keeper.service"]
    assert machine.run("stat", "-c", "%i", "/run/phonebook/publish") == listening
    assert "hostname.zone" not in machine.run("ls", "/etc/phonebook/zones")

    machine.run("dpkg", "-r", "phonebookd")
    states = machine.run("systemctl", "is-active", *SERVICES, check=False)[1].split()
    assert "active" not in states, states
    assert machine.run("ls", "/etc/phonebook") == "phonebookd.conf\nzones\n"
    assert machine.shell("find /run -name '*phonebook*'") == ""
    install(machine, t.built())
    wait_until(lambda: active(machine), 60, "it runs again")
    machine.run("dpkg", "-P", "phonebookd", "phonebook")
    assert not left(machine), left(machine)


def test_a_mistake_fails_a_reload_and_is_not_tried_for_ever(t):
    """A mistake in the configuration fails a reload, and is not tried for ever at a start."""
    machine = installed(t)
    names = Names(machine, 2)
    pid = main_pid(machine, "phonebookd")
    machine.write("/etc/phonebook/zones/lan.zone", "[zone]\nname = lan\ndatabase = internal\naddresses = private\n")
    machine.run("systemctl", "reload", "phonebookd")
    wait_until(lambda: "n0.lan" in machine.run("phonebook", "list"), 30, "the new zone is taken")
    machine.write("/etc/phonebook/zones/lan.zone", "nonsense\n")
    status, output = machine.run("systemctl", "reload", "phonebookd", check=False)
    assert status != 0, output
    assert main_pid(machine, "phonebookd") == pid
    assert "lan.zone" in machine.run("journalctl", "--no-pager", "-u", "phonebookd")
    names.check()

    status, output = machine.run("systemctl", "restart", "phonebookd", check=False)
    assert status != 0, output
    machine.spawn("phonebook", "publish", "-w", "5", "late", "eth0", "sleep", "infinity")
    wait_until(lambda: machine.run("systemctl", "is-failed", "phonebookd.socket", check=False)[0] == 0, 120,
               "the socket gives up where a client waits")
    assert main_pid(machine, "phonebookd") == 0
    assert machine.run("systemctl", "show", "-P", "NRestarts", "phonebookd") == "0\n"
    machine.run("rm", "/etc/phonebook/zones/lan.zone")
    wait_until(lambda: machine.run("systemctl", "start", "phonebookd", check=False)[0] == 0, 60,
               "it is started by hand")
    names.check()
    # Whoever waits may be counted by the socket's limit once more; it ends after ten seconds.
    wait_until(lambda: machine.run("systemctl", "restart", "phonebookd", check=False)[0] == 0 and active(machine),
               120, "a restart gives the sockets back to systemd", step=3)
    names.check()


def test_a_phonebookd_that_is_stuck_is_started_again(t):
    """`systemctl status` says how things are. A phonebookd that is stuck is started again, and holds its names."""
    machine = installed(t)
    machine.write("/etc/systemd/system/phonebookd.service.d/watchdog.conf", "[Service]\nWatchdogSec=3\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "phonebookd")
    names = Names(machine, 5)

    def status():
        return machine.run("systemctl", "show", "-P", "StatusText", "phonebookd")
    wait_until(lambda: status().startswith("5 names, 2 zones; last build 2"), 30, status())
    pid = main_pid(machine, "phonebookd")
    machine.run("kill", "-STOP", str(pid))
    wait_until(lambda: main_pid(machine, "phonebookd") not in (0, pid), 60, "the watchdog has it started again")
    wait_until(lambda: active(machine), 60, "it runs again")
    names.check()


def test_no_name_is_lost_when_both_restart(t):
    """Both services at once, in either order, and one after the other: no name is lost."""
    machine = installed(t)
    names = Names(machine, 21)
    for order in SERVICES[:2], SERVICES[1::-1]:
        for commands in [["systemctl", "restart", *order]], [["systemctl", "restart", service] for service in order]:
            before = [main_pid(machine, service) for service in order]
            for command in commands:
                machine.run(*command)
            assert not set(before) & {main_pid(machine, service) for service in order}
            names.check()


def test_a_socket_is_opened_up_by_its_mode(t):
    """What running.md says of the mode of a socket that systemd made: it is the path's, at each connect."""
    machine = installed(t)
    ask = ["setpriv", "--reuid", "65534", "--clear-groups", "phonebook", "list"]
    assert machine.run(*ask, check=False)[0] != 0
    machine.run("chmod", "0666", "/run/phonebook/list")
    assert machine.run(*ask, check=False)[0] == 0


def test_phonebookd_makes_its_sockets_without_socket_units(t):
    """phonebookd makes its sockets itself, with the group and mode of its configuration."""
    machine = installed(t)
    machine.run("systemctl", "stop", *SERVICES[2:], SERVICES[0])
    machine.run("systemctl", "mask", *SERVICES[2:])
    machine.run("sed", "-i", "s/; publish-mode = 0660/publish-mode = 0666/", "/etc/phonebook/phonebookd.conf")
    machine.run("systemctl", "start", "phonebookd")
    assert machine.run("stat", "-c", "%a %G", "/run/phonebook/publish") == "666 phonebook\n"


def test_the_sandbox_is_on(t):
    """The units' settings are what the processes have."""
    machine = installed(t)
    daemon = main_pid(machine, "phonebookd")
    helpers = {name: machine.run("pgrep", "-P", str(daemon), "-x", name).strip()
               for name in ("phonebookd-run", "phonebookd-net")}
    for pid, capabilities in ((daemon, 0), (main_pid(machine, "phonebook-keeper"), 0),
                              (helpers["phonebookd-net"], 1 << 12)):
        status = machine.run("cat", f"/proc/{pid}/status")
        lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert lines["NoNewPrivs"] == "1" and lines["Seccomp"] == "2", status
        assert int(lines["CapEff"], 16) == int(lines["CapPrm"], 16) == capabilities, status
        assert int(lines["CapInh"], 16) == int(lines["CapAmb"], 16) == 0, status
    # phonebookd has two of its own beside systemd's, which its launcher has too: one hides io_uring from libuv
    filters = [int(machine.run("sed", "-n", "s/^Seccomp_filters:[[:space:]]*//p", f"/proc/{pid}/status"))
               for pid in (daemon, helpers["phonebookd-run"])]
    assert filters[0] == filters[1] + 2, filters
    log = machine.run("journalctl", "-u", "phonebookd", "-u", "phonebook-keeper", "--no-pager")
    assert not re.search("not limited|not filtered|filter refused|given up", log), log
    done = machine.run("systemd-analyze", "security", "--no-pager", "phonebook-keeper", check=False)
    if done[0] != 0:
        raise Failed(done[1])
