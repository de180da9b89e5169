"""`phonebook list -p` shows the processes that hold a name now, wherever they are."""
import json
import os
import socket

from kit import INTERNAL, USER, connect_as, later_connection, send_fds, wait_until
from kit.proc import children

MEMBER = USER + 7


def holders(t, *names, uid=None):
    """({name: [the processes of each connection, oldest first]}, the messages)."""
    user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []
    done = t.run([*user, t.program("phonebook"), "list", "-p", "-j", *names])
    found = {}
    for line in map(json.loads, done.stdout.splitlines()):
        connections = found.setdefault(line["name"], [])
        connections.append(line["processes"])
        assert line["number"] == len(connections), line
    return found, done.stderr


def pids(processes):
    return [process["pid"] for process in processes]


def test_every_holder_is_shown(t):
    t.daemon(zones=(INTERNAL,))
    app, other = (t.namespace(name).dummy("eth0", "192.168.1.1/24") for name in ("app", "other"))
    www = t.publish(app, "-w", "60", "www", "eth0", "sh", "-c", "sleep infinity & exec sleep infinity")
    wait_until(lambda: "www.internal" in holders(t)[0] and children(www.pid), what="it is registered, and has its child")
    later_connection()
    ours = t.register(other, "www", "eth0")  # by this process, which is in neither namespace
    parent = t.publish(other, "-f", "mail", "eth0", "sleep", "infinity")
    here = t.register(t.host, "here", "lo")
    flying = t.register(app, "flying", "eth0")
    ends = socket.socketpair()
    send_fds(ends[0], flying.socket)
    flying.close()
    wait_until(lambda: "mail.internal" in holders(t)[0], what="all are registered")
    found, said = holders(t)
    first, second = found["www.internal"]
    assert pids(first) == sorted([www.pid, *children(www.pid)]) and first[0]["command"] == "sleep", found
    assert pids(second) == [os.getpid()], found
    assert pids(found["mail.internal"][0]) == [parent.pid], "not the program, to which it hands on nothing"
    assert pids(found["here.internal"][0]) == [os.getpid()]
    assert found["flying.internal"] == [[]], "a copy that is in no process"
    assert said == "", said
    table = t.run([t.program("phonebook"), "list", "-p", "www"]).stdout.splitlines()
    assert table[0].split() == ["NAME", "NUMBER", "INTERFACE", "NAMESPACE", "UID", "AGE", "STATE", "PROCESSES"]
    assert [row.split()[1] for row in table[1:]] == ["1", "2"]
    assert table[1].split()[7] == ",".join(f"{pid}(sleep)" for pid in pids(first))
    done = t.run([t.program("phonebook"), "evict", "www"], check=False)
    assert done.returncode == 1 and f"{www.pid}(sleep)" in done.stderr, done
    whole = t.run([t.program("phonebook"), "list", "-p", "-l"]).stdout.splitlines()[0].split()
    assert len(whole) == 13 and whole[-3:] == ["PROCESSES", "ADDRESSES", "WITHHELD"], whole
    for each in ours, here, *ends:
        each.close()


def test_others_are_shown_to_exist(t):
    """Connections of another user, or from another namespace, are not shown as held by nobody."""
    t.daemon(zones=(INTERNAL,))
    app = t.app()
    mine = t.spawn(["setpriv", f"--reuid={MEMBER}", f"--regid={MEMBER}", "--clear-groups",
                    t.program("phonebook"), "publish", "mine", "lo", "sleep", "infinity"])
    roots = t.register(t.host, "roots", "lo")
    away = connect_as(app, MEMBER, "/run/phonebook/publish")
    away.sendall(b"away eth0\n")
    assert away.recv(1024).startswith(b"ok ")
    wait_until(lambda: "mine.internal" in holders(t)[0], what="it is registered")
    found, said = holders(t, uid=MEMBER)
    assert pids(found["mine.internal"][0]) == [mine.pid], found
    assert found["roots.internal"] == [None] and found["away.internal"] == [None], found
    assert "the processes of 2 connections are not known" in said, said
    away.close()
    roots.close()
