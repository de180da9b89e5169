"""Router advertisements (RFC 4861): one at a time from here, or from a real radvd."""
import socket
import struct

from .files import write_file

ALL_NODES = "ff02::1"


def advertisement(prefixes, lifetime=1800):
    """The message; prefixes are [(prefix, valid, preferred)], each a /64 for autoconfiguration."""
    message = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, lifetime, 0, 0)
    for prefix, valid, preferred in prefixes:
        message += struct.pack(">BBBBIII", 3, 4, 64, 0xC0, valid, preferred, 0)
        message += socket.inet_pton(socket.AF_INET6, prefix)
    return message


def advertise(namespace, link, prefixes, times=1):
    """Sends it from `link` in `namespace`, which needs its link-local address for that."""
    from .wait import wait_until
    wait_until(lambda: link_local_ready(namespace, link), what=f"a link-local address on {link}")
    with namespace.entered():
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
            index = socket.if_nametoindex(link)
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            for _ in range(times):
                raw.sendto(advertisement(prefixes), (ALL_NODES, 0, 0, index))


def link_local_ready(namespace, link):
    for one in namespace.addresses():
        if one.get("ifname") == link:
            return any(i["local"].startswith("fe80") and not i.get("tentative")
                       for i in one["addr_info"])
    return False


class Radvd:
    """A real radvd on one link, announcing one or more prefixes."""

    def __init__(self, test, namespace, link):
        self.test, self.namespace, self.link = test, namespace, link
        self.process = None
        self.conf = f"/run/test/radvd.{link}.conf"
        namespace.sysctl("ipv6/conf/all/forwarding", 1)

    def announce(self, prefixes):
        """prefixes: [(prefix, preferred lifetime)]. Starts radvd, or tells it its new ones."""
        blocks = "".join(
            f"  prefix {prefix}/64 {{ AdvOnLink on; AdvAutonomous on; AdvValidLifetime "
            f"{3600 if preferred else 7200}; AdvPreferredLifetime {preferred}; }};\n"
            for prefix, preferred in prefixes)
        write_file(self.conf, f"interface {self.link} {{\n  AdvSendAdvert on;\n  MinRtrAdvInterval 3;\n"
                              f"  MaxRtrAdvInterval 4;\n{blocks}}};\n")
        if self.process is None:
            self.process = self.test.spawn(
                [*self.namespace.prefix, "radvd", "-n", "-C", self.conf, "-p",
                 "/run/test/radvd.pid", "-m", "stderr"], name="radvd")
        else:
            self.process.kill(1)
