"""What phonebookd uses while nothing changes, and how much memory a registration takes."""
import time

from kit.proc import cpu_seconds, memory, wakeups
from kit.renames import Renames
from kit.tinydns import Tinydns

from parts.figures import number, table
from parts.phonebook import EACH, Phonebook

SECONDS = 10
SETTLED = 3  # seconds after which the last build is over, and what it replaced is freed
OWN_MAX = 10000  # registrations that have a connection each
REFRESHED = "fd00:6::1/64"
REFRESH_EVERY = 0.02


def used(processes):
    return [(cpu_seconds(p.pid), wakeups(p.pid)) for p in processes]


def refresh(bench):
    """Does what a router advertisement does: the same address gets new lifetimes."""
    bench.host.ip(f"address replace {REFRESHED} dev lo valid_lft 3600 preferred_lft 1800")


def refreshes(bench, seconds):
    """(refreshes of an address within `seconds`, builds of the database that shows it)"""
    refresh(bench)
    phonebook = Phonebook(bench, runtime="/run/refresh", families="ipv4 ipv6").start()
    crowd = phonebook.crowd(1000)
    time.sleep(SETTLED)
    builds, count, end = Renames(phonebook.database), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        refresh(bench)
        count += 1
        time.sleep(REFRESH_EVERY)
    time.sleep(SETTLED)
    built = builds.count()
    crowd.kill()
    phonebook.stop()
    return count, built


def run(bench):
    phonebook = Phonebook(bench).start()
    server = Tinydns(bench, phonebook.database, "127.0.0.1")
    processes = {"phonebookd": phonebook.daemon, "phonebook-keeper": phonebook.keeper}
    seconds = 2 if bench.quick else SECONDS
    counts = bench.sizes(1000, 10000, 100000)
    sizes = {0: {n: memory(p.pid) for n, p in processes.items()}}
    rest = {}
    held = 0
    for count in counts:
        phonebook.hold(f"h{held}n", count - held, "-c", str(1 if count <= OWN_MAX else EACH))
        held = count
        phonebook.wait_names(count)
        time.sleep(SETTLED)
        before = used(processes.values())
        time.sleep(seconds)
        after = used(processes.values())
        rest[count] = {n: (a[0] - b[0], a[1] - b[1])
                       for n, a, b in zip(processes, after, before)}
        sizes[count] = {n: memory(p.pid) for n, p in processes.items()}
    server.stop()
    phonebook.stop()

    print(f"Over {seconds} seconds without a change. The first {OWN_MAX:,} registrations have a connection each; "
          f"of all further ones, {EACH} share a connection. Memory is the proportional set size; the kernel's "
          f"memory for connections is not included.")
    rows = []
    for name in processes:
        for count in counts:
            cpu, woken = rest[count][name]
            size = sizes[count][name]
            rows.append([name, f"{count:,}", number(cpu * 1e3), woken, number(size / 2**20),
                         number((size - sizes[0][name]) / count)])
    table(["", "registrations", "CPU, ms", "wakeups", "memory, MiB", "bytes per registration"], rows)
    refreshed, built = refreshes(bench, seconds)
    print(f"An address that 1,000 names show got new lifetimes {refreshed} times in {seconds} seconds, as router "
          f"advertisements give them; this caused {built} builds.\n")
