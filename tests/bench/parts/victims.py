"""Ordinary users beside the attackers, and what they measure: a process each, which prints JSON at its end.

    parts.victims publish SAMPLES SECONDS     members: the time until `ok`, and until `live` with wait=
    parts.victims change SAMPLES SECONDS      root: the time from a new address of the host until data.cdb has it
    parts.victims list SAMPLES SECONDS        any user: the time to read the whole list

Each ends when it has SAMPLES of everything, or after SECONDS. What it still waits for then counts with the time that
it has taken so far."""
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

from .wire import INTERFACE, RUNTIME, connect

CHANGING = [f"change{i}" for i in range(8)]  # interfaces, and names
WAITING = 8  # that wait for `live` at the same time
PATIENCE = 600.0  # seconds; the end comes first
STEP = 0.02  # seconds between two looks into data.cdb
REST = 0.2  # seconds after a sample, at most: nobody keeps step with the builds, or with others
REST_OF_CHANGE = 1.0


class Measure:
    """Samples of one kind, taken by several threads."""

    def __init__(self, wanted, end, rest=REST):
        self.wanted, self.end, self.rest = wanted, end, rest
        self.samples, self.refused, self.begun = [], [], {}

    def is_over(self):
        return len(self.samples) >= self.wanted or time.monotonic() > self.end

    def begin(self):
        self.begun[threading.get_ident()] = time.monotonic()

    def take(self, act):
        """act() returns a complaint, or nothing."""
        self.begin()
        try:
            complaint = act()
        except OSError as error:
            complaint = str(error)
        self.samples.append(time.monotonic() - self.begun.pop(threading.get_ident()))
        if complaint:
            self.refused.append(complaint)

    def all(self):
        now = time.monotonic()
        return self.samples + [now - began for began in list(self.begun.values())]


def start(measures_and_work):
    """Runs each work in a thread, until all measures are complete."""
    for measure, work in measures_and_work:
        threading.Thread(target=repeat, args=(measure, work), daemon=True).start()
    measures = {id(measure): measure for measure, _ in measures_and_work}.values()
    while not all(measure.is_over() for measure in measures):
        time.sleep(0.05)


def repeat(measure, work):
    while True:
        time.sleep(random.uniform(0, measure.rest))
        measure.take(work)


def ask(line, word):
    with connect(patience=PATIENCE) as connection:
        connection.sendall(f"{line}\n".encode())
        reply = connection.recv(4096).decode()
    return "" if reply.startswith(word) else reply.strip()[:80] or "closed without a reply"


def counted(text):
    numbers = iter(range(1 << 40))
    return lambda: text.format(next(numbers) % 50)


def hold(names):
    """(a connection for each name, what was refused)"""
    held, refused = [], []
    for name in names:
        connection = connect(patience=PATIENCE)
        connection.sendall(f"{name} {name}\n".encode())
        reply = connection.recv(4096).decode()
        held.append(connection)
        if not reply.startswith("ok"):
            refused.append(reply.strip()[:80])
    return held, refused


def publish(samples, end):
    print("ready", flush=True)
    sys.stdin.readline()
    end += time.monotonic()
    ok, live = Measure(samples, end), Measure(samples, end)
    line = counted(f"ok{{}} {INTERFACE}")
    work = [(ok, lambda: ask(line(), "ok"))]
    for i in range(WAITING):
        name = counted(f"live{i}-{{}} {INTERFACE} wait=3600")
        work.append((live, lambda name=name: ask(name(), "live")))
    start(work)
    return {"ok": ok.all(), "live": live.all(), "refused": ok.refused + live.refused}


def read_list():
    with connect("list", PATIENCE) as connection:
        text = b""
        while more := connection.recv(1 << 20):
            text = text[-4096:] + more
    if text.startswith((b"busy", b"error")):
        return text.decode(errors="replace").strip()[:80]
    return "" if not text or text.endswith(b"\n") else "cut off"  # nobody may hold a name yet


def lists(samples, end):
    print("ready", flush=True)
    sys.stdin.readline()
    whole = Measure(samples, end + time.monotonic())
    start([(whole, read_list)])
    return {"list": whole.all(), "refused": [f"list: {text}" for text in whole.refused]}


# ---- a change of an address -----------------------------------------------------------------------

def cdb_values(path, key):
    """The values of a key; the format is that of https://cr.yp.to/cdb/cdb.txt."""
    hashed = 5381
    for octet in key:
        hashed = (hashed * 33 & 0xffffffff) ^ octet
    fd = os.open(path, os.O_RDONLY)
    try:
        def pair(at):
            octets = os.pread(fd, 8, at)
            return (int.from_bytes(octets[:4], "little"), int.from_bytes(octets[4:], "little"))
        table, slots = pair(hashed % 256 * 8)
        for i in range(slots):
            found, at = pair(table + (hashed // 256 + i) % slots * 8)
            if at == 0:
                return
            n_key, n_value = pair(at)
            if found == hashed and os.pread(fd, n_key, at + 8) == key:
                yield os.pread(fd, n_value, at + 8 + n_key)
    finally:
        os.close(fd)


def shows(name, address):
    key = b"".join(bytes((len(label),)) + label.encode() for label in (name, "internal")) + b"\0"
    octets = socket.inet_aton(address)
    return any(value.endswith(octets)
               for value in cdb_values(f"{RUNTIME}/internal/data.cdb", key))


def change(measure, interface, third, turn):
    address = f"10.90.{third}.{next(turn) % 250 + 1}"
    # With the victim's real-time priority it would spin for the kernel's lock for interfaces on the
    # processor that phonebookd needs.
    subprocess.run(["chrt", "--other", "0", "ip", "-batch", "-"], check=True, input=(
        f"addr flush dev {interface}\naddr add {address}/24 dev {interface}\n").encode(),
        stdout=subprocess.DEVNULL)
    measure.begin()  # what ip(8) takes is not ours
    while not shows(interface, address):
        time.sleep(STEP)


def changes(samples, end):
    held, refused = hold(CHANGING)  # by whom they are measured, as long as that takes
    print("ready", flush=True)
    sys.stdin.readline()
    measure = Measure(samples, end + time.monotonic(), REST_OF_CHANGE)

    def work(i):
        turn = iter(range(1 << 40))
        return lambda: change(measure, CHANGING[i], i, turn)
    start([(measure, work(i)) for i in range(len(CHANGING))])
    result = {"change": measure.all(), "refused": refused + measure.refused}
    del held
    return result


def main():
    kind, samples, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    result = {"publish": publish, "list": lists, "change": changes}[kind](samples, seconds)
    print(json.dumps(result), flush=True)
    os._exit(0)  # threads may still wait


if __name__ == "__main__":
    main()
