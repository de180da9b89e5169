"""Every build of a database, seen from outside, and the invariants that each build must keep."""
import os
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from .renames import Renames
from .secondaries import complaints
from .wait import LEAST, wait_until


@dataclass
class Build:
    """One replacement of data.cdb and, after it, `data`. Without content where the next build came before we read
    them."""
    when: float
    data: bytes | None
    cdb: bytes | None
    mode: int | None
    inode: int | None
    mtime: float | None = None

    def serial(self, zone):
        for line in self.data.decode("latin-1").splitlines():
            if line.startswith(f"Z{zone}:"):
                return int(line.split(":")[3])
        return None


def parse(data):
    """{name: {address}} of a `data` file."""
    shown = {}
    for line in data.decode("latin-1").splitlines():
        if line.startswith("+"):
            name, address = line[1:].split(":")[:2]
        elif line.startswith(":") and line.split(":")[2] == "28":
            name, octal = line[1:].split(":")[0], line.split(":")[3]
            address = aaaa(octal)
        else:
            continue
        shown.setdefault(name, set()).add(address)
    return shown


def aaaa(octal):
    octets = bytes(int(o, 8) for o in octal.split("\\")[1:])
    return socket.inet_ntop(socket.AF_INET6, octets)


class Builds:
    """Watches a database's directory, which must exist, from before phonebookd starts. stop() ends the watching
    thread."""

    def __init__(self, directory):
        self.directory = directory
        self.builds = []
        self.renames = Renames(directory, "data")  # which comes after data.cdb
        self.stopping = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping:
            renamed = self.renames.count(0.05)
            for n in range(renamed):
                late = n + 1 < renamed  # another has replaced it already
                build = Build(time.monotonic(), None, None, None, None) if late else self._read()
                while more := self.renames.count(0):  # while we were reading
                    self.builds += [Build(time.monotonic(), None, None, None, None)] * more
                    build = self._read()
                self.builds.append(build)

    def _read(self):
        with open(f"{self.directory}/data.cdb", "rb") as file:
            cdb, status = file.read(), os.fstat(file.fileno())
        with open(f"{self.directory}/data", "rb") as file:
            data, same = file.read(), os.fstat(file.fileno()).st_mtime == status.st_mtime
        if not same:  # data.cdb is of the next build
            return Build(time.monotonic(), None, None, None, None)
        return Build(time.monotonic(), data, cdb, status.st_mode & 0o777, status.st_ino,
                     status.st_mtime)

    def seen(self, first=0):
        """The builds from number `first` on whose content was read, the present one included."""
        self.count()
        return [build for build in self.builds[first:] if build.data is not None]

    def _has_present(self):
        """`data` is replaced after data.cdb, whose content may be that of a build to come."""
        try:
            inode = os.stat(f"{self.directory}/data.cdb").st_ino
            with open(f"{self.directory}/data", "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return True
        return self.builds and (self.builds[-1].inode, self.builds[-1].data) == (inode, data)

    def count(self):
        """The number of builds so far, the present one included."""
        wait_until(self._has_present, what="the last build is seen")
        return len(self.builds)

    def wait(self, count, limit=LEAST):
        wait_until(lambda: len(self.builds) >= count, limit, f"build {count} of {self.directory}")

    def stop(self):
        self.stopping = True
        self.thread.join()
        self.renames.close()

    def check(self, zones, foreign, starts, static=False):
        """Each build: what tinydns-data makes of it, sorted, growing serials, nothing foreign; of `starts`
        phonebookds, each of which begins with one. With static files, any line."""
        last = {}
        for build in (build for build in self.builds if build.data is not None):
            assert build.mode == 0o644, f"data.cdb has mode {build.mode:o}"
            assert compile_data(build.data, build.mtime) == build.cdb, (
                f"data.cdb differs from tinydns-data's:\n{build.data.decode('latin-1')}")
            lines = build.data.decode("latin-1").splitlines()
            assert static or all(line[0] in "Z&+^:" for line in lines), f"line types: {lines}"
            for zone in foreign:
                assert zone.encode() not in build.data, f"{zone} in {self.directory}"
            for zone in zones:
                serial = build.serial(zone)
                assert serial is not None, f"no SOA of {zone} in {lines}"
                assert serial > last.get(zone, 0), f"serial {serial} after {last[zone]}"
                last[zone] = serial
        self.check_secondaries()
        if len(self.builds) > 2:
            took = self.builds[-1].when - self.builds[0].when
            assert len(self.builds) <= took + 2 + starts, f"{len(self.builds)} builds in {took:.2f} s"

    def check_secondaries(self):
        """They load the largest build that we got hold of."""
        largest = max((build.cdb for build in self.builds if build.cdb), key=len, default=None)
        found = complaints(largest) if largest else []
        assert not found, "\n".join(found)


def compile_data(data, mtime=None):
    """tinydns-data takes the time of `data` for a serial that is not there."""
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/data", "wb") as file:
            file.write(data)
        if mtime is not None:
            os.utime(f"{directory}/data", (mtime, mtime))
        subprocess.run(["tinydns-data"], cwd=directory, check=True)
        with open(f"{directory}/data.cdb", "rb") as file:
            return file.read()
