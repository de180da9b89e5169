"""How times grow with the number of names: to register them, to read the list, and for a new phonebookd to take
them over; and how long this takes with a thousand zones, each of which has every name."""
import math
import signal
import statistics
import time

from kit import Failed, wait_until
from kit.proc import cpu_seconds

from parts.figures import milliseconds, number, shown
from parts.phonebook import EACH, Phonebook

ZONES = 1000
LIMIT = 600.0


def answered(phonebook):
    """Seconds until another client's request has its reply. phonebookd may have to start first."""
    began = time.monotonic()
    wait_until(lambda: phonebook.ask("other lo") is not None, LIMIT, "an answer", step=0.001)
    return time.monotonic() - began


def registered(phonebook, count):
    return phonebook.hold("s", count, "-c", str(EACH))


def listed(phonebook):
    began = time.monotonic()
    phonebook.read_list()
    return time.monotonic() - began


def taken_over(phonebook):
    phonebook.daemon.kill()
    began = time.monotonic()
    phonebook.start_daemon()
    answered(phonebook)
    return time.monotonic() - began


def reconfigured(phonebook):
    """Seconds from SIGHUP until the new configuration is read and another client's request has its reply."""
    def read():
        return phonebook.daemon.output().count("configuration read")
    before = read()
    began = time.monotonic()
    phonebook.daemon.kill(signal.SIGHUP)
    wait_until(lambda: read() > before, LIMIT, "SIGHUP", step=0.001)
    answered(phonebook)
    return time.monotonic() - began


def changed(phonebook):
    """The same, where one zone has another TTL."""
    phonebook.zones[1].more["ttl"] = str(int(phonebook.zones[1].more.get("ttl", 60)) + 1)
    phonebook.write()
    return reconfigured(phonebook)


def at_rest(phonebook):
    """Waits until nothing is built any more."""
    used = -1.0
    while (now := cpu_seconds(phonebook.daemon.pid)) - used > 0.01:
        used = now
        time.sleep(2.0)


def one_round(bench, count, taken):
    phonebook = Phonebook(bench, runtime="/run/scale").start()
    try:
        holder = registered(phonebook, count)
        taken["register"].append(holder.seconds)
        at_rest(phonebook)
        taken["list"].append(listed(phonebook))
        taken["take over"].append(taken_over(phonebook))
        holder.kill()
    finally:
        phonebook.remove()


def measure_size(bench, count):
    """Seconds of each round: {what: [...]}; those of the rounds that came to an end."""
    taken = {"register": [], "list": [], "take over": []}
    for _ in range(bench.rounds(3 if count < 1000000 else 1)):
        try:
            one_round(bench, count, taken)
        except Failed as why:
            print(f"{count:,} names: {why}", flush=True)
    return taken


def exponent(few, many, n_few, n_many):
    """`of the medians / of the fastest`."""
    if not few or not many:
        return "-"
    return " / ".join(number(math.log(choose(many) / choose(few)) / math.log(n_many / n_few))
                      for choose in (statistics.median, min))


def measure_sizes(bench):
    counts = [1000, 10000] if bench.quick else bench.sizes(10000, 100000, large=1000000)
    text = (f"{EACH} names on each connection, all of one user (uid 0). The time grows as the number of names to "
            f"the power of the exponent, from {counts[0]:,} to {counts[-1]:,}; 1 means that each name takes the "
            f"same time. Exponents are of the medians / of the fastest.")
    found = {}
    with shown(["ms", *(f"{count:,}" for count in counts), "exponent"], text) as rows:
        for count in counts:
            found[count] = measure_size(bench, count)
        first, last = found[counts[0]], found[counts[-1]]
        for what in first:
            rows.append([what, *(milliseconds(found[count][what]) for count in counts),
                         exponent(first[what], last[what], counts[0], counts[-1])])


def measure_zones(bench):
    zones, names = (100, 100) if bench.quick else (ZONES, ZONES)
    text = (f"{zones:,} zones of one database, and {names:,} relative names, each of which is registered in every "
            f"zone. Each time ends when the next request of another client is answered.")
    with shown(["", "ms"], text) as rows:
        phonebook = Phonebook(bench, runtime="/run/zones", zones=zones).start()
        holder = registered(phonebook, names)
        rows.append(["register", milliseconds([holder.seconds])])
        for what, act in (("SIGHUP", reconfigured), ("SIGHUP, and one zone has another TTL", changed),
                          ("take over", taken_over)):
            at_rest(phonebook)
            rows.append([what, milliseconds([act(phonebook)])])
        holder.kill()
        phonebook.remove()


def leave_one_address(bench):
    """To lo, which has three otherwise: a database takes 1,048,576."""
    bench.host.ip("address flush dev lo", f"address add {bench.address}/32 dev lo")


def run(bench):
    leave_one_address(bench)
    measure_sizes(bench)
    measure_zones(bench)
