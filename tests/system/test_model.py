"""A random walk over namespaces, links, addresses and clients that must end as the model says: the
published set is a pure function of `ip addr` and of who is connected. Meanwhile somebody sets the
clock, and the logger stalls. What a client was told is compared with what tinydns answers then."""
import os
import random
import signal
import socket
import time

from harness import limit
from harness.client import Client, read_list
from harness.clock import Clock
from harness.daemon import INTERNAL, PUBLIC, SANITIZER, Zone
from harness.network import plain_kind
from harness.truth import expected, zone_names
from harness.wait import SLOW, wait_equal, wait_until

SECONDS = 30
LINKS = ["eth0", "eth1", "eth2", "macv0"]
NAMES = ["www", "mail", "shop", "a.b", "only.internal", "@", "WWW", "x.host.example."]
ADDRESSES = ([f"192.168.{a}.{b}/24" for a in (1, 2) for b in (1, 2, 3)]
             + [f"192.0.2.{b}/24" for b in (1, 2, 3)] + ["169.254.3.3/16", "10.0.0.1/8"]
             + [f"2001:db8::{b}/64" for b in (1, 2, 3)] + [f"fd00::{b}/64" for b in (1, 2)])
ZONES = (INTERNAL, PUBLIC, Zone("everything", "internal", "loopback link-local global private",
                                temporary=True),
         Zone("some", "public", "!192.0.2.2/32 192.0.2.0/24 2001:db8::/64", families="ipv4 ipv6"))


STEP = 3  # seconds: less than CLOCK_STEP_S and a second is no step of the clock
A_RECORDS = 8  # so many of them tinydns answers at most, whichever


