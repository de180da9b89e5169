"""Names that linger outlive phonebookd where there is a keeper: a kill, a stop, and other versions of both
programs."""
import os
import shutil
import subprocess
import time

from kit import Skip, Zone, limit, needs, read_list, start_keeper, states, wait_equal, wait_until

# The last commit before HELLO stated what each side supports.
BEFORE = "aa072d2e7c44447d534cd4ec3c50959f5c39c5ed"
ROOT = os.path.realpath(f"{os.path.dirname(__file__)}/../..")


def lingers(t, app, name, seconds, *more):
    """Registers a name, waits until it is live, and closes the connection."""
    t.register(app, name, "eth0", f"linger={seconds}", "wait=60", *more).close()
    wait_until(lambda: (f"{name}.internal", "lingering") in states(), what=f"{name} lingers")


def app_with(t, address):
    return t.app(address)


def test_what_lingers_outlives_kills_and_stops(t):
    """With the addresses from its end, the same user and the same time, as if nothing had happened."""
    daemon, _ = t.kept(rebuilt=True)
    server = t.tinydns(daemon, "internal")
    app = app_with(t, "192.168.1.1/24")
    lingers(t, app, "www", 600, "ttl=77")
    app.ip("link del eth0")
    app.delete()
    before = read_list()
    for end in (daemon.kill, daemon.stop, daemon.kill):
        end()
        daemon.start()
        assert read_list() == before, (read_list(), before)
        assert server.ask("www.internal") == {"192.168.1.1"}
    new = t.namespace("new").dummy("eth0", "192.168.1.2/24")
    client = t.register(new, "www", "eth0", "wait=60")
    daemon.wait("www.internal", "192.168.1.2")
    wait_equal(states, [("www.internal", "live")])
    client.close()
    daemon.wait("www.internal")
    daemon.kill()
    daemon.start()
    assert states() == [], "what was taken over does not come back"


def test_the_time_goes_on_while_nobody_runs(t):
    """The time to linger can also end while no service runs."""
    daemon, _ = t.kept()
    app = app_with(t, "192.168.1.1/24")
    closed = time.monotonic()
    lingers(t, app, "short", 3)
    lingers(t, app, "long", 600)
    daemon.kill()
    wait_until(lambda: time.monotonic() > closed + 5, what="its end")
    daemon.start()
    assert states() == [("long.internal", "lingering")], states()
    assert set(daemon.shown("internal")) == {"long.internal"}, daemon.shown("internal")


def test_a_lingering_name_is_no_other_uids_after_a_restart(t):
    """Only its user, root and users with a rule for it can register it, even after a restart."""
    daemon, _ = t.kept(zones=(Zone("internal", "internal", "private", more={"names": "www:4001,4002"}),))
    app = app_with(t, "192.168.1.1/24")
    other = t.namespace("other").dummy("eth0", "192.168.1.2/24")
    for name, uid in (("www", 4001), ("mail", 4003)):
        t.register(app, name, "eth0", "linger=600", "wait=60", uid=uid).close()
    wait_equal(states, [("mail.internal", "lingering"), ("www.internal", "lingering")])
    daemon.kill()
    daemon.start()
    client = t.client(other, uid=4002)
    reply = client.ask("mail eth0")
    assert reply.startswith("error in-use mail.internal lingers for uid 4003"), reply
    assert client.ask("www eth9") == "ok www.internal"
    # It has no address yet: the remnant stays, even after another restart.
    for _ in range(2):
        wait_equal(states, [("mail.internal", "lingering"), ("www.internal", "lingering"),
                            ("www.internal", "waiting")])
        assert daemon.addresses("www.internal") == {"192.168.1.1"}
        daemon.kill()
        daemon.start()
    other.dummy("eth9", "192.168.1.9/24")
    daemon.wait("www.internal", "192.168.1.9")
    root = t.register(other, "mail", "eth0", "wait=60")
    daemon.wait("mail.internal", "192.168.1.2")
    root.close()
    client.close()
    daemon.wait("mail.internal")
    daemon.wait("www.internal")


