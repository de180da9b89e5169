"""How long it takes to make data.cdb: by phonebookd at its start, which first makes an image of each owner's
records; by tinycdb alone, from keys and values in memory; and by two compilers, `phonebook compile` and
tinydns-data, from the same records as text."""
import filecmp
import os
import shutil

from kit import Failed

from parts.figures import beside, milliseconds, spread, table

WAYS = {
    "tinycdb": "tinycdb alone",
    "cdb": "phonebook, data.cdb and read back",
    "files": "phonebook, data written too",
    "database": "phonebook, both renamed too",
    "compile": "phonebook compile, the whole program",
    "tinydns-data": "tinydns-data, the whole program",
}
PROGRAMS = ("compile", "tinydns-data")  # which must read first
DIRECTORY = "/run/compile"


def one(bench, way, count):
    """(wall seconds, CPU seconds, bytes of memory)"""
    program = bench.program("phonebook") if way == "compile" else way
    done = bench.run([bench.helper("compile"), program, f"{DIRECTORY}/{way}", str(count)], timeout=None)
    wall, cpu, peak = map(int, done.stdout.split())
    return wall / 1e9, cpu / 1e9, peak * 1024


def prepare(bench, count):
    """Makes a directory for each way. The programs get the `data` that phonebook wrote."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for way in WAYS:
        os.makedirs(f"{DIRECTORY}/{way}")
    one(bench, "database", count)
    for way in PROGRAMS:
        shutil.copy2(f"{DIRECTORY}/database/data", f"{DIRECTORY}/{way}/data")


def compare():
    for way in WAYS:
        if not filecmp.cmp(f"{DIRECTORY}/{way}/data.cdb", f"{DIRECTORY}/tinydns-data/data.cdb",
                           shallow=False):
            raise Failed(f"data.cdb of {way} differs from tinydns-data's")


def run(bench):
    rows = []
    for count in bench.sizes(1000, 10000, 100000, large=1000000):
        rounds = bench.rounds(5 if count > 100000 else 15)
        prepare(bench, count)
        figures = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                figures[way].append(one(bench, way, count))
        compare()
        walls = {way: [f[0] for f in figures[way]] for way in WAYS}
        for way, title in WAYS.items():
            _, cpu, peak = zip(*figures[way])
            rows.append([title, f"{count:,}", milliseconds(walls[way]), milliseconds(cpu),
                         beside(walls[way], walls["tinycdb"]),
                         beside(walls[way], walls["tinydns-data"]),
                         spread(peak, 1 / 2**20).split(" ")[0]])
    shutil.rmtree(DIRECTORY)
    print("On a tmpfs, as /run is. Each 15 times (5 times for a million), in turn. Memory: for the first two, "
          "the growth beyond the records or entries themselves; for a program, all of it. All data.cdb files are "
          "equal, octet for octet. Ratios are of the medians / of the fastest.")
    table(["", "records", "ms", "CPU, ms", "to tinycdb", "to tinydns-data", "memory, MiB"], rows)
