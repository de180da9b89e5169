"""How many registrations per second one client makes, one connection after the other: connect, request, reply.
For comparison, the smallest server with libuv (echo.c), which answers "ok" to everything."""
import os

from kit import Failed, wait_until
from kit.proc import cpu_seconds, descriptors

from parts.figures import ratios, spread, table
from parts.phonebook import Holder, Phonebook

COUNT = 10000


class Echo:
    title = "echo server"

    def __init__(self, bench):
        self.bench = bench
        self.socket = "/run/echo"

    def start(self):
        self.process = self.bench.spawn([self.bench.helper("echo"), self.socket])
        wait_until(lambda: os.path.exists(self.socket), what="echo server")
        return self

    def hold(self, prefix, count):
        return Holder(self.bench, self.socket, prefix, str(count))

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def stop(self):
        self.process.kill()
        os.unlink(self.socket)


class WithoutKeeper(Phonebook):
    title = "phonebookd"
    keeper_too = False

    def __init__(self, bench):
        super().__init__(bench, runtime=f"/run/{type(self).__name__}", keeper=self.keeper_too)

    def cpu(self):
        keeper = cpu_seconds(self.keeper.pid) if self.keeper else 0
        return cpu_seconds(self.daemon.pid) + keeper

    def hold(self, prefix, count):
        holder = super().hold(prefix, count)
        if self.keeper and descriptors(self.keeper.pid) < count:
            raise Failed("the keeper does not hold what was registered")
        return holder

    def stop(self):
        super().stop()
        self.daemon = self.keeper = None


class WithKeeper(WithoutKeeper):
    title = "phonebookd and phonebook-keeper"
    keeper_too = True


def one(server, count):
    """(registrations per second, median us, 99th percentile us, CPU us per registration)"""
    server.start()
    before = server.cpu()
    holder = server.hold("r", count)
    cpu = (server.cpu() - before) / count * 1e6
    holder.kill()
    server.stop()
    return count / holder.seconds, holder.median_us, holder.p99_us, cpu


def run(bench):
    servers = [c(bench) for c in (Echo, WithoutKeeper, WithKeeper)]
    rounds = bench.rounds(7)
    figures = {server: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            figures[server].append(one(server, COUNT))
    rates = {server: [f[0] for f in figures[server]] for server in servers}
    rows = []
    for server in servers:
        _, median, p99, cpu = zip(*figures[server])
        rows.append([server.title, spread(rates[server]), ratios(rates[server], rates[servers[0]]),
                     spread(median), spread(p99), spread(cpu)])
    print(f"{COUNT:,} connections that stay open, {rounds} times, the servers in turn. The CPU time is that of all "
          f"threads of the server, builds of the database included.")
    table(["", "per second", "to the echo server", "median, us", "99th percentile, us",
           "server's CPU, us each"], rows)
