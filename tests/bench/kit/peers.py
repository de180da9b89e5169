"""The ways to publish a name that are compared: each is started with names that are there already,
publishes one more, and withdraws it again, when the one who has it dies.

`publish` and `withdraw` return as soon as everything is under way; `settle` waits for what they left
running."""
import os
import signal
import subprocess

from .children import Failed, kill, spawn, start
from .phonebook import Phonebook, Tinydns


class ByCommand:
    """`phonebook publish NAME lo`, a process that holds the name until it is killed."""
    title = "phonebook publish"
    runtime = "/run/command"

    def __init__(self, bench, address):
        self.bench, self.address = bench, address
        self.phonebook = Phonebook(bench, runtime=self.runtime)
        self.environment = {**os.environ, "PHONEBOOK_RUNTIME": self.runtime}
        self.holders = {}
        self.crowd = None

    def start(self, count):
        self.phonebook.start()
        if count:
            self.crowd = self.phonebook.hold("n", count)
            self.phonebook.wait_names(count)
        self.server = Tinydns(self.phonebook.database, self.address)

    def publish(self, name):
        self.holders[name] = spawn([self.bench.program("phonebook"), "publish", name, "lo"],
                                   self.environment)

    def ready_to_die(self, name):
        """What has to be in place before `withdraw` is measured."""

    def withdraw(self, name):
        pid = self.holders.pop(name)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def settle(self):
        pass

    def stop(self):
        self.server.stop()
        if self.crowd:
            self.crowd.kill()
        self.phonebook.stop()


class BySocket(ByCommand):
    """The same without the command: a client that writes a line into the socket, as a program that
    runs already would. Who holds the name, and is killed, is a process that inherited it."""
    title = "phonebook, a socket client"
    runtime = "/run/socket"

    def publish(self, name):
        self.holders[name] = self.phonebook.client(name)

    def ready_to_die(self, name):
        with self.holders[name] as connection:
            connection.recv(4096)
            self.holders[name] = subprocess.Popen(["sleep", "infinity"],
                                                  pass_fds=[connection.fileno()])

    def withdraw(self, name):
        kill(self.holders.pop(name))


class ByShell:
    """`echo` and `tinydns-data` in a shell, as people do it; nobody notices who dies, so that the
    line is taken out by another command."""
    title = "echo >> data && tinydns-data"

    def __init__(self, bench, address):
        self.bench, self.address = bench, address
        self.directory = "/run/shell"
        self.running = []

    def start(self, count):
        os.mkdir(self.directory)
        with open(f"{self.directory}/data", "w", encoding="ascii") as file:
            file.write("Zbench:ns.bench.:hostmaster.bench.:1:16384:2048:1048576:5:5\n"
                       "&bench::ns.bench.:60\n")
            file.writelines(f"+n{i:06}.bench:{self.bench.address}:60\n" for i in range(count))
        self.shell("tinydns-data")
        self.settle()
        self.server = Tinydns(self.directory, self.address)

    def shell(self, command):
        self.running.append(spawn(["/bin/sh", "-c", f"cd {self.directory} && {command}"]))

    def publish(self, name):
        self.shell(f"echo +{name}.bench:{self.bench.address}:60 >>data && tinydns-data")

    def ready_to_die(self, name):
        pass

    def withdraw(self, name):
        self.shell(f"grep -v '^+{name}[.]' data >new && mv new data && tinydns-data")

    def settle(self):
        for pid in self.running:
            os.waitpid(pid, 0)
        self.running.clear()

    def stop(self):
        self.server.stop()


class ByDnsmasq:
    """A file for each name in dnsmasq's --hostsdir, which it watches with inotify. The bench writes
    the file itself: no process is started."""
    title = "dnsmasq --hostsdir"

    def __init__(self, bench, address):
        self.bench, self.address = bench, address
        self.directory = "/run/hosts"

    def start(self, count):
        os.mkdir(self.directory)
        for i in range(count):
            self.write(f"{self.directory}/n{i:06}", f"n{i:06}")
        self.process = start(["dnsmasq", "-k", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                              f"--listen-address={self.address}", "--bind-interfaces",
                              "--local=/bench/", "--user=root", f"--pid-file={self.directory}.pid",
                              f"--hostsdir={self.directory}"])

    def write(self, path, name):
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{self.bench.address} {name}.bench\n")

    def publish(self, name):
        self.write("/run/hosts.new", name)
        os.rename("/run/hosts.new", f"{self.directory}/{name}")

    def ready_to_die(self, name):
        pass

    def withdraw(self, name):
        os.unlink(f"{self.directory}/{name}")

    def settle(self):
        pass

    def stop(self):
        kill(self.process)


class ByDnsmasqShell(ByDnsmasq):
    """The same, where a shell writes the file, as a startup script would."""
    title = "dnsmasq --hostsdir, echo > file"

    def __init__(self, bench, address):
        super().__init__(bench, address)
        self.directory = "/run/hosts.shell"
        self.running = []

    def shell(self, command):
        self.running.append(spawn(["/bin/sh", "-c", command]))

    def publish(self, name):
        self.shell(f"echo {self.bench.address} {name}.bench >{self.directory}/{name}")

    def withdraw(self, name):
        self.shell(f"rm {self.directory}/{name}")

    def settle(self):
        for pid in self.running:
            os.waitpid(pid, 0)
        self.running.clear()


ALL = [ByCommand, ByDnsmasqShell, ByShell, BySocket, ByDnsmasq]


def start_all(bench, asker, count, classes=None):
    """One of each, with `count` names in it that can be asked for."""
    ways = [c(bench, f"127.0.0.{10 + i}") for i, c in enumerate(classes or ALL)]
    for way in ways:
        way.start(count)
        asker.turn_to(way.address)
        if count:
            asker.say(f"until n{count - 1:06}.bench {bench.address}")
        else:
            asker.say("gone n000000.bench")
        if asker.moment() is None:
            raise Failed(f"{way.title}: does not answer")
    return ways
