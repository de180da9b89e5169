"""What must be published, as a function of `ip addr` and of the holders of each name: the rules of phonebook.zone(5)
written a second time, so that tests can compare phonebookd with them."""
import ipaddress
from dataclasses import dataclass, field

CLASSES = {
    "private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"],
    "link-local": ["169.254.0.0/16", "fe80::/10"],
    "loopback": ["127.0.0.0/8", "::1/128"],
    "never": ["0.0.0.0/32", "255.255.255.255/32", "224.0.0.0/4", "::/128", "ff00::/8"],
}
NETWORKS = {name: [ipaddress.ip_network(n) for n in networks] for name, networks in CLASSES.items()}


def address_class(address):
    for name, networks in NETWORKS.items():
        if any(address in network for network in networks):
            return name
    return "global"


def matches(word, address):
    """Does one word of `addresses` (without "!") match the address?"""
    if word == "global" or word in CLASSES:
        return address_class(address) == word
    value, _, mask = word.partition("/")
    value = ipaddress.ip_address(value)
    if value.version != address.version:
        return False
    if ":" not in mask and "." not in mask:
        return address in ipaddress.ip_network(word)
    mask = int(ipaddress.ip_address(mask))
    return int(address) & mask == int(value) & mask


@dataclass
class Zone:
    """A zone file, and the rules in it."""
    name: str
    database: str = "main"
    addresses: str = "global private"
    families: str = "ipv4 ipv6"
    temporary: bool = False
    relative: bool = True
    more: dict = field(default_factory=dict)  # keys that decide nothing about which addresses

    def text(self):
        keys = {"name": self.name, "database": self.database, "addresses": self.addresses,
                "families": self.families, "temporary": "yes" if self.temporary else "no",
                "relative": "yes" if self.relative else "no", **self.more}
        return "[zone]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items())

    def lets_in(self, address):
        if address_class(address) == "never" or f"ipv{address.version}" not in self.families.split():
            return False
        for word in self.addresses.split():
            if matches(word.lstrip("!"), address):
                return not word.startswith("!")
        return False

    def shows(self, found):
        """The addresses shown, out of [(address, info)] of all holders of a name together."""
        fresh, old = set(), set()
        for address, info in found:
            if info.get("tentative") or info.get("dadfailed") or info.get("optimistic"):
                continue
            if info.get("temporary") and address.version == 6 and not self.temporary:
                continue
            if self.lets_in(address):
                deprecated = info.get("deprecated") or info.get("preferred_life_time") == 0
                (old if deprecated else fresh).add(address)
        versions = {a.version for a in fresh}
        return {str(a) for a in fresh | {a for a in old if a.version not in versions}}


def interface_addresses(links, name):
    """[(address, info)] of the interface with this name, else with this alternative name."""
    link = next((l for l in links if l.get("ifname") == name), None) or next(
        (l for l in links if name in l.get("altnames", [])), None)
    if link is None or "UP" not in link["flags"]:
        return []
    return [(ipaddress.ip_address(i["local"]), i) for i in link["addr_info"] if "local" in i]


def zone_names(zones, name):
    """[(zone, fully qualified name)] of a requested name. The deepest zone takes it."""
    folded = name.lower()
    within = [z for z in zones if folded.rstrip(".") == z.name
              or folded.rstrip(".").endswith("." + z.name)]
    if within:
        return [(max(within, key=lambda z: len(z.name)), folded.rstrip("."))]
    if name.endswith("."):
        return []
    return [(z, z.name if name == "@" else f"{folded}.{z.name}") for z in zones if z.relative]


def expected(zones, holders):
    """{database: {name: {address}}} for holders [(name, namespace, interface)]."""
    links = {namespace: namespace.addresses() for namespace in {h[1] for h in holders}}
    collected = {}
    for name, namespace, interface in holders:
        for zone, fqdn in zone_names(zones, name):
            found = collected.setdefault((id(zone), fqdn), (zone, []))[1]
            found += interface_addresses(links[namespace], interface)
    shown = {zone.database: {} for zone in zones}
    for (_, fqdn), (zone, found) in collected.items():
        addresses = zone.shows(found)
        if addresses:
            shown[zone.database][fqdn] = addresses
    return shown
