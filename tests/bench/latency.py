"""The time from the command that publishes a name to the first right answer, and from the SIGKILL of its holder
until the name is gone."""
import os
import statistics
import time

from parts.asker import Asker
from parts.figures import beside, in_time, milliseconds, number, shown
from parts.peers import ByBind, ByDnsmasq, ByShell, BySocket, start_all, start_quickly
from parts.picture import draw

QUIET = 1.15  # seconds; a database is built once per second at most
VERBS = "publish", "withdraw"
PEERS = ByDnsmasq, ByShell, ByBind
FLOORS = "data.cdb", "data"


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
    """Takes one sample of each way, in turn. A quiet second precedes each half."""
    for verb in VERBS:
        time.sleep(QUIET)
        for way in ways:
            question = (f"until {name}.bench {bench.address}" if verb == "publish"
                        else f"gone {name}.bench")
            taken[type(way), verb].append(measure(bench, asker, way, getattr(way, verb), name,
                                                  question))
            if verb == "publish":
                way.ready_to_die(name)


def spawning(count):
    """Seconds to start a program and wait for its end, `count` times."""
    taken = []
    for _ in range(count):
        began = time.monotonic()
        os.waitpid(start_quickly(["/bin/true"]), 0)
        taken.append(time.monotonic() - began)
    return taken


def write_and_rename(octets, path):
    """Seconds to write a file and rename it over another one. The old file is kept open, as servers and
    phonebookd keep theirs, so that the time to free it is not included."""
    with open(path, "ab"):
        began = time.monotonic()
        fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        written = os.write(fd, octets)
        os.close(fd)
        os.rename(f"{path}.new", path)
        took = time.monotonic() - began
    assert written == len(octets)
    return took


def write_floors(ways, taken):
    """Writes phonebookd's finished files once more, which is the least that any build takes."""
    for way in ways:
        if type(way) is BySocket:
            for name in FLOORS:
                with open(f"{way.phonebook.database}/{name}", "rb") as file:
                    octets = file.read()
                taken[name].append(write_and_rename(octets, f"/run/floor.{name}"))


def measure_all(bench, count, rounds):
    """{(way, verb) or floor: samples} with so many names that are there already."""
    asker = Asker(bench)
    ways = start_all(bench, asker, count)
    taken = {(type(way), verb): [] for way in ways for verb in VERBS}
    taken.update({name: [] for name in FLOORS})
    for i in range(rounds):
        one_round(bench, asker, ways, f"x{i:03}", taken)
        write_floors(ways, taken)
    for way in ways:
        way.stop()
    asker.kill()
    os.system("rm -rf /run/command* /run/socket* /run/shell /run/hosts* /run/bind /run/floor*")
    return taken


def rows_of(taken, count):
    rows = []
    for way in dict.fromkeys(key[0] for key in taken if key not in FLOORS):
        row = [way.title, f"{count:,}"]
        for verb in VERBS:
            mine = taken[way, verb]
            row.append(milliseconds(mine))
            row += [beside(mine, taken.get((peer, verb), [])) for peer in PEERS]
        rows.append(row)
    return rows


def median(samples):
    samples = in_time(samples)
    return statistics.median(samples) if samples else None


def above_floor(taken, empty, verb, count):
    """What the names cost: over what an empty database takes, to the bare write of data.cdb; `of the
    medians / of the fastest`."""
    samples = [in_time(found.get((BySocket, verb), [])) for found in (taken, empty)]
    samples.append(taken["data.cdb"])
    if not count or not all(samples):
        return "-"
    return " / ".join(number((ours - none) / floor) for ours, none, floor in
                      (map(choose, samples) for choose in (statistics.median, min)))


def floor_row(taken, empty, count):
    return [f"{count:,}", *(milliseconds(taken[name]) for name in FLOORS),
            *(above_floor(taken, empty, verb, count) for verb in VERBS)]


def picture(bench, found):
    lines = {way.title: [median(taken.get((way, "publish"), [])) for taken in found.values()]
             for way in (BySocket, *PEERS)}
    lines["data.cdb, write and rename alone"] = [median(t["data.cdb"]) for t in found.values()]
    lines = {title: [v and v * 1e3 for v in values] for title, values in lines.items()
             if any(values)}
    path = bench.picture("latency")
    if draw(path, "From publishing a name to the first right answer", "names that are there already",
            "ms (median)", [f"{count:,}" for count in found], lines):
        print(f"The picture: {path}\n")


def run(bench):
    rounds = bench.rounds(20)
    text = (f"{rounds} samples each, taken in turn. Before each, nothing happens for {QUIET} seconds, so that "
            f"a build begins at once. The names that are present are held by one user (uid 0), 64 on a "
            f"connection. To start /bin/true and wait for its end takes {milliseconds(spawning(50))} ms here. "
            f"Ratios are of the medians / of the fastest.")
    floors = ("The lower limit: the finished file is written and renamed, and nothing else. `over empty` is how "
              "much longer the socket client waits than with an empty database, divided by the time that "
              "data.cdb takes here.")
    found = {}
    with shown(["names present", "data.cdb, ms", "data, ms", "publish to answer, over empty",
                "SIGKILL to gone, over empty"], floors) as floor_rows:
        with shown(["", "names present", "publish to answer, ms", "to dnsmasq", "to the shell",
                    "to BIND", "SIGKILL to gone, ms", "to dnsmasq", "to the shell", "to BIND"],
                   text) as rows:
            for count in bench.sizes(0, 1000, 10000, 100000):
                found[count] = measure_all(bench, count, rounds)
                rows += rows_of(found[count], count)
                floor_rows.append(floor_row(found[count], found[0], count))
    picture(bench, found)
