"""What a system test gets: programs, namespaces, daemons and clients, all gone when it ends."""
import os

from .files import append_file, read_file, write_file
from .client import Client
from .configuration import INTERNAL
from .daemon import Daemon
from .keeper import start_keeper
from .network import Anonymous, Named
from .services import Services
from .tinydns import Tinydns
from .world import World

USERS = "/run/test/passwd"


class Test(World):
    """A World with phonebookd in it. Every check that holds for every test is in finish()."""

    def __init__(self, build):
        super().__init__(build)
        self.daemons = []
        self.supervised = []
        self.held = []  # connections
        self.refuses = False  # are system calls to be refused?

    def configured(self, **options):
        """A Daemon that is not started yet; see daemon.py for the options."""
        self.program("phonebookd")
        self.daemons.append(Daemon(self, **options))
        return self.daemons[-1]

    def daemon(self, **options):
        return self.configured(**options).start()

    def kept(self, zones=(INTERNAL,), nofile=None, rebuilt=False, **options):
        """(daemon, keeper): a keeper, and a daemon that has found it, so that names outlive the daemon. With
        `rebuilt`, each start builds, whenever the last build was: their pace is not checked."""
        daemon = self.configured(zones=zones, **options)
        daemon.keeps = True
        if rebuilt:
            daemon.leave_unchecked()
        keeper = start_keeper(self, nofile=nofile)
        return daemon.start(), keeper

    def services(self, store=None, zones=(INTERNAL,), **options):
        """phonebookd and its keeper under a supervisor, started; they are stopped when the test has passed."""
        self.supervised.append(Services(self, self.configured(zones=zones, **options), store))
        return self.supervised[-1].start()

    def tinydns(self, daemon, database, address="127.0.0.1"):
        return Tinydns(self, daemon.directory(database), address)

    def namespace(self, name="app"):
        return Named(self.trace, name)

    def app(self, *addresses):
        """A namespace `app` whose interface eth0 has these addresses."""
        return self.namespace("app").dummy("eth0", *(addresses or ("192.168.1.1/24",)))

    def anonymous(self, **options):
        return Anonymous(self, **options)

    def client(self, namespace=None, **options):
        return Client(namespace or self.host, **options)

    def register(self, namespace, name, interface, *keys, **options):
        """A client that holds the name until it is closed."""
        return Client(namespace, **options).register(name, interface, *keys)

    def hold(self, namespace, name, interface, *keys):
        """The same, until the end of the test."""
        self.held.append(self.register(namespace, name, interface, *keys))

    def publish(self, namespace, *arguments, **options):
        """`phonebook publish ARGUMENTS` inside the namespace."""
        return self.spawn([*namespace.prefix, self.program("phonebook"), "publish", *arguments],
                          **options)

    def know_user(self, name, uid):
        """Adds a user to the system of this test."""
        if not os.path.exists(USERS):
            text = read_file("/etc/passwd")
            write_file(USERS, text)
            self.run(["mount", "--bind", USERS, "/etc/passwd"])
        append_file(USERS, f"{name}:x:{uid}:{uid}::/:/bin/false\n")
        return name

    def finish(self):
        """Called when the test's function has returned: what must hold for every test."""
        for services in self.supervised:
            services.stop()
        for daemon in self.daemons:
            daemon.check()
        for process in self.trace.processes:  # a call that its list of system calls lacks
            refused = [line for line in process.output().splitlines() if "its own filter refused" in line]
            assert not refused or self.refuses, refused
