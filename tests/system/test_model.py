"""A random walk over namespaces, links, addresses and clients that must end as the model says: the
published set is a pure function of `ip addr`, of who is connected, and of a static file. Meanwhile
somebody sets the clock, the logger stalls, and a server may not be told. What a client was told is
compared with what tinydns answers then."""
import os
import random
import select
import shutil
import signal
import socket
import threading
import time

from kit import ETC, INTERNAL, PUBLIC, SLOW, USER, Client, Zone, limit, read_list, wait_equal, wait_until, write_file
from kit.clock import Clock
from kit.daemon import SANITIZER
from kit.tinydns import Tinydns
from kit.network import plain_kind
from kit.truth import expected, zone_names

SECONDS = 30
LINKS = ["eth0", "eth1", "eth2", "macv0"]
NAMES = ["www", "mail", "shop", "a.b", "only.internal", "@", "WWW", "x.host.example."]
ADDRESSES = ([f"192.168.{a}.{b}/24" for a in (1, 2) for b in (1, 2, 3)]
             + [f"192.0.2.{b}/24" for b in (1, 2, 3)] + ["169.254.3.3/16", "10.0.0.1/8"]
             + [f"2001:db8::{b}/64" for b in (1, 2, 3)] + [f"fd00::{b}/64" for b in (1, 2)])
ZONES = (INTERNAL, PUBLIC, Zone("everything", "internal", "loopback link-local global private",
                                temporary=True),
         Zone("some", "public", "!192.0.2.2/32 192.0.2.0/24 2001:db8::/64", families="ipv4 ipv6"))


STATIC = f"{ETC}/static"  # of the database `internal`
# Possible contents of the static file: lines, the names that they exclude, and the records that they add.
STATIC_RECORDS = [
    ("Cwww.internal:www.elsewhere.example", lambda name: name == "www.internal", {}),
    ("Conly.internal:www.elsewhere.example", lambda name: name == "only.internal", {}),
    ("Cmail.everything:www.elsewhere.example", lambda name: name == "mail.everything", {}),
    ("&b.internal::ns.elsewhere.example", lambda name: f".{name}".endswith(".b.internal"), {}),
    ("+shop.internal:10.0.0.99", lambda name: False, {"shop.internal": {"10.0.0.99"}}),
]
SERVICE = "/run/test/service"  # the server of the database `public`

STEP = 3  # seconds: less than CLOCK_STEP_S and a second is no step of the clock
A_RECORDS = 8  # so many of them tinydns answers at most, whichever


class Log:
    """Standard error of phonebookd: a pipe that is read only at times."""

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
        os.set_blocking(self.writer, True)  # the daemon shares this flag

    def read(self):
        os.set_blocking(self.reader, False)
        try:
            while more := os.read(self.reader, 65536):
                self.text += more
        except BlockingIOError:
            pass
        self.stalls = False


class Follower:
    """A server under s6 that reads its file when told: tinydns on a copy. Its owner can forbid phonebookd
    to tell it."""

    def __init__(self, t, daemon, database, address):
        self.source, self.copy = f"{daemon.directory(database)}/data.cdb", "/run/test/copy"
        for path in f"{SERVICE}/supervise", self.copy:
            os.makedirs(path)
        os.chmod("/run/test", 0o755)
        self.control = f"{SERVICE}/supervise/control"
        os.mkfifo(self.control, 0o600)
        os.chown(self.control, USER, USER)
        self.fifo = os.open(self.control, os.O_RDWR)
        self.may_be_told = True
        threading.Thread(target=self.follow, daemon=True).start()
        self.begin = lambda: Tinydns(t, self.copy, address)

    def follow(self):
        while select.select([self.fifo], [], []):
            os.read(self.fifo, 4096)
            shutil.copy(self.source, f"{self.copy}/data.tmp")
            os.rename(f"{self.copy}/data.tmp", f"{self.copy}/data.cdb")

    def forbid_or_allow(self):
        self.may_be_told = not self.may_be_told
        owner = USER if self.may_be_told else 0
        os.chown(self.control, owner, owner)

    def server(self):
        wait_until(lambda: os.path.exists(f"{self.copy}/data.cdb"), 10, "the first word to the server")
        return self.begin()


