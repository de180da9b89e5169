"""What hostile users cost other users and the machine: members of the group that may publish, and users in no
group."""
import os
import statistics
import time

from kit import Failed

from parts import deployed
from parts.figures import number, shown

SAMPLES, SECONDS = 200, 120
QUICK_SAMPLES, QUICK_SECONDS = 10, 10
GRACE_S = 30.0  # beyond its time, until a victim has printed what it saw
STEP = 0.05
KEEPER_REST_S = 5.0
MB = 1000 * 1000

# Aims: what may come on top of the base line of the same run, and what is allowed in all.
OK_S, LATER_S = 0.050, 1.0
LOG_BYTES, MEMORY_BYTES, RUN_BYTES = 10000, 64 * MB, 32 * MB


class Crew:
    """A number of users who all do the same."""

    def __init__(self, users, name, *arguments, member=True):
        self.users, self.name, self.arguments, self.member = users, name, arguments, member

    def start(self, bench, first_uid):
        return [deployed.attacker(bench, first_uid + i, self.name, *self.arguments, member=self.member)
                for i in range(self.users)]


PIPELINE = Crew(2, "flood", "pipeline", "250")
CROWD = Crew(4, "crowd")
ATTACKS = {
    "none": [],
    "pipeline 2": [PIPELINE],
    "gather 1": [Crew(1, "gather")],
    "gather 4": [Crew(4, "gather")],
    "gather waiters 4": [Crew(4, "gather_waiters")],
    "rtnl 8000": [Crew(1, "rtnl", "8000", member=False)],
    "cuts 1": [Crew(1, "cuts")],
    "deep 1": [Crew(1, "deep")],
    "deep 4": [Crew(4, "deep")],
    "listflood read": [CROWD, Crew(1, "list_read", member=False)],
    "listflood never": [Crew(1, "list_never", member=False)],
    "list-starve": [CROWD, Crew(1, "list_never", member=False)],
    "halfopen 40": [Crew(40, "halfopen")],
    "waitflood 4": [Crew(4, "waiters")],
    "flap": [Crew(1, "flap")],
    "links 8000": [Crew(1, "links", "8000")],
    "connflood 4": [Crew(4, "flood", "churn", "1")],
    "renewals": [Crew(2, "flood", "renew", "64")],
    "half lines": [Crew(4, "flood", "half", "8")],
    "wildcards": [Crew(2, "flood", "wildcard", "64")],
    "names that clash": [Crew(2, "flood", "clash", "64")],
    "linger": [Crew(2, "flood", "linger", "8")],
    "namespaces": [Crew(1, "namespaces")],
    "altnames": [Crew(1, "altnames")],
    "64 users": [Crew(64, "flood", "renew", "8")],
    "32 users' lists": [CROWD, Crew(32, "list_never", "4", member=False)],
    "keeper restarts": [PIPELINE],
}
HEAD = ["attack", "`ok`, ms", "`live`, ms", "change, ms", "`list`, ms", "refused", "log, B/min",
        "phonebookd, MB", "keeper, MB", "/run, MB", "aims missed"]


class Found:
    """The results of one attack, or of a base line."""

    def __init__(self, name):
        self.name, self.faults, self.refused = name, [], []
        self.times = {"ok": [], "live": [], "change": [], "list": []}
        self.log = self.daemon = self.keeper = self.run = 0

    def hear(self, result):
        self.refused += result.get("refused", ["a victim ended without a word"])
        for kind, samples in self.times.items():
            samples += result.get(kind, [])


def percentile(samples, part):
    return sorted(samples)[min(len(samples) - 1, int(part * len(samples)))] if samples else 0.0


def show(samples):
    if not samples:
        return "-"
    return " / ".join(number(value * 1e3) for value in (
        statistics.median(samples), percentile(samples, 0.99), max(samples)))


def wait_with(phonebook, victims, seconds, found, restarts):
    """Waits until all victims have ended; meanwhile measures /run and restarts the keeper, where that is the
    attack."""
    end, rest = time.monotonic() + seconds + GRACE_S, time.monotonic() + KEEPER_REST_S
    while time.monotonic() < end and any(v.alive() for v in victims):
        found.run = max(found.run, phonebook.run_bytes())
        if restarts and time.monotonic() > rest:
            phonebook.restart_keeper()
            rest += KEEPER_REST_S
        time.sleep(STEP)


