"""No user can starve another: who is served first, how many lines are logged, how many records are made. These
tests compare counts and order, and no times."""
import mmap
import os
import re
import struct
import sys

from kit import (INTERNAL, KEEP, NO_LEAK_CHECK, PUBLIC, RUNTIME, Client, limit, read_list, remains, start_keeper,
                 wait_until)
from kit import asker

ADDRESS = "192.168.1.1"
MEMBERS, VICTIM = (3001, 3002), 3003
CONNECTIONS, OUTSTANDING = 200, 8  # of each member, who may have 256 connections
QUESTIONS = 20
ROUNDS = 8  # the most turns of each other connection before a newcomer's turn

LINES_MAX = 30  # in the log, caused by one user in less than a minute
LABELS_MAX = 8  # below a zone


def host_link(t):
    t.host.dummy("eth0", f"{ADDRESS}/24")


class Member:
    """A client that requests without end; see kit/asker.py."""

    def __init__(self, t, uid):
        count = f"/run/test/count-{uid}"
        with open(count, "wb") as file:
            file.write(bytes(8))
        with open(count, "r+b") as file:
            self.counter = mmap.mmap(file.fileno(), 8)
        self.process = t.spawn([sys.executable, asker.__file__, str(uid), str(CONNECTIONS),
                                str(OUTSTANDING), f"{RUNTIME}/publish", count], name=f"asker-{uid}")
        self.process.wait_output("ready")

    def answered(self):
        return struct.unpack_from("=Q", self.counter)[0]


def answered(members):
    return sum(member.answered() for member in members)


