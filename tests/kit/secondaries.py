"""Reads a data.cdb as a secondary server does after a transfer: named-checkzone, Knot and NSD load each of its zones.
Those that are not installed are left out."""
import os
import shutil
import socket
import struct
import subprocess
import tempfile

from .files import write_file

LENGTHS, HEADER = struct.Struct("<II"), 2048
A, NS, SOA, AAAA = 1, 2, 6, 28
EXACT, WILDCARD = b"=", b"*"


def records(cdb):
    """(labels of the owner, type, ttl, data) of all records that every client is answered now."""
    at, end = HEADER, min(struct.unpack_from("<I", cdb, 8 * i)[0] for i in range(256))
    while at < end:
        key_length, length = LENGTHS.unpack_from(cdb, at)
        at += LENGTHS.size
        key, value = cdb[at:at + key_length], cdb[at + key_length:at + key_length + length]
        at += key_length + length
        if value[2:3] not in (EXACT, WILDCARD) or len(value) < 15:  # a location, or for one
            continue
        kind, ttl, stamp = struct.unpack(">HxIQ", value[:15])
        if stamp and (ttl or kind == SOA):  # begins at that time; with a ttl of 0 it ends then
            continue
        yield (["*"] if value[2:3] == WILDCARD else []) + labels(key), kind, ttl, value[15:]


def labels(wire):
    found, at = [], 0
    while wire[at]:
        label = wire[at + 1:at + 1 + wire[at]]
        found.append("".join(chr(o) if chr(o).isalnum() or chr(o) in "-_" else f"\\{o:03}"
                             for o in label))
        at += 1 + wire[at]
    return found


def addresses(cdb):
    """{name: {address}}"""
    families, found = {A: socket.AF_INET, AAAA: socket.AF_INET6}, {}
    for owner, kind, _, data in records(cdb):
        if kind in families:
            found.setdefault(".".join(owner), set()).add(socket.inet_ntop(families[kind], data))
    return found


def zones(cdb):
    """{apex: text of a master file in the form of RFC 3597}, the SOA first."""
    everything = list(records(cdb))
    apexes = {tuple(owner) for owner, kind, _, _ in everything if kind == SOA}
    texts = {}
    for owner, kind, ttl, data in sorted(everything, key=lambda record: record[1] != SOA):
        apex = next((tuple(owner[i:]) for i in range(len(owner) + 1) if tuple(owner[i:]) in apexes),
                    None)
        if apex:
            texts.setdefault(".".join(apex), []).append(
                f"{'.'.join(owner)}. {ttl} TYPE{kind} \\# {len(data)} {data.hex()}\n")
    owners = {(".".join(owner), kind) for owner, kind, _, _ in everything}
    for owner, kind, _, data in everything:
        server, apex = ".".join(labels(data)) if kind == NS else "", ".".join(owner)
        if kind == NS and apex in texts and server.endswith(f".{apex}") and not (
                {(server, A), (server, AAAA)} & owners):
            # named-checkzone refuses a zone without it, and a BIND that is secondary does not
            texts[apex].append(f"{server}. 5 A 192.0.2.255\n")
    return {apex: "".join(lines) for apex, lines in texts.items()}


def commands(directory, apexes):
    """The commands of the installed servers that load the zones."""
    with open(f"{directory}/knot.conf", "w", encoding="ascii") as file:
        file.write(f"server:\n  rundir: {directory}\ndatabase:\n  storage: {directory}\n"
                   f"template:\n- id: default\n  storage: {directory}\n  semantic-checks: on\nzone:\n")
        file.writelines(f'- domain: "{apex}."\n  file: "{n}"\n' for n, apex in enumerate(apexes))
    every = [["knotc", "-c", f"{directory}/knot.conf", "zone-check"]]
    for n, apex in enumerate(apexes):
        every += [["named-checkzone", "-i", "none", "-n", "ignore", "-k", "ignore", f"{apex}.",
                   f"{directory}/{n}"],
                  ["nsd-checkzone", f"{apex}.", f"{directory}/{n}"]]
    return [command for command in every if shutil.which(command[0])]


def complaints(cdb):
    """The output of each server that refuses a zone; empty where all are loaded."""
    found = []
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        texts = zones(cdb)
        for n, text in enumerate(texts.values()):
            write_file(f"{directory}/{n}", text)
        for command in commands(directory, texts) if texts else []:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False)
            if done.returncode:
                found.append(f"{command[0]} refuses what is served:\n{done.stdout}")
    return found
