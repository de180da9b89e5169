"""A thousand names are registered at once: the time until all are answered, and how often the database was
built meanwhile."""
import os
import time

from kit.renames import Renames

from parts.asker import Asker
from parts.figures import milliseconds, shown, spread
from parts.peers import ByCommand, ByDnsmasq, ByShell, end, start_all, start_quickly

NAMES = 1000
QUIET = 1.3  # seconds


class Clients(ByCommand):
    title = "phonebook, socket clients"
    runtime = "/run/clients"

    def publish_all(self):
        self.burst = self.phonebook.hold("b", NAMES, "-a")

    def withdraw_all(self):
        self.burst.kill()


class Commands(ByCommand):
    title = "phonebook publish, a process each"
    runtime = "/run/commands"

    def publish_all(self):
        command = self.bench.program("phonebook")
        self.pids = [start_quickly([command, "publish", f"b{i:06}", "lo"], self.environment)
                     for i in range(NAMES)]

    def withdraw_all(self):
        end(self.pids)


class Shell(ByShell):
    title = "one new data, one tinydns-data"

    def publish_all(self):
        with open("/run/lines", "w", encoding="ascii") as file:
            file.writelines(f"+b{i:06}.bench:{self.bench.address}:60\n" for i in range(NAMES))
        self.shell("cat /run/lines >>data && tinydns-data")

    def withdraw_all(self):
        self.shell("grep -v '^+b' data >new && mv new data && tinydns-data")


class Dnsmasq(ByDnsmasq):
    title = "dnsmasq --hostsdir, a file each"

    def publish_all(self):
        for i in range(NAMES):
            self.publish(f"b{i:06}")

    def withdraw_all(self):
        for i in range(NAMES):
            self.withdraw(f"b{i:06}")


def rest(way):
    """Waits until the next build may begin at once."""
    if isinstance(way, ByCommand):
        time.sleep(QUIET)


def timed(asker, way, act, question):
    """Seconds until all answers are as `question` asks, and the number of builds meanwhile."""
    builds = Renames(way.phonebook.database) if isinstance(way, ByCommand) else None
    asker.turn_to(way.address, 200)
    asker.say(question)
    began = time.monotonic()
    act()
    took = asker.took(began)
    way.settle()
    return took, builds.count() if builds else 1


def measure_all(bench, count, rounds):
    """The rows of the table for `count` names that are there already."""
    asker = Asker(bench)
    ways = start_all(bench, asker, count, [Clients, Commands, Shell, Dnsmasq])
    figures = {way: ([], [], [], []) for way in ways}
    for _ in range(rounds):
        for way in ways:
            rest(way)
            there, builds = timed(asker, way, way.publish_all, "all /run/names")
            rest(way)
            gone, builds_gone = timed(asker, way, way.withdraw_all, "none /run/names")
            for samples, value in zip(figures[way], (there, builds, gone, builds_gone)):
                samples.append(value)
    for way in ways:
        way.stop()
    asker.kill()
    os.system("rm -rf /run/clients* /run/commands* /run/shell /run/hosts*")
    return [[way.title, f"{count:,}", milliseconds(there),
             spread(builds) if isinstance(way, ByCommand) else "-", milliseconds(gone),
             spread(builds_gone) if isinstance(way, ByCommand) else "-"]
            for way, (there, builds, gone, builds_gone) in figures.items()]


def run(bench):
    with open("/run/names", "w", encoding="ascii") as file:
        file.writelines(f"b{i:06}.bench {bench.address}\n" for i in range(NAMES))
    rounds = bench.rounds(3)
    text = (f"{rounds} times. phonebook builds at most once a second. The first build has the names that were "
            f"registered when it began; the second, a second later, has the rest.")
    with shown(["", "names present", "all answered, ms", "builds", "all gone, ms", "builds"],
               text) as rows:
        for count in 0, 10000:
            rows += measure_all(bench, count, rounds)
