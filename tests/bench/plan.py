"""What so many names need: for the planner's table in docs/running.md.

Memory is the highest resident set that phonebookd reached (VmHWM), in its start with all of these
names, which is when it needs most; octets a name are those above an empty phonebookd's."""
import os

from kit.children import wait_until
from kit.figures import milliseconds, number, shown
from kit.phonebook import EACH, Phonebook
from scale import LIMIT, end, leave_one_address, taken_over

OWN_MAX = 10000  # names with a connection each, since RLIMIT_NOFILE may be as low as 20,000


def peak(process):
    """Octets."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class Needs:
    """Of one phonebookd that has taken over so many names, and its keeper."""

    def __init__(self, bench, count, each):
        self.seconds = []
        phonebook = Phonebook(bench, runtime="/run/plan").start()
        try:
            holder = phonebook.hold("p", count, "-c", str(each)) if count else None
            if count:
                phonebook.wait_names(count, LIMIT)
            for _ in range(bench.rounds(3)):
                self.seconds.append(taken_over(phonebook))
                wait_until(lambda: len(phonebook.published()) >= count, LIMIT, "all names again")
            self.daemon, self.keeper = peak(phonebook.daemon), peak(phonebook.keeper)
            self.descriptors = descriptors(phonebook.daemon), descriptors(phonebook.keeper)
            if holder:
                holder.kill()
        finally:
            end(phonebook)


def run(bench):
    leave_one_address(bench)
    counts = [1000] if bench.quick else [1000, 10000, 100000]
    nothing = Needs(bench, 0, 1)
    text = (f"An empty phonebookd has {number(nothing.daemon / 2**20)} MiB and "
            f"{nothing.descriptors[0]} descriptors, an empty keeper {number(nothing.keeper / 2**20)} MiB "
            f"and {nothing.descriptors[1]}. A takeover is from the SIGKILL of phonebookd to the reply "
            f"to somebody else's next request.")
    with shown(["names", "on each connection", "takeover, ms", "phonebookd, MiB", "octets a name",
                "keeper, MiB", "octets a name", "descriptors", "of the keeper"], text) as rows:
        for count in counts:
            for each in (1, EACH) if count <= OWN_MAX else (EACH,):
                needs = Needs(bench, count, each)
                rows.append([f"{count:,}", each, milliseconds(needs.seconds),
                             number(needs.daemon / 2**20),
                             number((needs.daemon - nothing.daemon) / count),
                             number(needs.keeper / 2**20),
                             number((needs.keeper - nothing.keeper) / count),
                             *needs.descriptors])