def test_the_next_keeper_is_given_what_lingers(t):
    """A new keeper gets the lingering names from phonebookd."""
    daemon, keeper = t.kept()
    app = app_with(t, "192.168.1.1/24")
    lingers(t, app, "www", 600)
    keeper.kill()
    keeper.wait()
    start_keeper(t)
    wait_until(lambda: "took over 0 sockets" in daemon.log().split("lost: ")[-1], what="it is found")
    lingers(t, app, "mail", 600)
    daemon.kill()
    daemon.start()
    assert states() == [("mail.internal", "lingering"), ("www.internal", "lingering")], states()


# ---- other versions of both ----

def build_before():
    """Builds the programs of that commit once; returns their directory."""
    needs("git")
    found = subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "archive", BEFORE],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if found.returncode != 0:
        raise Skip("the former programs are not to be had from git: " + found.stderr.decode().strip())
    tree = "/run/before"
    os.mkdir(tree)
    subprocess.run(["tar", "-x", "-C", tree], input=found.stdout, check=True)
    programs = ["build/phonebookd", "build/phonebook-keeper"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    subprocess.run(["make", "-C", tree, "BUILD=build", "CFLAGS=-O0", "SANITIZE=", "WERROR=", *programs],
                   check=True, env=environment, stdout=subprocess.DEVNULL)
    return [f"{tree}/{program}" for program in programs]


def both_live(daemon):
    wait_equal(states, [("a.internal", "live"), ("b.internal", "live")])
    daemon.wait("a.internal", "192.168.1.1")


@limit(600)
def test_former_programs_keep_registrations(t):
    """Each service beside the other's former version: registrations are kept as before, and names linger as
    far as the older one supports it; after the last upgrade without limits."""
    old_daemon, old_keeper = build_before()
    daemon, keeper = t.kept(rebuilt=True)
    new_daemon = daemon.program
    app = app_with(t, "192.168.1.1/24")
    clients = [t.register(app, name, "eth0", "wait=60") for name in ("a", "b")]

    # A new keeper and an old phonebookd: notes of a new phonebookd wait for the next new one.
    lingers(t, app, "www", 600)
    for program in (old_daemon, old_daemon):
        daemon.kill()
        daemon.program = program
        daemon.start()
        both_live(daemon)
    clients.append(t.register(app, "c", "eth0", "linger=600", "wait=60"))
    clients.pop().close()
    wait_equal(states, [("a.internal", "live"), ("b.internal", "live"), ("c.internal", "lingering")])
    daemon.stop()
    daemon.program = new_daemon
    daemon.start()
    wait_equal(states, [("a.internal", "live"), ("b.internal", "live"), ("www.internal", "lingering")])

    # The reverse: an old keeper and a new phonebookd, which logs what is not kept.
    daemon.stop()
    keeper.kill()
    keeper.wait()
    keeper = start_keeper(t, program=old_keeper)
    for client in clients:
        client.close()
    daemon.start()
    assert "it is older than phonebookd" in daemon.log(), daemon.log()
    clients = [t.register(app, name, "eth0", "wait=60") for name in ("a", "b")]
    lingers(t, app, "www", 600)
    wait_equal(states, [("a.internal", "live"), ("b.internal", "live"), ("www.internal", "lingering")])
    for end in (daemon.kill, daemon.stop):
        end()
        daemon.start()
        both_live(daemon)
    assert "lost:" not in daemon.log(), daemon.log()

    # The order of an upgrade: the new keeper takes nothing over from the old one, and is given all
    # that phonebookd holds.
    lingers(t, app, "mail", 600)
    keeper.kill()
    keeper.wait()
    start_keeper(t)
    wait_until(lambda: "took over 0 sockets" in daemon.log().split("lost: ")[-1], what="it is found")
    clients.append(t.register(app, "c", "eth0", "wait=60"))
    daemon.kill()
    daemon.start()
    wait_equal(states, [("a.internal", "live"), ("b.internal", "live"), ("c.internal", "live"),
                        ("mail.internal", "lingering")])
    for client in clients:
        client.close()
    shutil.rmtree("/run/before")
