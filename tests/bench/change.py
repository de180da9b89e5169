"""An interface that has very many names changes its address: how long another client waits for its `ok`
meanwhile, and how long until all names have the new address."""
import itertools
import time

from kit import Failed
from kit.renames import Renames

from parts.figures import milliseconds, shown
from parts.phonebook import EACH, Phonebook

LOOK = 1.5  # seconds in which the longest wait is looked for
LIMIT = 60.0
REST = 0.0005


def waits(phonebook, seconds, is_over=lambda: True):
    """The longest wait for an `ok` among requests made one after the other, for `seconds` and until
    is_over()."""
    longest, over, began = 0.0, False, time.monotonic()
    while not (over := over or is_over()) or time.monotonic() < began + seconds:
        if (now := time.monotonic()) > began + LIMIT:
            return None
        if not (phonebook.ask("other lo") or b"").startswith(b"ok"):
            raise Failed("no ok")
        longest = max(longest, time.monotonic() - now)
        time.sleep(REST)
    return longest


class Addresses:
    """One more address on lo, which changes."""

    def __init__(self, host):
        self.host = host
        self.all = (f"10.66.{i // 250 % 250}.{i % 250 + 1}" for i in itertools.count())
        self.now = None

    def change(self):
        before, self.now = self.now, next(self.all)
        self.host.ip(f"address add {self.now}/32 dev lo")
        if before:
            self.host.ip(f"address delete {before}/32 dev lo")


def shows(phonebook, count, address):
    """Do `count` names have the address?"""
    with open(f"{phonebook.database}/data", "rb") as file:
        return file.read().count(f":{address}:".encode()) >= count


def one(phonebook, builds, addresses, count):
    """(longest wait without a change, longest wait during the change, seconds until all names have the
    address)"""
    quiet = waits(phonebook, LOOK)
    took = []
    builds.count()
    addresses.change()
    began = time.monotonic()

    def is_over():
        if builds.count() and shows(phonebook, count, addresses.now):
            took.append(time.monotonic() - began)
        return took
    return quiet, waits(phonebook, LOOK, is_over), took[0] if took else None


def run(bench):
    rounds = bench.rounds(10)
    text = (f"{rounds} times. All names are of one user (uid 0) and on one interface, {EACH} on a connection. "
            f"Another client registers a name, hangs up at the reply, and begins again. Its longest wait is measured "
            f"for {LOOK} seconds without a change, and from the change until data.cdb has it for all names, but for "
            f"at least {LOOK} seconds.")
    addresses = Addresses(bench.host)
    with shown(["names", "longest wait, nothing changes, ms", "longest wait, all change, ms",
                "until all have it, ms"], text) as rows:
        for count in bench.sizes(10000, 100000):
            phonebook = Phonebook(bench, runtime=f"/run/change{count}").start()
            holder = phonebook.crowd(count)
            builds = Renames(phonebook.database)
            time.sleep(2 * LOOK)
            figures = [one(phonebook, builds, addresses, count) for _ in range(rounds)]
            rows.append([f"{count:,}", *(milliseconds(f) for f in zip(*figures))])
            holder.kill()
            phonebook.stop()
