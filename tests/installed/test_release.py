"""README's two commands on the other Debian release that is in use."""
import re

from kit import Failed
from machine import Machine
from roots import root_of

OTHER = "trixie"
LIMIT = 2400  # seconds


def run_in_other(t, *command):
    """What a command in the source prints, on a root with what it would install. It is built there."""
    root = root_of(OTHER, "build", "demo", "check", "neighbours", "shepherd")
    place = t.source()
    machine = Machine(root, ["sh", "-ec", 'cd /tree && exec "$@"', "sh", *command], place)
    t.machines.append(machine)
    status = machine.wait(LIMIT)
    if status != 0:
        told = "\n".join(line for line in machine.log().splitlines() if not re.match("ok |  [A-Z]+ |[0-9a-f]{8}:", line))
        raise Failed(f"{' '.join(command)} on {OTHER}: exit {status}\n{told[-20000:]}")
    return machine.log()


def test_the_demo_runs(t):
    run_in_other(t, "make", "demo", "WERROR=1")


def test_all_tests_pass(t):
    output = run_in_other(t, "make", "check", "WERROR=1")
    print("    " + output.strip().splitlines()[-1])
    assert re.search(r"^\d+ passed, 0 failed", output, re.M), output[-4000:]