class Static:
    """A static file with some of STATIC_RECORDS, and an address that is different in each version."""

    def __init__(self):
        self.version, self.records = 0, []
        self.write([])

    def write(self, records):
        self.version += 1
        self.records = records
        write_file(STATIC, "".join(f"{line}\n" for line, _, _ in records)
                           + f"+{self.mark()}:10.0.0.98\n")

    def mark(self):
        return f"v{self.version}.internal"

    def excludes(self, name):
        return any(excludes(name) for _, excludes, _ in self.records)

    def added(self):
        return {self.mark(): {"10.0.0.98"},
                **{name: addresses for _, _, more in self.records
                   for name, addresses in more.items()}}

    def adjust(self, shown):
        names = shown["internal"]
        for name in filter(self.excludes, list(names)):
            del names[name]
        for name, addresses in self.added().items():
            names[name] = names.get(name, set()) | addresses


class Walk:
    def __init__(self, t, daemon, dice, clock, log, follower, static):
        self.t, self.daemon, self.dice, self.clock, self.log = t, daemon, dice, clock, log
        self.follower, self.static = follower, static
        self.servers = {"internal": t.tinydns(daemon, "internal"), "public": follower.server()}
        self.told = self.refused = self.untold = 0
        self.namespaces, self.clients = [t.host], []  # clients: (Client, [(name, ns, interface)])
        self.made = 0
        self.steps = [self.new_namespace] + 2 * [self.delete_namespace] + 4 * [self.add_link] + [
            self.delete_link, self.rename, self.move, self.altname, self.stop_and_go,
            self.veth, self.burst, self.set_clock, self.stall_or_read, self.away,
            self.write_static, self.forbid_or_allow] + 8 * [self.add_address] + 4 * [self.delete_address] + 3 * [
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
        """Deletes one without clients: `ip addr` could not reach the namespace of a client afterwards."""
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
        """Sets the clock by a little, by a day, to 1970, or back to the right time."""
        self.clock.set(self.dice.choice((0, 0, 60, 86400, -60, -86400, 100 - int(time.time()))))

    def stall_or_read(self):
        (self.log.read if self.log.stalls else self.log.stall)()

    def write_static(self):
        """Writes other static records, and waits for the first build with them."""
        self.static.write(self.dice.sample(STATIC_RECORDS, self.dice.randrange(3)))
        self.daemon.static_names = set(self.static.added())
        wait_until(lambda: self.static.mark() in self.daemon.shown("internal"), 10,
                   "the static file is read")

    def forbid_or_allow(self):
        self.follower.forbid_or_allow()

    def away(self):
        """Removes an address, and sets it again at once."""
        link, address = self.link(), self.dice.choice(ADDRESSES)
        namespace = self.namespace()
        if namespace.try_ip(f"addr del {address} dev {link}"):
            namespace.try_ip(f"addr add {address} dev {link}")

    def full_names(self, name):
        return {fqdn for _, fqdn in zone_names(self.daemon.zones, name)}

    def is_refused(self, name):
        """A name is refused if a static file excludes it, unless somebody holds it."""
        held = set().union(*(self.full_names(hold[0]) for hold in self.holders()))
        return any(self.static.excludes(fqdn) for fqdn in self.full_names(name) - held)

    def request(self, client, namespace, *keys):
        """Requests a random name. Returns what is held now, or None."""
        name = self.dice.choice(NAMES)
        link = self.dice.choice(LINKS + ["lo", "eth0x", "eth1x"])
        reply = client.ask(" ".join((name, link, *keys)))
        if self.is_refused(name):
            assert reply.startswith("error in-use ") and f"{STATIC}:" in reply, (name, reply)
            self.refused += 1
            return None
        assert reply.startswith(("ok ", "live ") + (("error timeout ",) if keys else ())), (
            name, link, reply)
        if reply.startswith("live "):
            self.expect_told((name, namespace, link), reply.split()[1:])
        return name, namespace, link

    def answers(self, name):
        """What tinydns answers for a name; asks the server that has the name's zone."""
        return self.servers[self.database_of(name)].ask(name)

    def database_of(self, name):
        return zone_names(self.daemon.zones, name + ".")[0][0].database

    def expect_told(self, hold, names):
        """After `live`: one of the names has an address now, unless its short lifetime is over."""
        def has_answer():  # a server that was told reads its file next
            return any(self.answers(name) for name in names)

        def is_over():
            return not any(expected(self.daemon.zones, [hold]).values())
        wait_until(lambda: has_answer() or is_over(), what=f"an answer to one of {names}")
        self.told += 1

    def wait_for_name(self):
        able = [c for c in self.clients if not hasattr(c[0], "deaf")]
        if able:
            client, holds = self.dice.choice(able)
            self.ask_more(client, holds, "wait=2")

    def ask_more(self, client, holds, *keys):
        held = self.request(client, holds[0][1], *keys)
        if held:
            holds.append(held)

    def untrue(self):
        """(name, states, addresses, answer) for each name that `list` and tinydns disagree about."""
        shown, states = {}, {}
        for line in read_list(f"{self.daemon.runtime}/list"):
            shown.setdefault(line["name"], set()).update(line["addresses"])
            states.setdefault(line["name"], set()).add((line["state"], line["reason"]))
        for name, addresses in shown.items():
            if not self.is_so(name, states[name], addresses):
                yield name, states[name], addresses, self.answers(name)

    def is_so(self, name, states, addresses):
        live, found = ("live", "") in states, self.answers(name)
        if not self.follower.may_be_told and self.database_of(name) == "public":
            # It answers as when it was last told: live names existed then.
            self.untold += ("pending", "untold") in states
            return (bool(found) or not live) and ("pending", "") not in states
        found -= self.static.added().get(name, set()) - addresses
        few = len([a for a in addresses if ":" not in a]) < A_RECORDS
        return live == bool(found) and (found == addresses or (not few and found < addresses))

    def expect_list_told(self):
        """When nothing changes any more, the list and the servers soon agree."""
        wait_equal(lambda: list(self.untrue()), [], what="what the list says and nobody is answered")

    def expect_serials(self):
        """Each file's serial is at least the time at which it was written, by the present clock."""
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
            held = self.request(client, namespace)
            if not held:
                client.close()
                return
            self.clients.append((client, [held]))
            if self.dice.random() < 0.3:
                client.socket.shutdown(socket.SHUT_WR)
                client.deaf = True

    def another_name(self):
        able = [c for c in self.clients if not hasattr(c[0], "deaf")]
        if able:
            client, holds = self.dice.choice(able)
            self.ask_more(client, holds)

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
def test_a_random_walk_ends_as_the_model_says(t):
    seed = int(os.environ.get("PHONEBOOK_TEST_SEED") or random.randrange(1 << 32))
    print(f"PHONEBOOK_TEST_SEED={seed}")
    clock, log = Clock(t), Log()
    daemon = t.configured(zones=ZONES, databases={"internal": {"static": STATIC},
                                                  "public": {"reload": f"s6 {SERVICE}"}})
    static, follower = Static(), Follower(t, daemon, "public", "127.0.0.2")
    daemon.start(stderr=log.writer, env=clock.environment())
    walk = Walk(t, daemon, random.Random(seed), clock, log, follower, static)
    end, steps, rounds = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < end:
        if walk.dice.random() < 0.5:
            follower.forbid_or_allow()
        for _ in range(walk.dice.randrange(5, 60)):
            step = walk.dice.choice(walk.steps)
            t.trace.note(step.__name__)
            step()
            steps += 1
        daemon.agree(*walk.holders(), limit=8 * SLOW, adjust=static.adjust)
        walk.expect_list_told()
        if not follower.may_be_told:
            follower.forbid_or_allow()
            walk.expect_list_told()
        walk.expect_serials()
        rounds += 1
    print(f"{steps} steps, equal {rounds} times, {walk.told} times told what is so, {walk.refused} "
          f"times refused for a static file of {static.version}, {walk.untold} names untold")
    for client, _ in walk.clients:
        client.close()
    daemon.agree(adjust=static.adjust)
    daemon.stop()
    log.read()
    assert not any(text.encode() in log.text for text in SANITIZER), log.text.decode()
