"""The process that runs one bench, in namespaces of its own, and what that bench gets."""
import importlib
import os
import sys
import traceback

from kit.isolation import make_private
from kit.process import Speaker
from kit.world import World

ADDRESS = "10.64.0.1"  # of lo: what the names stand for
QUICK_MAX = 10000  # names


class Bench(World):
    """A World, and how much is to be measured."""

    def __init__(self, build, options):
        super().__init__(build)
        self.large = "large" in options  # a million names too, where that makes sense
        self.quick = "quick" in options  # few samples: does it run at all?
        self.address = ADDRESS

    def picture(self, name):
        """The path for a picture of this name."""
        return os.path.join(self.build, f"{name}.svg")

    def helper(self, name):
        return self.program(f"tests/bench/{name}")

    def speaker(self, argv, **options):
        return Speaker(self.trace, argv, **options)

    def rounds(self, count):
        return min(count, 2) if self.quick else count

    def sizes(self, *sizes, large=None):
        if self.quick:
            return [size for size in sizes if size <= QUICK_MAX]
        return list(sizes) + ([large] if self.large and large else [])


def main():
    name, build, *options = sys.argv[1:]
    make_private()
    bench, status = Bench(build, options), 0
    bench.host.ip(f"addr add {ADDRESS}/32 dev lo")
    try:
        importlib.import_module(name).run(bench)
    except Exception:
        traceback.print_exc()
        print(bench.log(), file=sys.stderr)
        status = 1
    sys.stdout.flush()
    os._exit(status)  # the process namespace ends with us, and everybody in it
