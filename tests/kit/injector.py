"""Run as a program: enters a rootless user and network namespace, and sends from there netlink messages that no
kernel would send, to every listener.

    injector.py spoof            a set of forged and malformed messages, once its input has a line
    injector.py flood SECONDS    as many as possible

phonebookd listens to namespaces of its clients only, so it first registers the name `evil` on eth0, and prints
"ready". It prints "done" at the end, and keeps its name until its input ends."""
import ctypes
import os
import random
import socket
import struct
import subprocess
import sys
import time

RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, RTM_DELNSID = 16, 17, 20, 21, 89
LINK, IPV4, IPV6, NSID = 0x1, 0x10, 0x100, 1 << 27
NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN = 2, 3, 4


USER, CLONE_NEWUSER, CLONE_NEWNET, PR_SET_DUMPABLE = 7001, 0x10000000, 0x40000000, 4


def become_rootless():
    """Does what `unshare -Urn` of an ordinary user does. It is done here since that user may be unable to run our
    Python."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self is root's
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {USER} 1"), ("gid_map", f"0 {USER} 1")):
        with open(f"/proc/self/{file}", "w", encoding="utf-8") as proc:
            proc.write(text)


def message(kind, body=b"", flags=0, length=None):
    length = 16 + len(body) if length is None else length
    return struct.pack("=IHHII", length, kind, flags, 0, 0) + body


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def address(kind, text, index=2):
    octets = socket.inet_aton(text)
    return message(kind, struct.pack("=BBBBI", socket.AF_INET, 24, 0x80, 0, index)
                   + attribute(1, octets) + attribute(2, octets))


def forged():
    """(group, datagram): well-formed forgeries first, then malformed messages."""
    yield IPV4, address(RTM_NEWADDR, "6.6.6.6")
    yield IPV4, address(RTM_NEWADDR, "192.168.66.6")
    yield IPV4, address(RTM_DELADDR, "192.168.66.1")
    for group in (LINK, NSID):
        for nsid in (0, 1, 1 << 20, (1 << 20) + 1, -1):
            yield group, message(RTM_DELNSID, b"\0" * 4 + attribute(1, struct.pack("=i", nsid)))
    yield LINK, message(RTM_DELLINK, struct.pack("=BxHiII", 0, 1, 2, 0, 0))
    for kind in (NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN):
        yield LINK, message(kind, struct.pack("=i", -22))
    for length in (0, 1, 15, 16, 17, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff):
        for group in (LINK, IPV4, IPV6):
            yield group, message(RTM_NEWADDR, b"abcd", length=length)
            yield group, message(RTM_NEWLINK, b"abcd" * 9, length=length)
    for size in (0, 1, 4, 7, 8):
        yield IPV4, message(RTM_NEWADDR, struct.pack("=BBBBI", 2, 24, 0, 0, 2) + b"\xff" * size)
    yield LINK, message(RTM_NEWLINK, b"\0" * 30000)
    yield LINK, os.urandom(20)
    for _ in range(200):
        yield random.choice((LINK, IPV4, IPV6)), os.urandom(random.randrange(1, 300))


def send(netlink, group, datagram):
    try:
        netlink.sendto(datagram, (0, group))
    except OSError:
        pass  # ENOBUFS and ESRCH: nobody heard it, or somebody's buffer is full


def main():
    become_rootless()
    subprocess.run("ip link set lo up; ip link add eth0 type dummy || ip link add eth0 type ifb; ip link set eth0 up; "
                   "ip addr add 192.168.66.1/24 dev eth0", shell=True, check=True)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect("/run/phonebook/publish")
    client.sendall(b"evil eth0\n")
    assert client.recv(4096).startswith(b"ok ")
    print("ready", flush=True)
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    netlink.bind((0, 0))
    if sys.argv[1] == "spoof":
        sys.stdin.readline()
        for group, datagram in forged():
            send(netlink, group, datagram)
    else:
        end = time.monotonic() + float(sys.argv[2])
        lie = address(RTM_NEWADDR, "6.6.6.6")
        while time.monotonic() < end:
            for _ in range(1000):
                send(netlink, IPV4, lie)
    print("done", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
