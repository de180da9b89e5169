"""A DNS client of our own, which knows nothing of phonebook."""
import random
import socket
import struct
import time
from dataclasses import dataclass, field

from .wait import LEAST, generous

A, NS, SOA, PTR, AAAA, ANY = 1, 2, 6, 12, 28, 255
NOERROR, NXDOMAIN = 0, 3


@dataclass
class Answer:
    rcode: int
    authoritative: bool
    records: list = field(default_factory=list)  # (name, type, ttl, value) of the answer section
    authority: list = field(default_factory=list)
    size: int = 0  # octets of the reply
    truncated: bool = False

    def addresses(self):
        return {value for _, kind, _, value in self.records if kind in (A, AAAA)}

    def is_nodata(self):
        """The name exists, but has nothing of the kind (RFC 2308, 2.2)."""
        return self.rcode == NOERROR and not self.records and self.authority[0][1] == SOA


def wire_name(name):
    labels = [l.encode() for l in name.split(".") if l]
    return b"".join(bytes([len(l)]) + l for l in labels) + b"\0"


def read_name(message, at):
    labels, after = [], None
    while message[at]:
        if message[at] >= 0xC0:
            after = after or at + 2
            at = (message[at] & 0x3F) << 8 | message[at + 1]
            continue
        labels.append(message[at + 1:at + 1 + message[at]].decode("ascii", "replace"))
        at += 1 + message[at]
    return ".".join(labels), after or at + 1


def read_record(message, at):
    name, at = read_name(message, at)
    kind, _, ttl, length = struct.unpack_from(">HHIH", message, at)
    at += 10
    value = message[at:at + length]
    if kind == A:
        value = socket.inet_ntop(socket.AF_INET, value)
    elif kind == AAAA:
        value = socket.inet_ntop(socket.AF_INET6, value)
    elif kind in (NS, PTR):
        value = read_name(message, at)[0]
    elif kind == SOA:
        primary, after = read_name(message, at)
        contact, after = read_name(message, after)
        value = (primary, contact, *struct.unpack_from(">IIIII", message, after))
    return (name, kind, ttl, value), at + length


TRY = 1.0  # seconds until the next try of a question: a server may drop one


def exchange(udp, question, limit):
    """The datagram that answers the question; None where none came within the limit."""
    deadline = time.monotonic() + limit
    udp.settimeout(min(TRY, limit))
    while time.monotonic() < deadline:
        try:
            udp.send(question)
            return udp.recv(65536)
        except ConnectionRefusedError:
            return None
        except OSError:
            continue
    return None


def query(server, name, kind=ANY, limit=generous(LEAST)):
    """Asks over UDP until an answer comes; None where none came within the limit, or nobody listens."""
    identity = random.getrandbits(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect((server, 53))
        message = exchange(udp, struct.pack(">HHHHHH", identity, 0, 1, 0, 0, 0) + wire_name(name)
                           + struct.pack(">HH", kind, 1), limit)
    if message is None:
        return None
    got, flags, questions, answers, authorities, _ = struct.unpack_from(">HHHHHH", message)
    assert got == identity and flags & 0x8000, "not an answer to the question"
    answer = Answer(flags & 15, bool(flags & 0x0400), size=len(message),
                    truncated=bool(flags & 0x0200))
    at = 12
    for _ in range(questions):
        at = read_name(message, at)[1] + 4
    for section, count in ((answer.records, answers), (answer.authority, authorities)):
        for _ in range(count):
            record, at = read_record(message, at)
            section.append(record)
    return answer
