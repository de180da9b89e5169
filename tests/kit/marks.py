"""What a test declares: how long it may take, and what it needs to run here."""
import os
import shutil
import subprocess

from .wait import SLOW

LIMIT = 180  # seconds, where a test does not say otherwise


class Skip(Exception):
    """Raised by a test that cannot run here; its text is the reason."""


def needs(*programs):
    """Skips the test where one of the programs is not installed."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    for program in programs:
        if not shutil.which(program, path=path):
            raise Skip(f"no {program}")


def need_user_namespaces():
    """Skips a test in which a user without privileges makes one, where that cannot be done: they may be switched off,
    or this is a chroot."""
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
