"""phonebookd and phonebook-keeper as a bench runs them, and clients in numbers."""
import os
import shutil
import signal
import socket

from kit import RUNTIME, Failed, Zone, wait_until
from kit.configuration import Configuration
from kit.lists import list_octets
from kit.process import Speaker

EACH = 64  # names on a connection, the most that one may have


class Phonebook(Configuration):
    """One configuration with one zone, and the daemons that run on it until stop(). As root, so that no limit per
    user stands in the way of ten thousand names. With more `zones` than that one, each name is in z000001.bench and
    so on, too."""

    def __init__(self, bench, runtime=RUNTIME, zone="bench", keeper=True, zones=1, families="ipv4"):
        names = [zone] + [f"z{i:06}.{zone}" for i in range(1, zones)]
        super().__init__(bench, [Zone(name, "bench", "private", families) for name in names],
                         {"names-max": "2000000"}, runtime=runtime, etc=f"{runtime}.etc")
        self.database = self.directory("bench")
        self.publish, self.list = f"{runtime}/publish", f"{runtime}/list"
        self.daemon = self.keeper = None
        self.with_keeper = keeper
        self.write()

    def start(self):
        os.makedirs(self.runtime, exist_ok=True)
        if self.with_keeper:
            self.start_keeper()
        self.start_daemon()
        wait_until(self.is_open, what="phonebookd opens its sockets")
        return self

    def start_keeper(self):
        """Waits until it listens: its socket may be there from an earlier one, and phonebookd would go on without a
        keeper."""
        self.keeper = self.world.spawn([self.world.program("phonebook-keeper"), f"{self.runtime}/keep"])
        self.keeper.wait_output("listening")

    def start_daemon(self):
        """Starts phonebookd and does not wait: its start may be what is measured."""
        self.daemon = self.world.spawn(self.command())

    def is_open(self):
        if not self.daemon.alive():
            raise Failed(f"phonebookd ended with {self.daemon.wait()}")
        return self.read_list() is not None

    def stop(self):
        for process in self.daemon, self.keeper:
            if process and process.alive():
                process.kill(signal.SIGTERM)
                process.wait(300)

    def remove(self):
        """Stops, and removes the files, which take memory."""
        self.stop()
        shutil.rmtree(self.runtime)
        shutil.rmtree(self.etc)

    def read_list(self):
        """The text of `list`; None where nobody listens."""
        try:
            return list_octets(self.list)
        except OSError:
            return None

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
        """Waits until exactly `count` names are published."""
        wait_until(lambda: len(self.published()) == count, limit, f"{count} names", step=0.05)

    def hold(self, prefix, count, *options):
        return Holder(self.world, *options, self.publish, prefix, str(count))

    def crowd(self, count, prefix="n", each=EACH):
        """Holds `count` names, `each` on a connection, and waits until all are published."""
        holder = self.hold(prefix, count, "-c", str(each))
        self.wait_names(count)
        return holder

    def ask(self, line):
        """The reply to a request that ends with its connection; None where nobody listens."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self.publish)
                connection.sendall(f"{line}\n".encode())
                return connection.recv(4096) or None
            except OSError:
                return None

    def client(self, name):
        """A connection that has sent a registration. The reply is not waited for."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.publish)
        connection.sendall(f"{name} lo\n".encode())
        return connection


class Holder(Speaker):
    """A process (hold.c) that holds many names; made when all are registered."""

    def __init__(self, bench, *arguments):
        super().__init__(bench.trace, [bench.helper("hold"), *arguments])
        self.seconds, self.median_us, self.p99_us = map(float, self.hear().split())

    def ended(self):
        """How many of its connections phonebookd has ended."""
        return int(self.ask(""))
