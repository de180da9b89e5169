"""The process that runs one test, already in namespaces of its own: makes the rest private, sets the
time limit, prints the log where the test fails."""
import importlib
import os
import signal
import subprocess
import sys
import traceback

from .wait import SLOW

LIMIT = 180  # seconds, where a test does not say otherwise
SKIPPED = 77
HOSTNAME = "box"


class Skip(Exception):
    """Raised by a test that cannot run here; its text is the reason."""


def need_user_namespaces():
    """For a test in which a user without privileges makes one: they may be switched off, or this is a chroot."""
    done = subprocess.run(["setpriv", "--reuid=7001", "--regid=7001", "--clear-groups", "unshare", "-Urn", "true"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise Skip("no user namespaces")


def limit(seconds):
    """Decorator: the test may take this long."""
    def mark(function):
        function.time_limit = seconds
        return function
    return mark


def time_limit(function):
    return getattr(function, "time_limit", LIMIT) * SLOW


def make_private():
    """A /run of our own, a host name, a loopback interface. /tmp stays: programs may be built there."""
    def must(*command):
        subprocess.run(command, check=True)

    must("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.mkdir("/run/test", 0o755)
    os.environ["TMPDIR"] = "/run/test"
    must("hostname", HOSTNAME)
    must("ip", "link", "set", "lo", "up")


def time_is_up(*_):
    raise AssertionError("the test's time limit is over")


def run_test(build, module, name):
    from .context import Test
    function = getattr(importlib.import_module(module), name)
    signal.signal(signal.SIGALRM, time_is_up)
    signal.alarm(int(time_limit(function)))
    test, reason = Test(build), ""
    try:
        function(test)
        test.finish()
        return 0
    except Skip as skip:
        reason = str(skip)
        return SKIPPED
    except BaseException:
        signal.alarm(0)
        traceback.print_exc(file=sys.stdout)
        return 1
    finally:
        signal.alarm(0)
        print(test.log())
        print(reason)
        test.end()


def main():
    module, name, build = sys.argv[1:]
    make_private()
    status = run_test(build, module, name)
    sys.stdout.flush()
    os._exit(status)  # a watching thread may still wait
