"""The process that runs one system test, in namespaces of its own: sets the time limit, and prints the log where
the test fails."""
import importlib
import os
import signal
import sys
import traceback

from .context import Test
from .isolation import make_private
from .marks import Skip, time_limit

SKIPPED = 77


def time_is_up(*_):
    raise AssertionError("the test's time limit is over")


def run_test(build, module, name):
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
