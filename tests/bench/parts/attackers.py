"""Hostile users: each is a process of an ordinary user.

    python3 -m parts.attackers NAME [ARGUMENT...]

Each prepares its attack, prints "ready" and how much of it phonebookd accepted, and continues until it is killed. A
refusal is counted and ends nothing. The attacks in OWN run in user and network namespaces of their own (`unshare
--user --map-root-user --net`), which every user may make."""
import os
import socket
import struct
import subprocess
import sys
import time

from .wire import INTERFACE, connect

NAMES_EACH = 64  # names of one connection
OWN = {"gather", "cuts", "links", "rtnl", "flap", "altnames", "gather_waiters"}

RTM_NEWADDR, RTM_DELADDR = 20, 21
NLM_F_REQUEST, NLM_F_CREATE = 1, 0x400
IFA_ADDRESS, IFA_LOCAL = 1, 2


def ready(*words):
    print("ready", *words, flush=True)


def ip(lines, check=True):
    """Runs the commands in one ip(8); with check=False it goes on behind those that fail."""
    subprocess.run(["ip", *([] if check else ["-force"]), "-batch", "-"], check=check,
                   input="\n".join(lines).encode(), stdout=subprocess.DEVNULL,
                   stderr=None if check else subprocess.DEVNULL)


def me():
    """The uid that the host knows: root of a user namespace is another user there."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        inside, outside, _ = map(int, file.read().split()[:3])
    return os.getuid() - inside + outside


class Names:
    """Registrations that are held, on as few connections as possible."""

    def __init__(self):
        self.connections, self.asked, self.accepted = [], 0, 0

    def ask(self, name, interface, *keys):
        if self.asked % NAMES_EACH == 0:
            self.connections.append(connect())
        self.asked += 1
        try:
            self.connections[-1].sendall(f"{' '.join((name, interface, *keys))}\n".encode())
            self.accepted += self.connections[-1].recv(4096).startswith(b"ok")
        except OSError:
            pass

    def said(self):
        return f"{self.accepted} of {self.asked} names"


def pulse(period, *keys):
    """Causes builds for ever: the TTL of one name changes."""
    names = Names()
    while True:
        names.ask(f"pulse{me()}", INTERFACE, f"ttl={60 + names.asked % 2}", *keys)
        time.sleep(period)


# ---- in the host's namespace ----------------------------------------------------------------------

def deep(count="512"):
    """Registers names with as many labels as fit into 253 octets. Each name above them is an empty record."""
    names = Names()
    for i in range(int(count)):
        names.ask(".".join(["d"] * 105) + f".{me():x}x{i:x}", INTERFACE)
    ready(names.said())
    pulse(1)


def waiters(count="250"):
    """Makes requests that wait for an interface that never comes, and causes builds, at each of which every waiting
    request is examined."""
    waiting = [connect() for _ in range(int(count))]
    for i, connection in enumerate(waiting):
        connection.sendall(f"wait{me()}-{i} nowhere wait=3600\n".encode())
    ready(len(waiting), "requests")
    pulse(0.2)


def halfopen(count="256"):
    """Opens connections that send half a line and no more, and opens each again that is cut."""
    half = []
    while True:
        half = [connection for connection in half if not has_ended(connection)]
        while len(half) < int(count):
            half.append(connect())
            half[-1].sendall(b"half-of-a-line")
        if half and not hasattr(halfopen, "said"):
            ready(len(half), "connections")
            halfopen.said = True
        time.sleep(1)


def has_ended(connection):
    connection.setblocking(False)
    try:
        return connection.recv(4096, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def crowd(count="500"):
    """Holds many names, so that the list is long."""
    names = Names()
    for i in range(int(count)):
        names.ask(f"crowd{me()}-{i}", INTERFACE)
    ready(names.said())
    time.sleep(3600)


def list_read(count="8"):
    """Reads the list again and again, over `count` connections at once."""
    ready()
    for _ in range(int(count) - 1):
        if os.fork() == 0:
            break
    while True:
        with connect("list") as connection:
            try:
                while connection.recv(1 << 20):
                    pass
            except OSError:
                pass


def list_never(count="64"):
    """Asks for the list over `count` connections and reads nothing. A connection that is refused or cut is made again
    at once."""
    readers = []
    ready()
    while True:
        readers = [reader for reader in readers if not is_refused(reader)]
        while len(readers) < int(count):
            readers.append(connect("list"))
        time.sleep(0.1)


def is_refused(reader):
    reader.setblocking(False)
    try:
        return reader.recv(16, socket.MSG_PEEK)[:4] in (b"", b"busy", b"erro")
    except BlockingIOError:
        return False
    except OSError:
        return True


# ---- in a namespace of their own ------------------------------------------------------------------

def own_link(addresses=()):
    ip(["link set lo up", "link add own0 type ifb", "link set own0 up", *addresses])


def gather(count="512", n4="4096", n6="4096"):
    """Registers one name `count` times, by alternative names of one interface that has very many addresses: each
    registration is one more claim to all of them. An address of lo comes and goes, so that they are collected
    again."""
    own_link([f"link property add dev own0 altname other{i}" for i in range(NAMES_EACH)] +
             [f"addr add 10.{100 + i // 65536}.{i // 256 % 256}.{i % 256}/32 dev own0"
              for i in range(1, int(n4) + 1)] +
             [f"addr add 2001:db8:ffff::{i:x}/128 dev own0 nodad" for i in range(1, int(n6) + 1)])
    names = Names()
    for i in range(int(count)):
        names.ask(f"gather{me()}", f"other{i % NAMES_EACH}")
    ready(names.said())
    while True:
        for verb in "add", "del":
            ip([f"addr {verb} 127.8.8.8/32 dev lo"])
            time.sleep(1)


def gather_waiters(count="200", n4="4096", n6="4096"):
    """Makes requests that wait for names in a zone that shows none of their interface's many addresses. Half of these
    stay tentative, since the interface has no carrier. Each build examines every waiting request."""
    ip(["link set lo up", "link add own0 type veth peer name own1", "link set own0 up"] +
       [f"addr add 10.{100 + i // 65536}.{i // 256 % 256}.{i % 256}/32 dev own0"
        for i in range(1, int(n4) + 1)] +
       [f"addr add fd00:6::{i:x}/128 dev own0" for i in range(1, int(n6) + 1)])
    waiting = [connect() for _ in range(int(count))]
    for connection in waiting:
        connection.sendall(f"wait{me()}.host.example.net. own0 wait=3600\n".encode())
    names = Names()
    names.ask(f"lo{me()}", "own0")
    ready(len(waiting), "requests")
    while True:
        for verb in "add", "del":
            ip([f"addr {verb} 10.9.9.9/32 dev own0"])
            time.sleep(1)


def cuts(count="512"):
    """Registers long names whose addresses are alternately few and more than a reply has room for, which causes lines
    in the log each time."""
    own_link()
    names = Names()
    for i in range(int(count)):
        names.ask(f"cut{me()}x{i}." + ".".join([63 * "l", 63 * "m", 60 * "n"]), "own0")
    ready(names.said())
    many = [f"{net}{i:x}/{bits} dev own0" for net, bits in (("fd00:6::", 128), ("2001:db8:6::", 128))
            for i in range(1, 41)]
    many += [f"{net}{i}/32 dev own0" for net in ("10.60.0.", "198.51.100.") for i in range(1, 41)]
    while True:
        ip([f"addr add {one}{' nodad' if ':' in one else ''}" for one in many])
        time.sleep(1.2)
        ip([f"addr del {one}" for one in many])
        time.sleep(1.2)


def links(count="8000"):
    """Makes many links, one of which changes each second, so that all of them are dumped again."""
    ip(["link set lo up"])
    ip([f"link add many{i} type ifb numtxqueues 1 numrxqueues 1" for i in range(int(count))],
       check=False)
    watch_lo(f"{count} links")


def altnames(count="200", each="400"):
    """Makes links with so many long alternative names that one message of a dump is full."""
    ip(["link set lo up"])
    ip([f"link add long{i} type ifb numtxqueues 1 numrxqueues 1" for i in range(int(count))])
    pad = 100 * "a"
    ip([f"link property add dev long{i} altname {i:x}-{j:x}-{pad}"
        for i in range(int(count)) for j in range(int(each))], check=False)
    watch_lo(f"{int(count) * int(each)} altnames")


def watch_lo(text):
    names = Names()
    names.ask(f"lo{me()}", "lo")
    ready(text, names.said())
    mtu = 1500
    while True:
        mtu = 3001 - mtu
        ip([f"link set lo mtu {mtu}"])
        time.sleep(1)


def rtnl(count="8000"):
    """Is not in the group and never connects. Makes many links and deletes them all at once, which holds the kernel's
    one lock for interfaces for a long time."""
    ip(["link set lo up"])
    make = [f"link add many{i} group 7 type ifb numtxqueues 1 numrxqueues 1"
            for i in range(int(count))]
    ip(make, check=False)
    ready(count, "links a round")
    while True:
        ip(["link del group 7"], check=False)
        ip(make, check=False)


def flap():
    """Adds and deletes an address as fast as the kernel accepts it, over rtnetlink(7)."""
    own_link()
    names = Names()
    names.ask(f"flap{me()}", "own0")
    ready(names.said())
    index = socket.if_nametoindex("own0")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel:
        messages = [address_message(kind, index, bytes((10, 70, 0, i)))
                    for i in range(1, 201) for kind in (RTM_NEWADDR, RTM_DELADDR)]
        while True:
            for message in messages:
                kernel.send(message)


def address_message(kind, index, octets):
    body = struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, index)
    for attribute in IFA_LOCAL, IFA_ADDRESS:
        body += struct.pack("=HH", 8, attribute) + octets
    return struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | NLM_F_CREATE, 0, 0) + body


def namespaces(count="64"):
    """Makes as many namespaces as a user may have. In each of them an address comes and goes."""
    for i in range(int(count)):
        if os.fork() == 0:
            os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--net", "--kill-child",
                                  sys.executable, "-m", "parts.attackers", "one_namespace", str(i)])
    time.sleep(5)
    ready(count, "namespaces")
    time.sleep(3600)


def one_namespace(number):
    own_link()
    names = Names()
    names.ask(f"ns{me()}-{number}", "own0")
    while True:
        for verb in "add", "del":
            ip([f"addr {verb} 10.80.0.1/32 dev own0"])
            time.sleep(0.5)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
