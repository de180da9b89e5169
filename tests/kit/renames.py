"""Counts how often a file is replaced by rename(2), as every build does with data.cdb and data (inotify(7))."""
import ctypes
import os
import select
import struct
import time

from .network import LIBC

IN_MOVED_TO, IN_CLOEXEC = 0x80, 0o2000000
EVENT = struct.Struct("iIII")


class Renames:
    """Watches for `name` in a directory from now on. close(), or the end of the process, ends the watch."""

    def __init__(self, directory, name="data.cdb"):
        self.name = name.encode()
        self.fd = LIBC.inotify_init1(IN_CLOEXEC)
        if LIBC.inotify_add_watch(self.fd, directory.encode(), IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), directory)

    def count(self, limit=0.0):
        """How often it was replaced since the last call. Where it was not, waits for the next time, up to `limit`
        seconds."""
        if not select.select([self.fd], [], [], limit)[0]:
            return 0
        events, at, count = os.read(self.fd, 1 << 16), 0, 0
        while at < len(events):
            length = EVENT.unpack_from(events, at)[3]
            count += events[at + EVENT.size:at + EVENT.size + length].rstrip(b"\0") == self.name
            at += EVENT.size + length
        return count

    def wait(self, end):
        """False where it was not replaced before `end`, a time.monotonic()."""
        while (left := end - time.monotonic()) > 0:
            if self.count(left):
                return True
        return False

    def close(self):
        os.close(self.fd)
