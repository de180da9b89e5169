"""Network namespaces, and what is in them according to `ip addr`."""
import contextlib
import ctypes
import functools
import json
import os
import socket
import subprocess

from .marks import Skip

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


@functools.lru_cache(maxsize=None)
def plain_kind():
    """A kind of link that needs no other and runs no duplicate address detection; some kernels lack
    dummy, others ifb."""
    for kind in ("dummy", "ifb"):
        if subprocess.run(["unshare", "-n", "ip", "link", "add", "probe", "type", kind],
                          stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return kind
    raise Skip("this kernel has neither dummy nor ifb links")


def setns(fd):
    if LIBC.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """A network namespace; this base class is the one the test itself and phonebookd live in."""
    prefix = []

    def __init__(self, trace, path="/proc/self/ns/net"):
        self.trace = trace
        self.path = path

    def ip(self, *commands):
        """Runs `ip COMMAND` for each; several are one batch."""
        if len(commands) == 1:
            return self.trace.run(self.prefix + ["ip"] + commands[0].split())
        self.trace.note(f"in {self.path}: " + "; ".join(commands)[:300])
        return self.trace.run(self.prefix + ["ip", "-batch", "-"],
                              input="".join(c + "\n" for c in commands))

    def try_ip(self, command):
        return self.trace.run(self.prefix + ["ip"] + command.split(), check=False).returncode == 0

    def sysctl(self, key, value):
        self.trace.run(self.prefix + ["sh", "-c", f"echo {value} > /proc/sys/net/{key}"])

    def addresses(self):
        """`ip addr` as a list of links."""
        done = subprocess.run(self.prefix + ["ip", "-j", "-d", "addr"], capture_output=True,
                              check=True)
        return json.loads(done.stdout or b"[]")

    def has(self, link):
        return any(l.get("ifname") == link for l in self.addresses())

    def dummy(self, name, *addresses):
        """A plain link that is up with these addresses; returns the namespace."""
        self.ip(f"link add {name} type {plain_kind()}", f"link set {name} up",
                *(self.add(name, a) for a in addresses))
        return self

    @staticmethod
    def add(link, address):
        return f"addr add {address} dev {link}" + (" nodad" if ":" in address else "")

    @contextlib.contextmanager
    def entered(self):
        """The calling thread is in the namespace within the block. A socket made there belongs to the namespace for
        good."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(self.path, "rb") as there:
            setns(there.fileno())
            try:
                yield
            finally:
                setns(home.fileno())

    def socket(self, family=socket.AF_UNIX, kind=socket.SOCK_STREAM, protocol=0):
        with self.entered():
            return socket.socket(family, kind, protocol)

    def inode(self):
        return os.stat(self.path).st_ino


class Named(Namespace):
    """As `ip netns add` makes it."""

    def __init__(self, trace, name):
        super().__init__(trace, f"/run/netns/{name}")
        self.name = name
        self.prefix = ["nsenter", f"--net={self.path}", "--"]
        trace.run(["ip", "netns", "add", name])
        self.ip("link set lo up")

    def delete(self):
        self.trace.run(["ip", "netns", "delete", self.name])


class Anonymous(Namespace):
    """A namespace as `unshare -n` makes it: it exists as long as the processes in it, or their sockets."""

    def __init__(self, test, command=("sleep", "infinity"), prefix=()):
        self.process = test.spawn([*prefix, "unshare", "-n", *command], name="anonymous")
        super().__init__(test.trace, f"/proc/{self.process.pid}/ns/net")
        self.prefix = ["nsenter", f"--net={self.path}", "--"]
        ours = os.stat("/proc/self/ns/net").st_ino
        from .wait import wait_until
        wait_until(lambda: self.inode() != ours, what="unshare -n")
        self.ip("link set lo up")
