"""phonebookd is killed (SIGKILL) again and again, while some clients stay, others come and go, and a client
asks tinydns without pause: what is lost, and how soon a new phonebookd has everything again."""
import os
import random
import sys
import time

from kit import Failed
from kit.renames import Renames
from kit.tinydns import Tinydns

from parts import churn
from parts.asker import Asker
from parts.figures import milliseconds, number, shown
from parts.phonebook import Phonebook

FIRST_OF_NAMESPACES = 10 << 24 | 65 << 16  # as in hold.c
SETTLED = 3.0
LIMIT = 120.0
EARLY = 4  # one kill in so many comes before the new phonebookd can be ready


class Case:
    def __init__(self, registrations, namespaces, kills):
        self.registrations, self.namespaces, self.kills = registrations, namespaces, kills

    def expected(self, bench):
        """{name: address} of those that stay."""
        names = [f"s{i:06}.bench" for i in range(self.registrations)]
        if not self.namespaces:
            return dict.fromkeys(names, bench.address)
        each = self.registrations / self.namespaces
        numbers = [FIRST_OF_NAMESPACES + int(i / each) for i in range(self.registrations)]
        return {name: ".".join(str(n >> shift & 255) for shift in (24, 16, 8, 0))
                for name, n in zip(names, numbers)}


class Loop:
    """One run of the crash loop."""

    def __init__(self, bench, case):
        self.bench, self.case = bench, case
        self.expected = case.expected(bench)
        self.phonebook = Phonebook(bench, runtime="/run/survive").start()
        self.builds = Renames(self.phonebook.database)
        options = ["-n", str(case.namespaces)] if case.namespaces else []
        self.holder = self.phonebook.hold("s", case.registrations, *options)
        self.phonebook.wait_names(case.registrations)
        self.server = Tinydns(bench, self.phonebook.database, "127.0.0.1")
        self.asker = Asker(bench)
        self.churn = bench.speaker([sys.executable, churn.__file__, self.phonebook.publish, "c"])
        self.built, self.listed = [], []
        self.kills = self.partial = 0

    def watch(self):
        with open("/run/expected", "w", encoding="ascii") as file:
            file.writelines(f"{name} {address}\n" for name, address in self.expected.items())
        self.asker.turn_to(self.server.address, 300)
        self.asker.say("watch /run/expected")

    def kill(self):
        self.phonebook.daemon.kill()
        self.kills += 1

    def kill_early(self):
        """Somewhere between the start of the process and its having everything."""
        self.phonebook.start_daemon()
        time.sleep(random.uniform(0, 1.2 * (min(self.built) if self.built else 0.01)))
        self.kill()

    def complete(self):
        """Does `list` have all with their addresses?"""
        text = self.phonebook.read_list()
        return text is not None and text.count(b" addresses=10.") >= self.case.registrations

    def restart(self):
        """A new phonebookd, from its start until it has all that stay."""
        self.builds.count()
        began = time.monotonic()
        self.phonebook.start_daemon()
        if not self.builds.wait(began + LIMIT):
            raise Failed("a new phonebookd built nothing")
        self.built.append(time.monotonic() - began)
        while not self.complete():
            if time.monotonic() > began + LIMIT:
                raise Failed("a new phonebookd does not list everything")
            time.sleep(0.0005)
        self.listed.append(time.monotonic() - began)
        missing = self.expected.keys() - self.phonebook.published().keys()
        self.partial += bool(missing)

    def run(self):
        self.watch()
        for i in range(self.case.kills):
            time.sleep(random.uniform(0, 0.5))
            self.kill()
            if i % EARLY == EARLY - 1:
                self.kill_early()
            self.restart()
        time.sleep(0.5)
        self.asker.say("stop")
        self.asked, self.wrong, self.missing = map(int, self.asker.hear().split())
        self.connections, self.again, self.refused, self.ended, longest = (
            self.churn.ask("stop").split())
        self.longest = float(longest)
        for name in self.churn.hear().split():
            self.expected[f"{name}.bench"] = self.bench.address
        self.settle()

    def settle(self):
        """When all is quiet: what is published beside what is held."""
        time.sleep(SETTLED)
        published = self.phonebook.published()
        listed = {line.split(b" ")[0].partition(b"=")[2].decode()
                  for line in self.phonebook.read_list().splitlines()}
        right = {name: {address} for name, address in self.expected.items()}
        self.lost = sum(published.get(name) != right[name] or name not in listed for name in right)
        self.ghosts = len((published.keys() | listed) - right.keys())
        self.ended = int(self.ended) + self.holder.ended()

    def stop(self):
        for child in self.asker, self.churn, self.holder:
            child.kill()
        self.server.stop()
        self.phonebook.remove()
        os.unlink("/run/expected")


def run_case(bench, case, times, losses):
    """Runs one loop, and adds its row to both tables."""
    loop = Loop(bench, case)
    loop.run()
    loop.stop()
    label = f"{case.registrations:,}"
    if case.namespaces:
        label += f" in {case.namespaces} namespaces"
    times.append([label, len(loop.built), milliseconds(loop.built), milliseconds(loop.listed)])
    losses.append([label, loop.kills, f"{int(loop.connections):,}", f"{int(loop.again):,}",
                   loop.refused, loop.ended, loop.lost, loop.ghosts, loop.partial,
                   f"{loop.asked:,}", loop.wrong, loop.missing, number(loop.longest * 1e3)])


def run(bench):
    text = ("A kill comes up to half a second after everything is back. Every fourth kill is followed by another "
            "one before everything can be back. Times from the start of the new process:")
    lost = ("What was lost. Connections `made again` had no reply yet when phonebookd was killed. All columns from "
            "`refused` on should be 0, except the number of questions and the longest wait:")
    with shown(["registrations", "kills", "connections", "made again", "refused", "ended",
                "names lost", "ghosts", "incomplete builds", "questions", "wrong answers",
                "no answer", "longest wait for a reply, ms"], lost) as losses:
        with shown(["registrations", "starts", "build that has all, ms", "complete list, ms"],
                   text) as times:
            for registrations, namespaces, kills in ((100, 0, 60), (1000, 0, 60), (1000, 200, 30),
                                                     (10000, 0, 24)):
                run_case(bench, Case(registrations, namespaces, bench.rounds(kills)), times, losses)
