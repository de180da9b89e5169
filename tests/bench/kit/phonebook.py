"""phonebookd, phonebook-keeper and tinydns as a bench runs them, and clients in numbers."""
import ctypes
import os
import select
import signal
import socket
import struct
import time

from .children import Failed, Speaker, kill, start, wait_until

LIBC = ctypes.CDLL(None, use_errno=True)
IN_MOVED_TO, IN_CLOEXEC, IN_NONBLOCK = 0x80, 0o2000000, 0o4000
EVENT = struct.Struct("iIII")

EACH = 64  # names on a connection, the most that one may have

CONFIGURATION = """[phonebookd]
runtime-directory = {runtime}
names-max = 2000000
[database bench]
directory = {database}
reload = none
"""
ZONE = """[zone]
name = {zone}
database = bench
addresses = private
families = {families}
"""


class Tinydns:
    """Debian's tinydns on one directory."""
    USER = "64053"

    def __init__(self, directory, address):
        self.address = address
        self.process = start(["tinydns"], env={**os.environ, "ROOT": directory, "IP": address,
                                               "UID": self.USER, "GID": self.USER})

    def stop(self):
        kill(self.process)


class Phonebook:
    """One configuration with one zone, and the daemons that run on it. As root, so that no limit
    per user stands in the way of ten thousand names. With more `zones` than that one, each name is
    in z000001.bench and so on, too."""

    def __init__(self, bench, runtime="/run/phonebook", zone="bench", keeper=True, zones=1,
                 families="ipv4"):
        self.bench, self.runtime, self.zone = bench, runtime, zone
        self.database = f"{runtime}/bench"
        self.publish, self.list = f"{runtime}/publish", f"{runtime}/list"
        self.daemon = self.keeper = None
        self.with_keeper = keeper
        self.configuration = f"{runtime}.etc/phonebookd.conf"
        os.makedirs(f"{runtime}.etc/zones")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(runtime=runtime, database=self.database))
        for i in range(zones):
            name = f"z{i:06}.{zone}" if i else zone
            with open(f"{runtime}.etc/zones/{name}.zone", "w", encoding="utf-8") as file:
                file.write(ZONE.format(zone=name, families=families))

    def start(self):
        os.makedirs(self.runtime, exist_ok=True)
        if self.with_keeper:
            self.start_keeper()
        self.start_daemon()
        wait_until(self.is_open, what="phonebookd opens its sockets")
        return self

    def start_keeper(self):
        """Waits until it says that it is ready: its socket may be there from an earlier one, and
        phonebookd would go on without a keeper."""
        end, other = os.pipe()
        self.keeper = start([self.bench.program("phonebook-keeper"), "-d", str(other),
                             f"{self.runtime}/keep"], pass_fds=[other])
        os.close(other)
        if os.read(end, 1) != b"\n":
            raise Failed("phonebook-keeper did not start")
        os.close(end)

    def start_daemon(self):
        self.daemon = start([self.bench.program("phonebookd"), "-c", self.configuration])

    def is_open(self):
        if self.daemon.poll() is not None:
            raise Failed(f"phonebookd ended with {self.daemon.returncode}")
        return self.read_list() is not None

    def stop(self):
        for process in self.daemon, self.keeper:
            if process:
                kill(process, signal.SIGTERM)

    def read_list(self):
        """What `list` says, or None where nobody is there to say it."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self.list)
                parts = []
                while part := connection.recv(1 << 20):
                    parts.append(part)
            except OSError:
                return None
        return b"".join(parts)

    def published(self):
        """{name: {address}} of `data`."""
        names = {}
        with open(f"{self.database}/data", encoding="ascii") as file:
            for line in file:
                if line.startswith("+"):
                    name, address = line[1:].split(":")[:2]
                    names.setdefault(name, set()).add(address)
        return names

    def wait_names(self, count, limit=300.0):
        """Until so many names are published."""
        wait_until(lambda: len(self.published()) == count, limit, f"{count} names", step=0.05)

    def hold(self, prefix, count, *options):
        return Holder([self.bench.helper("hold"), *options, self.publish, prefix, str(count)])

    def ask(self, line):
        """The reply to a request that ends with its connection; None where nobody is there."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self.publish)
                connection.sendall(f"{line}\n".encode())
                return connection.recv(4096) or None
            except OSError:
                return None

    def client(self, name):
        """A registration over a plain socket; the reply is not waited for."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.publish)
        connection.sendall(f"{name} lo\n".encode())
        return connection


class Holder(Speaker):
    """hold.c, when all is registered."""

    def __init__(self, argv):
        super().__init__(argv)
        self.seconds, self.median_us, self.p99_us = map(float, self.hear().split())

    def ended(self):
        """How many of its connections were ended from the other side."""
        return int(self.ask(""))


class Builds:
    """Counts the data.cdb that are put in place (inotify(7))."""

    def __init__(self, directory):
        self.fd = LIBC.inotify_init1(IN_CLOEXEC | IN_NONBLOCK)
        if LIBC.inotify_add_watch(self.fd, directory.encode(), IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), directory)

    def wait(self, end):
        """False where none came before `end`, a time.monotonic()."""
        while (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0] and self.count():
                return True
        return False

    def count(self):
        """How many there were since the last look."""
        count = at = 0
        try:
            events = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return 0
        while at < len(events):
            length = EVENT.unpack_from(events, at)[3]
            at += EVENT.size
            count += events[at:at + length].rstrip(b"\0") == b"data.cdb"
            at += length
        return count
