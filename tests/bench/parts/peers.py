"""The ways to publish a name that are compared: each is started with names that are there already,
publishes one more, and withdraws it again, when the one who has it dies.

`publish` and `withdraw` return as soon as everything is under way; `settle` waits for what they left
running."""
import os
import shutil
import signal

from kit import Failed, write_file
from kit.tinydns import Tinydns

from .phonebook import Phonebook


def start_quickly(argv, environment=None):
    """The quickest way to start a program: its start is part of what is measured. Returns the pid, which the caller
    has to wait for."""
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1)]
    return os.posix_spawn(argv[0], argv, environment or os.environ, file_actions=null)


def end(pids):
    """Kills those, and waits for their end."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)


class Way:
    """What all ways have in common."""
    needs = ()  # programs; without them it is left out

    def __init__(self, bench, address):
        self.bench, self.address = bench, address

    def ready_to_die(self, name):
        """Prepares the holder, before `withdraw` is measured."""

    def settle(self):
        """Waits for processes that still run."""


class WithShell(Way):
    """Ways in which a shell makes the changes. settle() waits for its end."""

    def __init__(self, bench, address):
        super().__init__(bench, address)
        self.running = []

    def shell(self, command):
        self.running.append(start_quickly(["/bin/sh", "-c", f"cd {self.directory} && {command}"]))

    def settle(self):
        for pid in self.running:
            os.waitpid(pid, 0)
        self.running.clear()


class ByCommand(Way):
    """`phonebook publish NAME lo`, a process that holds the name until it is killed."""
    title = "phonebook publish"
    runtime = "/run/command"

    def __init__(self, bench, address):
        super().__init__(bench, address)
        self.phonebook = Phonebook(bench, runtime=self.runtime)
        self.environment = {**os.environ, "PHONEBOOK_RUNTIME": self.runtime}
        self.holders = {}
        self.crowd = None

    def start(self, count):
        self.phonebook.start()
        if count:
            self.crowd = self.phonebook.crowd(count)
        self.server = Tinydns(self.bench, self.phonebook.database, self.address)

    def publish(self, name):
        self.holders[name] = start_quickly([self.bench.program("phonebook"), "publish", name, "lo"],
                                           self.environment)

    def withdraw(self, name):
        end([self.holders.pop(name)])

    def stop(self):
        self.server.stop()
        if self.crowd:
            self.crowd.kill()
        self.phonebook.stop()


class BySocket(ByCommand):
    """The same without the command: a client writes a line into the socket, as a running program would. The name's
    holder, which is killed, is a process that inherited the socket."""
    title = "phonebook, a socket client"
    runtime = "/run/socket"

    def publish(self, name):
        self.holders[name] = self.phonebook.client(name)

    def ready_to_die(self, name):
        with self.holders[name] as connection:
            connection.recv(4096)
            self.holders[name] = self.bench.spawn(["sleep", "infinity"], pass_fds=[connection.fileno()])

    def withdraw(self, name):
        self.holders.pop(name).kill()


class ByShell(WithShell):
    """`echo` and `tinydns-data` in a shell. Nothing notices the end of a holder, so another command removes the
    line."""
    title = "echo >> data && tinydns-data"
    directory = "/run/shell"

    def start(self, count):
        os.mkdir(self.directory)
        with open(f"{self.directory}/data", "w", encoding="ascii") as file:
            file.write("Zbench:ns.bench.:hostmaster.bench.:1:16384:2048:1048576:5:5\n"
                       "&bench::ns.bench.:60\n")
            file.writelines(f"+n{i:06}.bench:{self.bench.address}:60\n" for i in range(count))
        self.shell("tinydns-data")
        self.settle()
        self.server = Tinydns(self.bench, self.directory, self.address)

    def publish(self, name):
        self.shell(f"echo +{name}.bench:{self.bench.address}:60 >>data && tinydns-data")

    def withdraw(self, name):
        self.shell(f"grep -v '^+{name}[.]' data >new && mv new data && tinydns-data")

    def stop(self):
        self.server.stop()


class ByDnsmasq(Way):
    """A file for each name in dnsmasq's --hostsdir, which dnsmasq watches with inotify. The names that are there
    already are in one file, since reading a hundred thousand files takes minutes. The bench writes the file itself;
    no process is started."""
    title = "dnsmasq --hostsdir"
    needs = ("dnsmasq",)
    directory = "/run/hosts"

    def start(self, count):
        os.mkdir(self.directory)
        with open(f"{self.directory}/crowd", "w", encoding="ascii") as file:
            file.writelines(f"{self.bench.address} n{i:06}.bench\n" for i in range(count))
        self.process = self.bench.spawn(["dnsmasq", "-k", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                              f"--listen-address={self.address}", "--bind-interfaces",
                              "--local=/bench/", "--user=root", f"--pid-file={self.directory}.pid",
                              f"--hostsdir={self.directory}"])

    def write(self, path, name):
        write_file(path, f"{self.bench.address} {name}.bench\n")

    def publish(self, name):
        self.write("/run/hosts.new", name)
        os.rename("/run/hosts.new", f"{self.directory}/{name}")

    def withdraw(self, name):
        os.unlink(f"{self.directory}/{name}")

    def stop(self):
        self.process.kill()


class ByDnsmasqShell(WithShell, ByDnsmasq):
    """The same, where a shell writes the file, as a startup script would."""
    title = "dnsmasq --hostsdir, echo > file"
    directory = "/run/hosts.shell"

    def publish(self, name):
        self.shell(f"echo {self.bench.address} {name}.bench >{name}")

    def withdraw(self, name):
        self.shell(f"rm {name}")


class ByBind(Way):
    """Dynamic update (RFC 2136): a line for one nsupdate(1) that stays open. Nothing notices the end of a holder, as
    with the shell."""
    title = "BIND, an nsupdate that stays open"
    needs = ("named", "nsupdate")
    zone = ("$TTL 60\n@ 60 IN SOA ns hostmaster 1 16384 2048 1048576 5\n@ 60 IN NS ns\n"
            "ns 60 IN A 127.0.0.1\n")

    directory = "/run/bind"

    def __init__(self, bench, _):
        super().__init__(bench, "127.0.0.1")  # named wants one that an interface has

    def start(self, count):
        os.mkdir(self.directory)
        with open(f"{self.directory}/zone", "w", encoding="ascii") as file:
            file.write(self.zone)
            file.writelines(f"n{i:06} 60 IN A {self.bench.address}\n" for i in range(count))
        write_file(f"{self.directory}/named.conf", f"""options {{
    directory "{self.directory}"; pid-file none; session-keyfile none;
    listen-on {{ {self.address}; }}; listen-on-v6 {{ none; }};
    recursion no; dnssec-validation no; notify no;
}};
controls {{ }};
zone "bench" {{ type primary; file "zone"; allow-update {{ 127.0.0.0/8; }}; }};
""")
        self.process = self.bench.spawn(["named", "-g", "-4", "-c", f"{self.directory}/named.conf"],
                                        cwd=self.directory)
        self.client = self.bench.speaker(["nsupdate"])
        self.client.say(f"server {self.address}\nzone bench")

    def publish(self, name):
        self.client.say(f"update add {name}.bench. 60 A {self.bench.address}\nsend")

    def withdraw(self, name):
        self.client.say(f"update delete {name}.bench. A\nsend")

    def stop(self):
        self.client.kill()
        self.process.kill()


ALL = [ByCommand, ByDnsmasqShell, ByShell, BySocket, ByDnsmasq, ByBind]


def is_ready(bench, asker, way, count):
    """Starts a way and asks for the last of `count` names. Where it does not answer, prints why it is left out."""
    try:
        way.start(count)
        asker.turn_to(way.address)
        asker.say(f"until n{count - 1:06}.bench {bench.address}" if count else
                  "gone n000000.bench")
        if asker.moment() is None:
            raise Failed("does not answer")
    except Failed as why:
        print(f"{way.title}, {count:,} names: left out: {why}", flush=True)
        return False
    return True


def start_all(bench, asker, count, classes=None):
    """One of each way whose programs are installed, with `count` names in it that can be asked for."""
    ways = [c(bench, f"127.0.0.{10 + i}") for i, c in enumerate(classes or ALL)
            if all(map(shutil.which, c.needs))]
    return [way for way in ways if is_ready(bench, asker, way, count)]
