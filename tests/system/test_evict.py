"""`phonebook evict` ends a registration, whoever holds it, and it stays ended."""
from kit import INTERNAL, USER, read_list, wait_equal, wait_until


def evict(t, *arguments, uid=None):
    user = ["setpriv", f"--reuid={uid}", "--clear-groups"] if uid else []
    return t.run([*user, t.program("phonebook"), "evict", *arguments], check=False)


def test_a_stray_child_is_evicted(t):
    """A service restarts in a new namespace while a child of the old one still holds the name."""
    daemon, _ = t.kept()
    server = t.tinydns(daemon, "internal")
    former = t.namespace("former").dummy("m0", "10.7.0.1/24")
    latter = t.namespace("latter").dummy("m0", "10.7.0.2/24")
    first = t.publish(former, "-w", "60", "-l", "60", "-a", "static", "www", "m0", "sh", "-c",
                          "setsid sleep infinity & echo stray $!; exec sleep infinity")
    first.wait_output("stray")
    first.kill()
    service = t.publish(latter, "-w", "60", "-f", "www", "m0", "sleep", "infinity")
    wait_equal(lambda: server.ask("www.internal"), {"10.7.0.1", "10.7.0.2"})
    done = evict(t, "www")
    assert done.returncode == 1 and "www.internal is held by 2 connections" in done.stderr, done
    stray, = (line["number"] for line in read_list()
              if line["name"] == "www.internal" and "10.7.0.1" in line["addresses"])
    done = evict(t, "www.internal", stray, uid=USER)
    assert done.returncode == 1 and "refused (denied): www.internal is held by uid 0" in done.stderr, done
    done = evict(t, "www.internal", stray)
    assert done.returncode == 0 and set(done.stdout.split()) == {"www.internal", "static.internal"}, done
    wait_equal(lambda: server.ask("www.internal"), {"10.7.0.2"})
    wait_equal(lambda: server.ask("static.internal"), set())  # the name does not linger
    daemon.kill()
    daemon.start()  # the keeper has dropped it too
    assert [(line["name"], line["number"]) for line in read_list()] == [("www.internal", "1")]
    wait_equal(lambda: server.ask("www.internal"), {"10.7.0.2"})
    (line,) = read_list()
    assert evict(t, "--socket", line["socket"], "www").stdout == "www.internal\n"
    service.wait_output("www: evicted: uid 0, pid ")
    wait_until(lambda: not read_list(), what="nobody holds it")
    assert service.alive(), "the program goes on"


def test_holders_and_who_waits_are_evicted(t):
    """A client that is about to run a program, and a client without a program."""
    t.daemon(zones=(INTERNAL,))
    app = t.app()
    waiting = t.publish(app, "-w", "60", "www", "eth1", "true")
    wait_until(lambda: len(read_list()) == 1, what="it waits")
    assert evict(t, "www").returncode == 0
    assert waiting.wait() == 1
    assert "www: refused (evicted): uid 0, pid " in waiting.output(), waiting.output()
    holding = t.publish(app, "www", "eth0")
    holding.wait_output("www.internal")
    assert evict(t, "www").returncode == 0
    assert holding.wait() == 1 and "it is not registered again" in holding.output()
    done = evict(t, "www")
    assert done.returncode == 1 and "refused (absent): nobody holds this name" in done.stderr, done


def test_mistakes_in_arguments_are_told(t):
    for arguments in ((), ("www", "1", "2"), ("www", "0"), ("www", "first"), ("-s", "x", "www"),
                      ("-s", "5", "www", "1"), ("",), ("w w",)):
        assert evict(t, *arguments).returncode == 100, arguments
    done = evict(t, "www")
    assert done.returncode == 111 and "/run/phonebook/control" in done.stderr, done
