"""phonebookd as the tests run it: as an unprivileged user with the two capabilities that it needs."""
import os
import signal

from .builds import Builds
from .configuration import Configuration, ETC, INTERNAL, PUBLIC, RUNTIME
from .proc import children, cpu_seconds, descriptors, resident
from .process import Process
from .secondaries import addresses
from .truth import expected
from .users import CAPABILITIES, make_directory, privileges
from .wait import LEAST, Failed, wait_equal, wait_until

LEFT = "the last build takes too long"
SANITIZER = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:")


class Daemon(Configuration):
    """One configuration and the phonebookd that runs on it: each start is a process of the test's, and check()
    ends the last."""

    def __init__(self, test, zones=(INTERNAL, PUBLIC), settings=None, databases=None, etc=ETC, runtime=RUNTIME,
                 capabilities=CAPABILITIES, verbose=True):
        settings = {"publish-mode": "0666", "list-mode": "0666", **(settings or {})}
        super().__init__(test, zones, settings, databases, etc, runtime)
        self.privileges = privileges(capabilities=capabilities)
        self.verbose = verbose
        self.process = None
        self.keeps = False  # do records outlive a SIGTERM?
        self.unchecked = set()  # databases of which not every build is as build.check() expects
        self.static_names = set()  # of static files: they stay
        self.static_zones = set()  # whose SOA is theirs
        make_directory(runtime)
        self.write()
        self.builds = {}
        for name in self.databases:
            make_directory(self.directory(name))
            self.builds[name] = Builds(self.directory(name))

    def leave_unchecked(self, *names):
        """Excludes these databases, or all, from the invariants of builds. The caller says why."""
        self.unchecked |= set(names or self.databases)

    # the process

    def start(self, prefix=(), ready=True, **options):
        """Starts it, and waits until it says that it is ready."""
        end, other = os.pipe()
        os.set_inheritable(other, True)
        self.process = Process(self.world.trace,
                               [*prefix, *self.privileges, *self.command(*["-v"] * self.verbose,
                                                                    "-d", str(other))],
                               name="phonebookd", close_fds=False, **options)
        os.close(other)
        os.set_blocking(end, False)
        if ready:
            wait_until(lambda: self._ready(end), 10, "phonebookd is ready")
        os.close(end)
        return self

    def _ready(self, end):
        assert self.process.alive(), f"phonebookd ended with {self.process.wait()}"
        try:
            return os.read(end, 16) == b"\n"
        except BlockingIOError:
            return False

    def run(self, *options):
        """Runs it to its end, for what ends by itself (-t, errors)."""
        return self.world.run([*self.privileges, *self.command(*options)], check=False)

    def pid(self):
        return self.process.pid

    def log(self):
        return self.process.output()

    def hup(self):
        self.process.kill(signal.SIGHUP)

    def kill(self):
        self.process.kill()

    def stop(self):
        """Sends SIGTERM, and checks what must hold at every end."""
        self.process.kill(signal.SIGTERM)
        status = self.process.wait(10)
        assert status == 0, f"phonebookd ended with {status} on SIGTERM"
        assert LEFT not in self.log(), "the end waited for nothing"
        if not self.keeps:
            left = {name: shown for name in self.databases
                    if (shown := set(self.shown(name)) - self.static_names)}
            assert not left, f"published after the last build: {left}"

    def stop_traced(self):
        """As stop(), where it runs under strace, which does not pass the signal on."""
        os.kill(children(self.pid())[0], signal.SIGTERM)
        assert self.process.wait(10) == 0

    def check(self):
        """Called at the end of every test: stops phonebookd, and checks the invariants of every build."""
        if self.process and self.process.alive():
            self.stop()
        started = [each for each in self.world.trace.processes if each.name == "phonebookd"]
        for process in started:
            assert not any(text in process.output() for text in SANITIZER), "sanitizer report"
        for name, builds in self.builds.items():
            builds.stop()
            mine = [z.name for z in self.zones
                    if z.database == name and z.name not in self.static_zones]
            foreign = [z.name for z in self.zones if z.database != name
                       and not any(z.name in m or m in z.name for m in mine)]
            if name not in self.unchecked:
                builds.check(mine, foreign, len(started), "static" in self.databases[name])

    # what is published

    def shown(self, database):
        """{name: {address}} of data.cdb, as its server reads it. `data` may be one build older."""
        try:
            with open(f"{self.directory(database)}/data.cdb", "rb") as file:
                return addresses(file.read())
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def text(self, database):
        """The content of `data`, as soon as it belongs to the same build as data.cdb, which is replaced first: both
        have the serial as their time."""
        paths = [f"{self.directory(database)}/{file}" for file in ("data", "data.cdb")]
        wait_until(lambda: len({os.stat(path).st_mtime for path in paths}) == 1, what="data follows")
        with open(paths[0], encoding="latin-1") as file:
            return file.read()

    def addresses(self, name):
        """The addresses of a name, whichever zone it is in."""
        return set().union(*(self.shown(d).get(name, set()) for d in self.databases))

    def wait(self, name, *addresses, limit=LEAST):
        """Waits until the name shows exactly these addresses; without any, until it is gone."""
        wait_equal(lambda: self.addresses(name), set(addresses), limit, f"addresses of {name}")

    def agree(self, *holders, limit=LEAST, adjust=lambda shown: None):
        """Waits until everything published is what `ip addr` says of [(name, namespace, interface)]. adjust() may
        change that expectation first."""
        def differs():
            shown = expected(self.zones, holders)
            adjust(shown)
            return {"published": {d: self.shown(d) for d in self.databases}, "expected": shown}
        seen = {}

        def equal():
            seen.update(differs())
            return seen["published"] == seen["expected"]

        try:
            wait_until(equal, limit, "the databases agree with `ip addr`")
        except Failed as failure:
            raise Failed(f"{failure}\n  published {seen['published']}\n"
                                 f"  expected  {seen['expected']}") from None

    def rss(self):
        """Octets of resident memory."""
        return resident(self.pid())

    def cpu(self):
        """Seconds of CPU time so far."""
        return cpu_seconds(self.pid())

    def descriptors(self):
        return descriptors(self.pid())
