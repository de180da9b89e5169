"""What a test gets: the programs, namespaces, daemons and clients, all gone when it ends."""
import os
import signal

from .client import Client
from .daemon import Daemon
from .dns import Tinydns
from .network import Anonymous, Named, Namespace
from .process import Process, Trace

USERS = "/run/test/passwd"


class Test:
    def __init__(self, build):
        self.build = build
        self.trace = Trace()
        self.host = Namespace(self.trace)
        self.daemons = []
        self.refuses = False  # are system calls to be refused?

    # parts

    def program(self, name):
        path = os.path.join(self.build, name)
        if not os.access(path, os.X_OK):
            raise AssertionError(f"no {name} in {self.build}")
        return path

    def spawn(self, argv, **options):
        return Process(self.trace, list(argv), **options)

    def run(self, argv, check=True, **options):
        return self.trace.run(list(argv), check, **options)

    def configured(self, **options):
        """A Daemon that is not started yet; see daemon.py for the options."""
        self.program("phonebookd")
        self.daemons.append(Daemon(self, **options))
        return self.daemons[-1]

    def daemon(self, **options):
        return self.configured(**options).start()

    def tinydns(self, daemon, database, address="127.0.0.1"):
        return Tinydns(self, daemon.directory(database), address)

    def namespace(self, name="app"):
        return Named(self.trace, name)

    def anonymous(self, **options):
        return Anonymous(self, **options)

    def client(self, namespace=None, **options):
        return Client(namespace or self.host, **options)

    def register(self, namespace, name, interface, *keys, **options):
        """A raw client that holds the name."""
        return Client(namespace, **options).register(name, interface, *keys)

    def publish(self, namespace, *arguments, **options):
        """`phonebook publish ARGUMENTS` inside the namespace."""
        return self.spawn([*namespace.prefix, self.program("phonebook"), "publish", *arguments],
                          **options)

    def know_user(self, name, uid):
        """The system of this test knows a user of this name from now on."""
        if not os.path.exists(USERS):
            with open("/etc/passwd", encoding="utf-8") as file:
                text = file.read()
            with open(USERS, "w", encoding="utf-8") as file:
                file.write(text)
            self.run(["mount", "--bind", USERS, "/etc/passwd"])
        with open(USERS, "a", encoding="utf-8") as file:
            file.write(f"{name}:x:{uid}:{uid}::/:/bin/false\n")
        return name

    # the end

    def finish(self):
        """Called when the test's function came to its end."""
        for daemon in self.daemons:
            daemon.check()
        for process in self.trace.processes:  # a call that its list of system calls lacks
            refused = [line for line in process.output().splitlines() if "its own filter refused" in line]
            assert not refused or self.refuses, refused

    def end(self):
        for process in self.trace.processes:
            if process.alive():
                process.popen.send_signal(signal.SIGKILL)

    def log(self):
        return self.trace.log()