def measure(bench, phonebook, found, restarts):
    limits = (QUICK_SAMPLES, QUICK_SECONDS) if bench.quick else (SAMPLES, SECONDS)
    victims = []
    try:
        for kind in "publish", "change", "list":
            victims.append(deployed.victim(bench, kind, *limits))
        logged, began = phonebook.log_bytes(), time.monotonic()
        for victim in victims:
            victim.say("")
        wait_with(phonebook, victims, limits[1], found, restarts)
        found.log = (phonebook.log_bytes() - logged) * 60 / (time.monotonic() - began)
        for victim in victims:
            found.hear(victim.result(0))
    finally:
        for victim in victims:
            victim.stop()


def attack(bench, name):
    """Runs one attack on a phonebookd of its own."""
    found, phonebook, attackers = Found(name), deployed.Deployed(bench), []
    try:
        for crew in ATTACKS[name]:
            attackers += crew.start(bench, deployed.FIRST_ATTACKER + len(attackers))
        end = time.monotonic() + deployed.READY_S
        said = [one.wait_ready(max(0, end - time.monotonic())) for one in attackers]
        if None in said:
            found.faults.append(f"{said.count(None)} attackers not ready")
        measure(bench, phonebook, found, name == "keeper restarts")
        if not phonebook.daemon.alive():
            found.faults.append(f"phonebookd ended with {phonebook.daemon.wait()}")
        found.daemon = deployed.most_memory(phonebook.daemon)
        found.keeper = deployed.most_memory(phonebook.keepers[-1])
        tell(found, said)
    except (Failed, OSError) as error:
        found.faults.append(str(error))
    finally:
        for one in attackers:
            one.stop()
        phonebook.stop()
        deployed.let_kernel_finish()
    return found


def tell(found, said):
    """Prints a line for each attack as it ends, since all together take half an hour."""
    counts = ", ".join(f"{kind} {len(samples)}" for kind, samples in found.times.items())
    ready = "; ".join(sorted(set(filter(None, said))))
    print(f"- {found.name}{f' ({ready})' if ready else ''}: {counts}", flush=True)
    for text in sorted(set(found.refused))[:3]:
        print(f"  - refused {found.refused.count(text)} times: {text}", flush=True)


def missed(found, bases):
    """The aims that were missed, each with its excess or with the fault."""
    def over(kind, choose, limit):
        more = choose(found.times[kind] or [0]) - max(choose(b.times[kind] or [0]) for b in bases)
        if not found.times[kind]:
            return [f"no {kind}"]
        return [f"{kind} +{number(more * 1e3)} ms"] if more > limit else []

    def p99(samples):
        return percentile(samples, 0.99)
    faults = found.faults + over("ok", p99, OK_S) + over("live", max, LATER_S)
    faults += over("change", max, LATER_S)
    faults += [word for word, is_missed in (
        ("refused", found.refused), ("log", found.log > LOG_BYTES),
        ("phonebookd's memory", found.daemon > MEMORY_BYTES),
        ("keeper's memory", found.keeper > MEMORY_BYTES),
        ("/run", found.run - min(b.run for b in bases) > RUN_BYTES)) if is_missed]
    return ", ".join(faults) or "-"


def row(found, bases):
    return [found.name, *(show(samples) for samples in found.times.values()), len(found.refused),
            f"{found.log:,.0f}", *(f"{size / MB:.1f}" for size in (found.daemon, found.keeper,
                                                                  found.run)),
            missed(found, bases)]


def chosen():
    """All attacks, or those that the variable ATTACKS names, separated by commas."""
    names = [name.strip() for name in os.environ.get("ATTACKS", "").split(",") if name.strip()]
    if unknown := set(names) - set(ATTACKS):
        raise Failed(f"no such attack: {', '.join(unknown)}; there are {', '.join(ATTACKS)}")
    return names or [name for name in ATTACKS if name != "none"]


def run(bench):
    names, results = chosen(), []
    deployed.make_house(bench)
    text = (f"Times are median / 99th percentile / largest. Aims, compared with the base line (the larger of the "
            f"two `none`): the 99th percentile of `ok` grows by at most {OK_S * 1e3:.0f} ms, the largest `live` "
            f"and the largest change by at most {LATER_S:.0f} s each, and /run by at most {RUN_BYTES // MB} MB. "
            f"Aims of their own: no request is refused, at most {LOG_BYTES:,} octets are logged a minute, and each "
            f"process has at most {MEMORY_BYTES // MB} MB of memory.")
    with shown(HEAD, text) as rows:
        try:
            for name in ["none", *names, "none"]:
                results.append(attack(bench, name))
        finally:
            bases = [found for found in results if found.name == "none"]
            rows += [row(found, bases) for found in results]
