"""From the command that publishes a name to the first right answer, and from the SIGKILL of the one
who holds it until the name is gone."""
import os
import time

from kit.children import Asker, spawn
from kit.figures import beside, milliseconds, shown
from kit.peers import ByDnsmasq, ByShell, start_all

QUIET = 1.15  # seconds; a database is built once per second at most


def measure(bench, asker, way, act, name, question):
    asker.turn_to(way.address)
    asker.say(question)
    time.sleep(0.01)  # it asks already, and this process sleeps
    began = time.monotonic()
    act(name)
    took = asker.took(began)
    way.settle()
    return took


def one_round(bench, asker, ways, name, taken):
    """A sample of each, in turn; a quiet second before each half."""
    for verb in "publish", "withdraw":
        time.sleep(QUIET)
        for way in ways:
            question = (f"until {name}.bench {bench.address}" if verb == "publish"
                        else f"gone {name}.bench")
            taken[way, verb].append(measure(bench, asker, way, getattr(way, verb), name, question))
            if verb == "publish":
                way.ready_to_die(name)


def spawning(count):
    """What it takes to start a program and see its end."""
    taken = []
    for _ in range(count):
        began = time.monotonic()
        os.waitpid(spawn(["/bin/true"]), 0)
        taken.append(time.monotonic() - began)
    return taken


def measure_all(bench, count, rounds):
    """The rows of the table for so many names that are there already."""
    rows = []
    asker = Asker(bench)
    ways = start_all(bench, asker, count)
    taken = {(way, verb): [] for way in ways for verb in ("publish", "withdraw")}
    for i in range(rounds):
        one_round(bench, asker, ways, f"x{i:03}", taken)
    by = {type(way): way for way in ways}
    for way in ways:
        row = [way.title, f"{count:,}"]
        for verb in "publish", "withdraw":
            mine = taken[way, verb]
            row += [milliseconds(mine),
                    beside(mine, taken[by[ByDnsmasq], verb]),
                    beside(mine, taken[by[ByShell], verb])]
        rows.append(row)
    for way in ways:
        way.stop()
    asker.kill()
    os.system("rm -rf /run/command* /run/socket* /run/shell /run/hosts*")
    return rows


def run(bench):
    rounds = bench.rounds(20)
    text = (f"{rounds} samples each, taken in turn; each after {QUIET} quiet seconds, so that it shows "
            f"a build and not the pace of builds. To start /bin/true and see its end takes "
            f"{milliseconds(spawning(50))} ms here. Ratios are of the medians / of the fastest.")
    with shown(["", "names present", "publish to answer, ms", "to dnsmasq", "to the shell",
                "SIGKILL to gone, ms", "to dnsmasq", "to the shell"], text) as rows:
        for count in 0, 10000:
            rows += measure_all(bench, count, rounds)
