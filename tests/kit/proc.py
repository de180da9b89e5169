"""What /proc says of a process, and what it has used (proc(5))."""
import os

from .files import read_file


def status(pid):
    """{field: value} of its status."""
    return dict(line.split(":\t", 1) for line in read_file(f"/proc/{pid}/status").splitlines() if ":\t" in line)


def children(pid):
    """The pids of its children."""
    return [int(child) for child in read_file(f"/proc/{pid}/task/{pid}/children").split()]


def child(pid, name):
    """The pid of its child of this name."""
    return next(one for one in children(pid) if status(one)["Name"] == name)


def of_each_thread(pid, name):
    for thread in os.listdir(f"/proc/{pid}/task"):
        yield read_file(f"/proc/{pid}/task/{thread}/{name}")


def cpu_seconds(pid):
    """Of all its threads, to the nanosecond."""
    return sum(int(text.split()[0]) for text in of_each_thread(pid, "schedstat")) / 1e9


def wakeups(pid):
    """How often its threads have slept and woken up."""
    return sum(int(line.split()[1]) for text in of_each_thread(pid, "status")
               for line in text.splitlines() if line.startswith("voluntary_ctxt_switches"))


def field(path, name):
    """A value of a line in KiB, in octets."""
    with open(path, encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(f"{name}:"))


def memory(pid):
    """Octets of its proportional set size."""
    return field(f"/proc/{pid}/smaps_rollup", "Pss")


def resident(pid):
    """Octets of its resident set."""
    return field(f"/proc/{pid}/status", "VmRSS")


def most_resident(pid):
    """The largest resident set that it has had, in octets."""
    return field(f"/proc/{pid}/status", "VmHWM")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def open_files(pid):
    """{descriptor: what it refers to, as in "socket:[1234]"}, without those that were closed while we looked."""
    files = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            files[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            pass
    return files
