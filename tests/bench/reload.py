"""The time from the rename of a new data.cdb to tinydns' first answer from it: when the writer keeps the
replaced file open until then, as phonebookd does, and when it does not."""
import os
import shutil
import time

from kit.tinydns import Tinydns

from parts.asker import Asker
from parts.figures import in_time, shown, spread

ADDRESS = "127.0.0.1"


def measure(asker, writer, how, name, address):
    asker.say(f"until {name}.bench {address}")
    time.sleep(0.005)
    renamed = int(writer.ask(f"{how} {name}.bench {address}")) / 1e9
    return asker.took(renamed)


def measure_all(bench, count):
    """The rows of the table for a database of so many names."""
    rows = []
    directory = "/run/reload"
    rounds = bench.rounds(60 if count <= 10000 else 30 if count <= 100000 else 8)
    asker = Asker(bench)
    writer = bench.speaker([bench.helper("rewrite"), directory, str(count)])
    writer.ask(f"keep first.bench {bench.address}")
    server = Tinydns(bench, directory, ADDRESS)
    asker.turn_to(ADDRESS, 10)
    taken = {"keep": [], "drop": []}
    for i in range(rounds):
        for how, samples in taken.items():
            samples.append(measure(asker, writer, how, f"{how}{i:03}", bench.address))
    for how, title in (("keep", "held by its writer"), ("drop", "not held")):
        samples = sorted(in_time(taken[how]))
        rows.append([title, f"{count:,}", spread(taken[how], 1e6),
                     spread(samples[int(0.95 * (len(samples) - 1)):][:1], 1e6), len(samples)])
    for child in asker, writer:
        child.kill()
    server.stop()
    shutil.rmtree(directory)
    os.system(f"rm -rf {directory}.other")
    return rows


def run(bench):
    with shown(["the replaced data.cdb", "names", "us", "95th percentile, us", "samples"]) as rows:
        for count in bench.sizes(0, 10000, 100000, large=1000000):
            rows += measure_all(bench, count)
