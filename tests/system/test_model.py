"""A random walk over namespaces, links, addresses and clients that must end as the model says: the
published set is a pure function of `ip addr` and of who is connected."""
import os
import random
import signal
import socket
import time

from harness import limit
from harness.client import Client
from harness.daemon import INTERNAL, PUBLIC, Zone
from harness.network import plain_kind
from harness.wait import SLOW

SECONDS = 30
LINKS = ["eth0", "eth1", "eth2", "macv0"]
NAMES = ["www", "mail", "shop", "a.b", "only.internal", "@", "WWW", "x.host.example."]
ADDRESSES = ([f"192.168.{a}.{b}/24" for a in (1, 2) for b in (1, 2, 3)]
             + [f"192.0.2.{b}/24" for b in (1, 2, 3)] + ["169.254.3.3/16", "10.0.0.1/8"]
             + [f"2001:db8::{b}/64" for b in (1, 2, 3)] + [f"fd00::{b}/64" for b in (1, 2)])
ZONES = (INTERNAL, PUBLIC, Zone("everything", "internal", "loopback link-local global private",
                                temporary=True),
         Zone("some", "public", "!192.0.2.2/32 192.0.2.0/24 2001:db8::/64", families="ipv4 ipv6"))


class Walk:
    def __init__(self, t, daemon, dice):
        self.t, self.daemon, self.dice = t, daemon, dice
        self.namespaces, self.clients = [t.host], []  # clients: (Client, [(name, ns, interface)])
        self.made = 0
        self.steps = [self.new_namespace] + 2 * [self.delete_namespace] + 4 * [self.add_link] + [
            self.delete_link, self.rename, self.move, self.altname, self.stop_and_go,
            self.veth, self.burst] + 8 * [self.add_address] + 4 * [self.delete_address] + 3 * [
            self.up_down] + 6 * [self.connect] + 4 * [self.disconnect] + 2 * [self.another_name]

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

    def request(self, client, namespace):
        name = self.dice.choice(NAMES)
        link = self.dice.choice(LINKS + ["lo", "eth0x", "eth1x"])
        reply = client.ask(f"{name} {link}")
        assert reply.startswith("ok "), (name, link, reply)
        return name, namespace, link

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


@limit(SECONDS + 60)
def test_random_walk(t):
    seed = int(os.environ.get("PHONEBOOK_TEST_SEED") or random.randrange(1 << 32))
    print(f"PHONEBOOK_TEST_SEED={seed}")
    daemon = t.daemon(zones=ZONES)
    walk = Walk(t, daemon, random.Random(seed))
    end, steps, rounds = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < end:
        for _ in range(walk.dice.randrange(5, 60)):
            step = walk.dice.choice(walk.steps)
            t.trace.note(step.__name__)
            step()
            steps += 1
        daemon.agree(*walk.holders(), limit=8 * SLOW)
        rounds += 1
    print(f"{steps} steps, equal {rounds} times")
    for client, _ in walk.clients:
        client.close()
    daemon.agree()
