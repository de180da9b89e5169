"""One configuration of phonebookd, written to files: phonebookd.conf, its databases and its zones."""
import os

from .files import write_file
from .truth import Zone

RUNTIME = "/run/phonebook"
ETC = "/run/etc"
INTERNAL = Zone("internal", "internal", "private")
PUBLIC = Zone("host.example", "public", "global")


class Configuration:
    """The files in `etc`. A test may change the attributes, and write() again."""

    def __init__(self, world, zones=(INTERNAL, PUBLIC), settings=None, databases=None, etc=ETC, runtime=RUNTIME):
        self.world = world
        self.program = world.program("phonebookd")
        self.zones = list(zones)
        self.settings = settings or {}
        self.databases = {zone.database: {} for zone in zones}
        self.databases.update(databases or {})
        self.etc, self.runtime = etc, runtime

    def directory(self, name):
        """Where this database is."""
        return self.databases[name].get("directory", f"{self.runtime}/{name}")

    def write(self):
        """Writes phonebookd.conf and the zone files."""
        os.makedirs(f"{self.etc}/zones", exist_ok=True)
        lines = ["[phonebookd]", f"runtime-directory = {self.runtime}"]
        lines += [f"{k} = {v}" for k, v in self.settings.items()]
        for name, keys in self.databases.items():
            keys = {"reload": "none", **keys}
            lines += ["", f"[database {name}]"] + [f"{k} = {v}" for k, v in keys.items()]
        write_file(f"{self.etc}/phonebookd.conf", "\n".join(lines) + "\n")
        for zone in self.zones:
            write_file(f"{self.etc}/zones/{zone.name}.zone", zone.text())

    def command(self, *options):
        """phonebookd on these files."""
        return [self.program, "-c", f"{self.etc}/phonebookd.conf", *options]
