"""What so many names need: for the planner's table in docs/running.md.

Memory is the highest resident set that phonebookd reached (VmHWM), in its start with all of these
names, which is when it needs most; octets a name are those above an empty phonebookd's."""
from kit import wait_until
from kit.cost import descriptors, most_resident

from parts.figures import milliseconds, number, shown
from parts.phonebook import EACH, Phonebook
from scale import LIMIT, leave_one_address, taken_over

OWN_MAX = 10000  # names with a connection each, since RLIMIT_NOFILE may be as low as 20,000


class Needs:
    """Of one phonebookd that has taken over so many names, and its keeper."""

    def __init__(self, bench, count, each):
        self.seconds = []
        phonebook = Phonebook(bench, runtime="/run/plan").start()
        try:
            holder = phonebook.crowd(count, each=each) if count else None
            for _ in range(bench.rounds(3)):
                self.seconds.append(taken_over(phonebook))
                wait_until(lambda: len(phonebook.published()) >= count, LIMIT, "all names again")
            pids = phonebook.daemon.pid, phonebook.keeper.pid
            self.daemon, self.keeper = map(most_resident, pids)
            self.descriptors = tuple(map(descriptors, pids))
            if holder:
                holder.kill()
        finally:
            phonebook.remove()


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
