"""The `list` socket and its lines."""
import re
import socket

from .configuration import RUNTIME
from .wait import LEAST, generous


def list_octets(path=f"{RUNTIME}/list"):
    """The whole list, unparsed. OSError where nobody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        connection.settimeout(generous(LEAST))
        parts = []
        while more := connection.recv(1 << 20):
            parts.append(more)
    return b"".join(parts)


def is_served(path=f"{RUNTIME}/list"):
    """Does somebody listen, and answer within a moment?"""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(path)
            return probe.recv(1) is not None
        except OSError:
            return False


def list_line(line):
    fields = dict(word.partition("=")[::2] for word in line.split(" "))
    for key in ("addresses", "withheld"):
        value = fields.get(key, "")
        fields[key] = set(re.split(",", value)) if value not in ("", "-") else set()
    return fields


def read_list(path=f"{RUNTIME}/list"):
    """One dictionary for each line."""
    text = list_octets(path)
    assert not text or text.endswith(b"\n"), f"a list that was cut off: {text[-200:]!r}"
    return [list_line(line) for line in text.decode().splitlines()]


def line_of(name, index=0):
    """The line of a name, or of one of its holders."""
    return [line for line in read_list() if line["name"] == name][index]


def known(name, path=f"{RUNTIME}/list"):
    """All addresses of a name in the list, shown or withheld, which may be more than a DNS reply has room for."""
    return {address.partition("(")[0] for line in read_list(path) if line["name"] == name
            for address in line["addresses"] | line["withheld"]}


def states():
    """[(name, state)], sorted."""
    return sorted((line["name"], line["state"]) for line in read_list())


def live_names():
    return [name for name, state in states() if state == "live"]


def live_or_none():
    """The live names; an empty list where nobody listens."""
    try:
        return live_names()
    except OSError:
        return []