def expect_turns(t, members, victim, first):
    """Half of the victim's requests are answered before the others had too many turns; if newcomers went
    first, none would be. A single request proves nothing, because the others go on after the victim's
    answer until the victim gets a processor. The count of their turns may include replies that were on
    their way when the victim asked."""
    most = len(members) * CONNECTIONS * (OUTSTANDING + ROUNDS)
    turns = []
    for n in range(QUESTIONS):
        before = answered(members)
        reply = victim().ask(f"victim{first + n} eth0")
        turns.append(answered(members) - before)
        assert reply.startswith("ok "), f"request {n}: {reply!r}"
    median = sorted(turns)[len(turns) // 2]
    assert median <= most, f"others had {turns} turns before each request, {most} are fair"


@limit(300)
def test_a_pipeline_delays_nobody(t):
    """Two members request without end, over as many connections as they may have. Requests of newcomers and
    of a connected client are each answered after a bounded number of theirs."""
    daemon, _ = t.kept(verbose=False, rebuilt=True)
    host_link(t)
    members = [Member(t, uid) for uid in MEMBERS]
    wait_until(lambda: answered(members) > 0, what="they are served")
    there = Client(t.host, uid=VICTIM)
    expect_turns(t, members, lambda: there, 0)
    newcomers = []

    def newcomer():
        newcomers.append(Client(t.host, uid=VICTIM))
        return newcomers[-1]
    expect_turns(t, members, newcomer, QUESTIONS)
    for member in members:
        assert member.process.alive(), "it asks to the end, or this proves nothing"
        member.process.kill()


@limit(300)
def test_of_two_members_none_is_served_alone(t):
    """Members that request without end share: none gets many times as many answers as the other."""
    daemon, _ = t.kept(verbose=False, rebuilt=True)
    host_link(t)
    members = [Member(t, uid) for uid in MEMBERS]
    wait_until(lambda: all(member.answered() > 0 for member in members), 120, "both ask")
    before = [member.answered() for member in members]
    wait_until(lambda: answered(members) > sum(before) + 50 * CONNECTIONS, 120, "many turns")
    first, second = (member.answered() - n for member, n in zip(members, before))
    assert min(first, second) * 10 >= max(first, second), f"{first} and {second} turns"
    for member in members:
        member.process.kill()


def received(trace):
    """The number of messages that the keeper has taken, as returned by recvmmsg(2)."""
    with open(trace, encoding="utf-8", errors="replace") as file:
        return sum(int(n) for n in re.findall(r"recvmmsg\(.*\) = (\d+)", file.read()))


@limit(300)
def test_a_newcomer_goes_before_what_is_stored_again(t):
    """A new keeper gets all registrations again; a request whose client waits goes first. The keeper is
    slowed down, so that there is time for such a request."""
    daemon, keeper = t.kept(verbose=False)
    host_link(t)
    held = []
    for n in range(50):
        held.append(t.client())
        held[-1].send("".join(f"n{n}x{i} eth0\n" for i in range(64)))
    wait_until(lambda: len(read_list()) == 3200, what="3,200 names")
    for one in held:
        assert all(one.reply().startswith("ok ") for _ in range(64))
    keeper.kill()
    trace = "/run/test/keeper.strace"
    start_traced_keeper(t, trace)
    wait_until(lambda: received(trace) > 20, what="everything is being stored again")
    newcomer, before = t.client(), received(trace)
    reply = newcomer.ask("newcomer eth0")
    after = received(trace)
    assert reply.startswith("ok "), reply
    assert before < 2000, "too late: nearly everything was stored, and this proves nothing"
    assert after - before <= 1000, f"{after - before} messages of 3,250 went before the newcomer's"
    newcomer.close()
    for one in held:
        one.close()
    daemon.wait("newcomer.internal")


def start_traced_keeper(t, trace):
    os.unlink(KEEP)
    return start_keeper(t, prefix=["strace", "-f", "-o", trace, "-e", "trace=recvmmsg", "-e",
                                   "inject=recvmmsg:delay_exit=20000"], env=NO_LEAK_CHECK)


def test_a_flapping_interface_does_not_fill_the_log(t):
    """Sixty names have, by turns, more addresses than fit in a reply: the log has a few lines about it, and
    the number of lines left out."""
    daemon = t.daemon(zones=(INTERNAL, PUBLIC), verbose=False)
    host_link(t)
    long = ".".join(("l" * 63, "m" * 63, "n" * 60))
    client = Client(t.host, uid=VICTIM)
    for n in range(60):
        assert client.ask(f"n{n}.{long} eth0").startswith("ok ")
    client.register("short", "eth0")
    daemon.wait("short.internal", ADDRESS)
    before = len(daemon.log().splitlines())
    many = [f"10.6.0.{i}/32" for i in range(1, 40)] + [f"fd00:6::{i:x}/128" for i in range(1, 40)]
    for _ in range(4):
        t.host.ip(*(t.host.add("eth0", address) for address in many))
        wait_until(lambda: len(daemon.addresses("short.internal")) > 5, what="many addresses")
        t.host.ip(*(f"addr del {address} dev eth0" for address in many))
        daemon.wait("short.internal", ADDRESS)
    lines = daemon.log().splitlines()[before:]
    assert len(lines) <= LINES_MAX, f"{len(lines)} lines, the first are {lines[:5]}"
    client.close()


def test_names_make_a_bounded_number_of_records(t):
    """Each label of a name makes a record of its own, which says that there are names below."""
    daemon = t.daemon(zones=(INTERNAL,))
    host_link(t)
    client = t.client()
    reply = client.ask(".".join(["d"] * 100) + " eth0")
    assert reply.startswith("error name "), reply
    assert client.ask(".".join(["d"] * (LABELS_MAX + 1)) + " eth0").startswith("error name ")
    for n in range(50):
        client.register(".".join([f"n{n}"] * LABELS_MAX), "eth0")
    wait_until(lambda: len(daemon.shown("internal")) == 50, what="50 names")
    records = len(daemon.text("internal").splitlines())
    assert records <= 50 * LABELS_MAX + 10, f"{records} records for 50 names"
    client.close()
    daemon.agree()


def test_half_a_line_delays_nobody(t):
    """A user has as many connections as allowed, each with half a line: others are served, one by one."""
    daemon = t.daemon(zones=(INTERNAL,))
    host_link(t)
    halves = [Client(t.host, uid=MEMBERS[0]) for _ in range(CONNECTIONS)]
    for half in halves:
        half.send("half-of-a-line")
    for n in range(QUESTIONS):
        client = Client(t.host, uid=VICTIM)
        assert client.ask(f"n{n} eth0").startswith("ok ")
        client.close()
    remains(lambda: daemon.process.alive(), 0.5, "phonebookd runs")
    for half in halves:
        half.close()
