"""A home network of applications in namespaces, configured by the files of docs/recipes/namespaces: kea
delegates a prefix to dhcpcd, radvd announces it to macvlans, and the provider changes the prefix."""
import json
import os
import shutil
import socket

from kit import USER, Zone, needs, read_file, wait_until, write_file, write_program
from kit.builds import parse
from kit.neighbours import recipe
from kit.network import Namespace
from kit.router import link_local_ready

RESOLVER = "nameserver 192.0.2.53\n"
GUEST = "52:54:00:12:34:56"
GUEST_ID = "5054:ff:fe12:3456"  # RFC 4291, appendix A


class Shipped(Zone):
    """A zone file of the recipes, unchanged."""

    def text(self):
        return read_file(recipe(f"namespaces/{self.more['file']}"))


HOME = Shipped("home.example.net", "public", "global", more={"file": "home.zone"})


class Provider:
    """Delegates a /56 of its /48 for some seconds; after renumber(), one of another /48."""

    def __init__(self, t):
        self.t, self.namespace, self.kea = t, t.namespace("isp"), None
        t.host.ip("link add up0 type veth peer name isp0 netns isp")
        self.namespace.sysctl("ipv6/conf/isp0/accept_dad", 0)
        self.namespace.ip("link set isp0 up", "addr add 2001:db8:f::1/64 dev isp0 nodad")

    def delegate(self, prefix):
        subnet = {"id": 1, "subnet": "2001:db8:f::/64", "interface": "isp0",
                  "pd-pools": [{"prefix": prefix, "prefix-len": 48, "delegated-len": 56}]}
        server = {"type": "LL", "htype": 8, "identifier": "A65DC7410F05", "persist": False}
        config = {"Dhcp6": {"server-id": server, "interfaces-config": {"interfaces": ["isp0"]},
                            "lease-database": {"type": "memfile", "persist": False},
                            "renew-timer": 1, "rebind-timer": 2, "preferred-lifetime": 4,
                            "valid-lifetime": 8, "subnet6": [subnet]}}
        with open("/run/test/kea.json", "w", encoding="utf-8") as file:
            json.dump(config, file)
        if self.kea:
            self.kea.kill()
        self.kea = self.t.spawn([*self.namespace.prefix, "kea-dhcp6", "-c", "/run/test/kea.json"],
                                name="kea", env={**os.environ, "KEA_PIDFILE_DIR": "/run/test",
                                                 "KEA_LOCKFILE_DIR": "/run/test"})
        self.kea.wait_output("DHCP6_STARTED")


def in_mux(t, *command):
    return t.spawn(["ip", "netns", "exec", "mux", *command], name=command[0])


def start(t):
    """The router; its scripts find `phonebook` in PATH."""
    os.environ["PATH"] = f"{t.build}:{os.environ['PATH']}:/usr/sbin:/sbin"
    t.run(["mount", "-t", "tmpfs", "none", "/var/lib/dhcpcd"])  # for its DUID and lease
    write_file("/run/test/resolv.conf", RESOLVER)
    t.run(["mount", "--bind", "/run/test/resolv.conf", "/etc/resolv.conf"])
    daemon, provider = t.daemon(zones=(HOME,)), Provider(t)
    t.run([recipe("namespaces/mux"), "up0"])
    wait_until(lambda: link_local_ready(provider.namespace, "isp0"), what="kea can listen")
    provider.delegate("2001:db8:1::")
    in_mux(t, "dhcpcd", "-B", "-f", recipe("namespaces/dhcpcd.conf"), "wan0")
    in_mux(t, "radvd", "-n", "-m", "stderr", "-C", recipe("namespaces/radvd.conf"), "-p", "/run/test/radvd")
    in_mux(t, "phonebook", "publish", "gw", "gw0")
    return daemon, provider


def within(daemon, name, prefix):
    """Are there addresses, and are all of them in the prefix?"""
    shown = daemon.addresses(f"{name}.home.example.net")
    return bool(shown) and all(address.startswith(prefix) for address in shown)


