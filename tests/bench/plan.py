"""What phonebookd and its keeper need for a number of names: for the table in docs/running.md.

Memory is the largest resident set (VmHWM), which is reached when phonebookd starts and takes over all names.
Octets a name are those above an empty phonebookd's."""
from kit import wait_until
from kit.proc import descriptors, most_resident

from parts.figures import milliseconds, number, shown
from parts.phonebook import EACH, Phonebook
from scale import LIMIT, leave_one_address, taken_over

OWN_MAX = 10000  # names with a connection each, since RLIMIT_NOFILE may be as low as 20,000


class Needs:
    """What one phonebookd that has taken over `count` names needs, and its keeper."""

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
            f"and {nothing.descriptors[1]}. A takeover is the time from the SIGKILL of phonebookd until the next "
            f"request of another client is answered.")
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
