"""phonebook-keeper, run as phonebookd's user."""
from .configuration import RUNTIME
from .users import privileges

KEEP = f"{RUNTIME}/keep"


def keeper_command(world, *options, program=None, **sets):
    """The command that starts it without any capability."""
    return [*privileges(capabilities="", **sets), program or world.program("phonebook-keeper"), *options, KEEP]


def start_keeper(world, program=None, nofile=None, prefix=(), sets=("inh", "ambient"), **options):
    """A keeper that listens. `world` owns and ends the process. `nofile` is its RLIMIT_NOFILE; for `sets` see
    privileges()."""
    limited = ["prlimit", f"--nofile={nofile}:{nofile}"] if nofile else []
    keeper = world.spawn([*prefix, *limited, *keeper_command(world, program=program, sets=sets)], name="phonebook-keeper", **options)
    keeper.wait_output("listening")
    return keeper