def is_mixed(shown):
    """Does a name have an address in the former prefix, although the router has only the new one?"""
    router = shown.get("gw.home.example.net", set())
    former = [a for addresses in shown.values() for a in addresses if a.startswith("2001:db8:1:")]
    return bool(former and router) and all(a.startswith("2001:db8:2:") for a in router)


def reaches(t, namespace, address):
    """Does the host answer from there? (It refuses the connection, since nothing listens.)"""
    with Namespace(t.trace, f"/run/netns/{namespace}").socket(socket.AF_INET6) as one:
        one.settimeout(0.5)
        try:
            one.connect((address, 9))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    raise AssertionError("somebody listens there")


def test_a_home_network_follows_its_provider(t):
    needs("kea-dhcp6", "dhcpcd", "radvd", "nft")
    daemon, provider = start(t)
    www = t.spawn([recipe("namespaces/app"), "www", "sleep", "1000"])
    t.spawn([recipe("namespaces/app"), "db"])
    vm = t.namespace("vm")  # in place of QEMU
    t.host.ip(f"link add eth0 link apps netns vm address {GUEST} type macvlan mode bridge")
    vm.sysctl("ipv6/conf/eth0/addr_gen_mode", 0)
    vm.ip("link set eth0 up")
    t.spawn([recipe("namespaces/guest"), "vm", GUEST])
    for name in ("gw", "www", "db", "vm"):
        wait_until(lambda n=name: within(daemon, n, "2001:db8:1:"), 20, f"{name} in the first prefix")
    assert daemon.addresses("vm.home.example.net") == {f"2001:db8:1:0:{GUEST_ID}"}
    wait_until(lambda: reaches(t, "www", f"2001:db8:1:0:{GUEST_ID}"), 10, "the guest answers")

    # Started again: it has the same address, and the name stayed.
    before, builds = daemon.addresses("www.home.example.net"), daemon.builds["public"]
    seen = builds.count()
    www.kill()
    t.spawn([recipe("namespaces/app"), "www", "sleep", "1000"])
    wait_until(lambda: reaches(t, "db", next(iter(before))), 15, "neighbours reach the new one")
    wait_until(lambda: daemon.addresses("www.home.example.net") == before, 10, "the same address")
    assert all(b"www.home.example.net" in build.data for build in builds.seen(seen))

    seen = builds.count()
    provider.delegate("2001:db8:2::")
    for name in ("gw", "www", "db", "vm"):
        wait_until(lambda n=name: within(daemon, n, "2001:db8:2:"), 60, f"{name} in the second prefix alone")
    for build in builds.seen(seen):
        assert not is_mixed(parse(build.data)), parse(build.data)
    assert read_file("/etc/resolv.conf") == RESOLVER, "the host's resolver is its own"


STAND_IN = """#!/bin/sh
echo "$PWD $UID $*" >>/run/test/shibari.told
trap 'echo told >>/run/test/shibari.told' HUP
echo >&3
while :; do sleep 0.1; done
"""


def told():
    return read_file("/run/test/shibari.told").splitlines()


def test_shibari_is_told_of_each_build_under_s6(t):
    """Its service, with a stand-in because Debian lacks shibari, gets ready; a phonebookd that is not root
    tells it of each build."""
    needs("s6-supervise", "s6-svperms", "execlineb")
    service, programs = "/run/test/sv/shibari", "/run/test/programs"
    shutil.copytree(recipe("namespaces/shibari"), service)
    write_program(f"{programs}/shibari-server-udp", STAND_IN)
    os.makedirs("/run/phonebook/public")
    t.spawn(["s6-supervise", service], env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
    t.run(["s6-svwait", "-U", "-t", "20000", service])
    assert told()[0] == "/run/phonebook/public 65534 -U -d 3 ::", told()
    t.run(["s6-svperms", "-G", f":{USER}", service])
    daemon = t.daemon(zones=(HOME,), databases={"public": {"reload": f"s6 {service}"}})
    t.hold(t.app("2001:db8:1::5/64"), "www", "eth0", "wait=60")
    wait_until(lambda: "told" in told(), what="it is told")
    assert within(daemon, "www", "2001:db8:1:"), "and its new file has the name"