class Log:
    """Standard error of phonebookd: a pipe that is read now and then, or not."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        self.text, self.stalls = b"", False

    def stall(self):
        self.stalls = True
        os.set_blocking(self.writer, False)
        for size in (4096, 1):
            try:
                while True:
                    os.write(self.writer, b"\n" * size)
            except BlockingIOError:
                pass
        os.set_blocking(self.writer, True)  # the flag is the daemon's too

    def read(self):
        os.set_blocking(self.reader, False)
        try:
            while more := os.read(self.reader, 65536):
                self.text += more
        except BlockingIOError:
            pass
        self.stalls = False


class Walk:
    def __init__(self, t, daemon, dice, clock, log):
        self.t, self.daemon, self.dice, self.clock, self.log = t, daemon, dice, clock, log
        self.servers = {name: t.tinydns(daemon, name, f"127.0.0.{n + 1}")
                        for n, name in enumerate(daemon.databases)}
        self.told = 0
        self.namespaces, self.clients = [t.host], []  # clients: (Client, [(name, ns, interface)])
        self.made = 0
        self.steps = [self.new_namespace] + 2 * [self.delete_namespace] + 4 * [self.add_link] + [
            self.delete_link, self.rename, self.move, self.altname, self.stop_and_go,
            self.veth, self.burst, self.set_clock, self.stall_or_read, self.away] + 8 * [self.add_address] + 4 * [self.delete_address] + 3 * [
            self.up_down] + 6 * [self.connect] + 4 * [self.disconnect] + 2 * [
            self.another_name, self.wait_for_name]

    def namespace(self):
        return self.dice.choice(self.namespaces)

    def link(self):
        return self.dice.choice(LINKS)

    def new_namespace(self):
        if len(self.namespaces) < 5:
            self.made += 1
            self.namespaces.append(self.t.namespace(f"n{self.made}"))

    def delete_namespace(self):
        """One that nobody is in: what is in another's would be out of `ip addr`'s reach."""
        used = {id(h[1]) for _, holds in self.clients for h in holds}
        free = [n for n in self.namespaces[1:] if id(n) not in used]
        if free:
            gone = self.dice.choice(free)
            self.namespaces.remove(gone)
            gone.delete()

    def add_link(self):
        namespace, link = self.namespace(), self.link()
        if namespace.try_ip(f"link add {link} type {plain_kind()}"):
            namespace.ip(f"link set {link} up")

    def veth(self):
        one, other = self.namespace(), self.namespace()
        if one is not other and other is not self.t.host:
            one.try_ip(f"link add {self.link()} type veth peer name {self.link()} "
                       f"netns {other.name}")

    def delete_link(self):
        self.namespace().try_ip(f"link del {self.link()}")

    def rename(self):
        self.namespace().try_ip(f"link set {self.link()} name {self.link()}")

    def altname(self):
        verb = self.dice.choice(("add", "del"))
        self.namespace().try_ip(f"link property {verb} dev {self.link()} altname {self.link()}x")

    def move(self):
        target = self.namespace()
        if target is not self.t.host:
            self.namespace().try_ip(f"link set {self.link()} netns {target.name}")

    def up_down(self):
        self.namespace().try_ip(f"link set {self.link()} {self.dice.choice(('up', 'up', 'down'))}")

    def add_address(self):
        address = self.dice.choice(ADDRESSES)
        more = self.dice.choice(("", "", "", "preferred_lft 0", "preferred_lft 2 valid_lft 4"))
        more += self.dice.choice((" nodad", "")) if ":" in address else ""
        self.namespace().try_ip(f"addr add {address} dev {self.link()} {more}")

    def delete_address(self):
        self.namespace().try_ip(f"addr del {self.dice.choice(ADDRESSES)} dev {self.link()}")

    def burst(self):
        namespace, link = self.namespace(), self.link()
        if namespace.has(link):
            namespace.ip(*(f"addr {verb} 10.9.{n}.1/32 dev {link}" for n in range(100)
                           for verb in ("add", "del")))

    def set_clock(self):
        """By a little, by a day, or to the beginning of all time; and back to the right one."""
        self.clock.set(self.dice.choice((0, 0, 60, 86400, -60, -86400, 100 - int(time.time()))))

    def stall_or_read(self):
        (self.log.read if self.log.stalls else self.log.stall)()

    def away(self):
        """An address that is set again at once."""
        link, address = self.link(), self.dice.choice(ADDRESSES)
        namespace = self.namespace()
        if namespace.try_ip(f"addr del {address} dev {link}"):
            namespace.try_ip(f"addr add {address} dev {link}")

    def request(self, client, namespace, *keys):
        name = self.dice.choice(NAMES)
        link = self.dice.choice(LINKS + ["lo", "eth0x", "eth1x"])
        reply = client.ask(" ".join((name, link, *keys)))
        assert reply.startswith(("ok ", "live ") + (("error timeout ",) if keys else ())), (
            name, link, reply)
        if reply.startswith("live "):
            self.expect_told((name, namespace, link), reply.split()[1:])
        return name, namespace, link

    def answers(self, name):
        """What tinydns says of a name; the one that has its zone."""
        zone, _ = zone_names(self.daemon.zones, name + ".")[0]
        return self.servers[zone.database].ask(name)

    def expect_told(self, hold, names):
        """`live`: one of the names has an address now; what had a short lifetime may be over."""
        if any(self.answers(name) for name in names):
            self.told += 1
            return
        left = expected(self.daemon.zones, [hold])
        assert not any(left.values()), f"{names} are live, have {left}, and no answer"

    def wait_for_name(self):
        able = [c for c in self.clients if not hasattr(c[0], "deaf")]
        if able:
            client, holds = self.dice.choice(able)
            holds.append(self.request(client, holds[0][1], "wait=2"))

    def untrue(self):
        """(name, states, addresses, answer) of what `list` says and tinydns does not."""
        shown, states = {}, {}
        for line in read_list(f"{self.daemon.runtime}/list"):
            shown.setdefault(line["name"], set()).update(line["addresses"])
            states.setdefault(line["name"], set()).add(line["state"])
        for name, addresses in shown.items():
            found = self.answers(name)
            few = len([a for a in addresses if ":" not in a]) <= A_RECORDS
            if ("live" in states[name]) != bool(found) or not (
                    found == addresses or (not few and found < addresses)):
                yield name, states[name], addresses, found

    def expect_list_told(self):
        """Nothing changes any more; the server is told soon after the files are there."""
        wait_equal(lambda: list(self.untrue()), [], what="what the list says and nobody is answered")

    def expect_serials(self):
        """Each file's is at least the time at which it was written, by the clock as it is set now."""
        def outdated(builds):
            build = builds.seen()[-1]
            written = self.clock.now() - (time.monotonic() - build.when)
            serials = [build.serial(z.name) for z in self.daemon.zones]
            return any(s is not None and s < written - STEP for s in serials)
        wait_until(lambda: not any(map(outdated, self.daemon.builds.values())), 30,
                   "serials that are not too low")

    def connect(self):
        if len(self.clients) < 12:
            namespace = self.namespace()
            client = Client(namespace)
            self.clients.append((client, [self.request(client, namespace)]))
            if self.dice.random() < 0.3:
                client.socket.shutdown(socket.SHUT_WR)
                client.deaf = True

    def another_name(self):
        able = [c for c in self.clients if not hasattr(c[0], "deaf")]
        if able:
            client, holds = self.dice.choice(able)
            holds.append(self.request(client, holds[0][1]))

    def disconnect(self):
        if self.clients:
            client, _ = self.clients.pop(self.dice.randrange(len(self.clients)))
            if self.dice.random() < 0.3:
                client.socket.shutdown(socket.SHUT_RDWR)
            client.close()

    def stop_and_go(self):
        self.daemon.process.kill(signal.SIGSTOP)
        for _ in range(5):
            self.dice.choice((self.add_address, self.delete_address, self.up_down, self.rename))()
        self.daemon.process.kill(signal.SIGCONT)

    def holders(self):
        return [hold for _, holds in self.clients for hold in holds]


@limit(SECONDS + 120)
def test_random_walk(t):
    seed = int(os.environ.get("PHONEBOOK_TEST_SEED") or random.randrange(1 << 32))
    print(f"PHONEBOOK_TEST_SEED={seed}")
    clock, log = Clock(t), Log()
    daemon = t.configured(zones=ZONES)
    daemon.start(stderr=log.writer, env=clock.environment())
    walk = Walk(t, daemon, random.Random(seed), clock, log)
    end, steps, rounds = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < end:
        for _ in range(walk.dice.randrange(5, 60)):
            step = walk.dice.choice(walk.steps)
            t.trace.note(step.__name__)
            step()
            steps += 1
        daemon.agree(*walk.holders(), limit=8 * SLOW)
        walk.expect_list_told()
        walk.expect_serials()
        rounds += 1
    print(f"{steps} steps, equal {rounds} times, {walk.told} times told what is so")
    for client, _ in walk.clients:
        client.close()
    daemon.agree()
    daemon.stop()
    log.read()
    assert not any(text.encode() in log.text for text in SANITIZER), log.text.decode()
