"""One bench, in namespaces of its own: makes them habitable, runs it, ends whatever it started."""
import importlib
import os
import subprocess
import sys
import traceback

ADDRESS = "10.64.0.1"  # of lo: what the names stand for
QUICK_MAX = 10000  # names


class Bench:
    """What a bench is given."""

    def __init__(self, build, options):
        self.build = build
        self.large = "large" in options  # a million names too, where that makes sense
        self.quick = "quick" in options  # few samples: does it run at all?
        self.address = ADDRESS

    def program(self, name):
        return os.path.join(self.build, name)

    def picture(self, name):
        """Where one is left."""
        return os.path.join(self.build, f"{name}.svg")

    def helper(self, name):
        return os.path.join(self.build, "tests", "bench", name)

    def rounds(self, count):
        return min(count, 2) if self.quick else count

    def sizes(self, *sizes, large=None):
        if self.quick:
            return [size for size in sizes if size <= QUICK_MAX]
        return list(sizes) + ([large] if self.large and large else [])


def make_private():
    def must(*command):
        subprocess.run(command, check=True)

    must("mount", "-t", "tmpfs", "-o", "mode=755,size=4g", "tmpfs", "/run")
    must("ip", "link", "set", "lo", "up")
    must("ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo")
    os.chdir("/run")
    os.environ["TMPDIR"] = "/run"
    os.environ["PATH"] += ":/usr/sbin:/sbin"


def show_log():
    with open("/run/log", encoding="utf-8", errors="replace") as file:
        print("".join(file.readlines()[-20:]), file=sys.stderr)


def main():
    name, build, *options = sys.argv[1:]
    make_private()
    status = 0
    try:
        importlib.import_module(name).run(Bench(build, options))
    except Exception:
        traceback.print_exc()
        if os.path.exists("/run/log"):
            show_log()
        status = 1
    sys.stdout.flush()
    os._exit(status)  # the process namespace ends with us, and everybody in it
