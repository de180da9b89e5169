"""What a test and a bench have in common: the built programs, and the processes that they start."""
import os
import signal

from .network import Namespace
from .process import Process, Trace


class World:
    """Owns the processes started by spawn(), and ends them in end()."""

    def __init__(self, build):
        self.build = build
        self.trace = Trace()
        self.host = Namespace(self.trace)

    def program(self, name):
        path = os.path.join(self.build, name)
        if not os.access(path, os.X_OK):
            raise AssertionError(f"no {name} in {self.build}")
        return path

    def spawn(self, argv, **options):
        return Process(self.trace, list(argv), **options)

    def run(self, argv, check=True, **options):
        return self.trace.run(list(argv), check, **options)

    def end(self):
        for process in self.trace.processes:
            if process.alive():
                process.popen.send_signal(signal.SIGKILL)

    def log(self):
        return self.trace.log()
