"""Other DNS servers, run on the files of docs/recipes as they are."""
import os
import shutil
import socket

from .files import write_file
from .isolation import TREE
from .users import make_directory
from .wait import wait_until

RECIPES = f"{TREE}/docs/recipes"
INSTALLED = "/run/test/recipes"


def recipe(name):
    """The path of a copy of a recipe's file, since the tree may be readable by root only."""
    if not os.path.exists(INSTALLED):
        shutil.copytree(RECIPES, INSTALLED)
    return os.path.join(INSTALLED, name)


def config(name, text):
    """A file of the test's own, which includes files of the recipes."""
    return write_file(f"/run/test/{name}", text)


class Unbound:
    """Unbound as Debian runs it, but without a service, on 127.0.0.1."""

    def __init__(self, test, *recipes, more=""):
        self.address = "127.0.0.1"
        includes = "".join(f'include: "{recipe(name)}"\n' for name in recipes)
        path = config("unbound.conf", f"""
server:
    chroot: ""
    username: ""
    directory: "/run/test"
    pidfile: ""
    do-daemonize: no
    use-syslog: no
    logfile: ""
    interface: {self.address}
    verbosity: 1
{more}
{includes}
remote-control:
    control-enable: no
""")
        self.process = test.spawn(["unbound", "-d", "-p", "-c", path], name="unbound")
        self.process.wait_output("start of service")


class Dnsmasq:
    def __init__(self, test, *recipes):
        self.address = "127.0.0.2"
        files = [f"--conf-file={recipe(name)}" for name in recipes]
        self.process = test.spawn(
            ["dnsmasq", "--keep-in-foreground", "--log-facility=-", "--no-resolv", "--no-hosts",
             "--user=root", "--pid-file=", "--bind-interfaces", "--stop-dns-rebind",
             f"--listen-address={self.address}", *files], name="dnsmasq")
        self.process.wait_output("started")


class Axfrdns:
    """The recipe's service, started as a supervisor would start it."""

    def __init__(self, test):
        directory = "/run/test/axfrdns"
        shutil.copytree(recipe("axfrdns"), directory)
        self.process = test.spawn([f"{directory}/run"], name="axfrdns")
        wait_until(lambda: listens("192.0.2.1"), what="axfrdns listens")


def listens(address):
    """Does somebody listen on port 53 over TCP?"""
    try:
        socket.create_connection((address, 53), 1).close()
        return True
    except OSError:
        return False


class Nsd:
    """NSD in a namespace, at one of its addresses."""

    def __init__(self, test, namespace, address, *recipes):
        self.address = address
        directory = make_directory("/run/test/nsd", "nsd")
        includes = "".join(f'include: "{recipe(name)}"\n' for name in recipes)
        path = config("nsd.conf", f"""
server:
    ip-address: {address}
    username: nsd
    zonesdir: "{directory}"
    database: ""
    xfrdir: "{directory}"
    xfrdfile: "{directory}/xfrd.state"
    zonelistfile: "{directory}/zone.list"
    pidfile: ""
    logfile: ""
    verbosity: 2
remote-control:
    control-enable: no
{includes}""")
        self.process = test.spawn([*namespace.prefix, "nsd", "-d", "-c", path], name="nsd")


class Knot:
    """Knot in a namespace, at one of its addresses. The recipes are included after the sections that they refer
    to."""

    def __init__(self, test, namespace, address, *recipes, name="knot", more=""):
        self.test, self.namespace, self.address = test, namespace, address
        directory = make_directory(f"/run/test/{name}", "knot")
        includes = "".join(f"include: {recipe(name)}\n" for name in recipes)
        self.path = config(f"{name}.conf", f"""
server:
    listen: {address}@53
    rundir: {directory}
    user: knot:knot
log:
  - target: stderr
    any: info
database:
    storage: {directory}
template:
  - id: default
    storage: {directory}
{includes}{more}""")
        self.process = test.spawn([*namespace.prefix, "knotd", "-c", self.path], name=name)
        self.process.wait_output("server started")

    def run(self, program, *arguments):
        return self.test.run([program, "-c", self.path, *arguments])


class PowerDns:
    """PowerDNS in the test's own namespace, at the addresses of the recipe."""

    def __init__(self, test):
        self.address = "192.0.2.1"
        directory = make_directory("/run/test/pdns", "pdns")
        self.process = test.spawn(
            ["pdns_server", f"--config-dir={directory}", "--config-name=none", "--daemon=no",
             "--guardian=no", "--disable-syslog", "--write-pid=no", f"--socket-dir={directory}",
             "--setuid=pdns", "--setgid=pdns", *options(recipe("powerdns.conf"))], name="pdns")
        wait_until(lambda: listens(self.address), what="PowerDNS listens")


def options(path):
    """The settings of a file as arguments, since PowerDNS cannot include a file."""
    with open(path, encoding="utf-8") as file:
        return [f"--{line.strip()}" for line in file if line.strip() and line[0] != "#"]


class Named:
    """BIND in a namespace, at one of its addresses, with the recipes included."""

    def __init__(self, test, namespace, address, *recipes, directory="/run/test/named"):
        self.address = address
        make_directory(directory, "bind")
        make_directory("/run/named", "bind")  # for the session's key
        includes = "".join(f'include "{recipe(name)}";\n' for name in recipes)
        path = config("named.conf", f"""
options {{
    directory "{directory}";
    listen-on {{ {address}; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    recursion no;
    dnssec-validation no;
    minimal-responses yes;
}};
controls {{ }};
{includes}""")
        self.process = test.spawn([*namespace.prefix, "named", "-f", "-g", "-u", "bind", "-c", path],
                                  name="named")
        self.process.wait_output("running")


def answers(test, server, name, kind, *options):
    """What dig prints: [(name, ttl, class, type, value)] of the answer section, and the header."""
    done = test.run(["dig", f"@{server}", "+tries=1", "+time=5", *options, name, kind], check=False)
    lines = [l.split(None, 4) for l in section(done.stdout, "ANSWER")]
    header = next((l for l in done.stdout.splitlines() if "status:" in l), "no answer")
    flags = next((l for l in done.stdout.splitlines() if l.startswith(";; flags:")), "")
    return Dug(lines, header.partition("status: ")[2].partition(",")[0],
               flags.partition(":")[2].partition(";")[0].split())


def section(text, name):
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith(";;"):
            inside = line.startswith(f";; {name} SECTION")
        elif inside and line and not line.startswith(";"):
            lines.append(line)
    return lines


class Dug:
    def __init__(self, records, status, flags):
        self.records, self.status, self.flags = records, status, flags

    def values(self, kind):
        return {r[4] for r in self.records if r[3] == kind}
