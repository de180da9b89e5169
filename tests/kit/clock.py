"""A wall clock of a program's own, which a test sets: ../clock.c, preloaded."""
import os
import time

from .files import write_file


class Clock:
    def __init__(self, test):
        self.trace = test.trace
        self.path = f"/run/test/clock.{id(self)}"
        self.library = os.path.join(test.build, "tests/system/clock.so")
        assert os.path.exists(self.library), f"{self.library} is not built (make programs)"
        self.set(0)
        os.chmod(self.path, 0o644)

    def environment(self):
        """For what is to have this clock. A sanitizer wants to be the first that is loaded."""
        return dict(os.environ, LD_PRELOAD=self.library, CLOCK_OFFSET=self.path,
                    ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")

    def set(self, offset):
        """So many seconds from the machine's."""
        self.trace.note(f"the clock is set to {offset:+d} s")
        self.offset = offset
        write_file(self.path, f"{offset}\n".ljust(24))

    def now(self):
        return time.time() + self.offset
