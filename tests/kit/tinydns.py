"""tinydns, and three readers of what it serves that are independent of each other: our own client (dns.py),
dig(1), and tinydns-get(8) on the file."""
import ipaddress
import os
import re
import socket

from .dns import A, AAAA, PTR, query


class Tinydns:
    """Debian's tinydns on one database, as a user of its own, chrooted. `world` owns the process."""
    USER = 64053

    def __init__(self, world, directory, address):
        self.world = world
        self.directory = directory
        self.address = address
        self.process = world.spawn(
            ["tinydns"], env={"PATH": os.environ["PATH"], "ROOT": directory, "IP": address,
                              "UID": str(self.USER), "GID": str(self.USER)})
        self.process.wait_output("starting tinydns")

    def stop(self):
        self.process.kill()

    def ask(self, name, kind=None):
        """The addresses of both families, or of one. Two questions, since tinydns need not answer ANY completely."""
        found = set()
        for one in (A, AAAA) if kind is None else (kind,):
            answer = query(self.address, name, one)
            found |= answer.addresses() if answer else {"no answer"}
        return found

    def pointers(self, address):
        """The names that an address has."""
        answer = query(self.address, ipaddress.ip_address(address).reverse_pointer, PTR)
        if answer is None:
            return ["no answer"]
        return sorted(value for _, kind, _, value in answer.records if kind == PTR)

    def dig(self, name):
        found = set()
        for kind in ("A", "AAAA"):
            done = self.world.run(["dig", f"@{self.address}", "+norecurse", "+short", "+tries=1",
                                  "+time=2", name, kind])
            found |= set(done.stdout.split())
        return found

    def get(self, name):
        """tinydns-get(8): a third reader, of the file itself."""
        found = set()
        for kind in ("a", "28"):
            done = self.world.run(["tinydns-get", kind, name], cwd=self.directory)
            for line in done.stdout.splitlines():
                if not line.startswith("answer: "):
                    continue
                words = line.split(" ", 4)
                found.add(words[4] if words[3] == "A" else octal_address(words[4]))
        return found


def octal_address(text):
    octets = bytes(int(o[1:], 8) if o.startswith("\\") else ord(o)
                   for o in re.findall(r"\\[0-7]{3}|.", text))
    return socket.inet_ntop(socket.AF_INET6, octets)
