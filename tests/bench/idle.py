"""What phonebookd costs while nothing happens, and what a registration costs in memory."""
import time

from kit.children import cpu_seconds, memory, wakeups
from kit.figures import number, table
from kit.phonebook import Phonebook, Tinydns

SECONDS = 10
SETTLED = 3  # seconds after which the last build is over, and what it replaced is freed


def used(processes):
    return [(cpu_seconds(p.pid), wakeups(p.pid)) for p in processes]


def run(bench):
    phonebook = Phonebook(bench).start()
    server = Tinydns(phonebook.database, "127.0.0.1")
    processes = {"phonebookd": phonebook.daemon, "phonebook-keeper": phonebook.keeper}
    seconds = 2 if bench.quick else SECONDS
    sizes = {0: {n: memory(p.pid) for n, p in processes.items()}}
    rest = {}
    held = 0
    for count in 1000, 10000:
        phonebook.hold(f"h{held}n", count - held)
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

    print(f"Over {seconds} seconds without a change, with that many registrations, each on a "
          f"connection of its own. Memory is the proportional set; the kernel's part of a connection "
          f"comes on top of it.")
    rows = []
    for name in processes:
        for count in 1000, 10000:
            cpu, woken = rest[count][name]
            size = sizes[count][name]
            rows.append([name, f"{count:,}", number(cpu * 1e3), woken, number(size / 2**20),
                         number((size - sizes[0][name]) / count)])
    table(["", "registrations", "CPU, ms", "wakeups", "memory, MiB", "bytes per registration"], rows)
