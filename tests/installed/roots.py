"""Debian roots, made with debootstrap once and then only read (machine.py lays a tmpfs over them). They are in
build/roots, or where PHONEBOOK_ROOTS says, which may outlive a build."""
import os
import re
import shutil
import subprocess

from kit import Skip, needs, write_file
from kit.isolation import TREE

ROOTS = os.environ.get("PHONEBOOK_ROOTS") or f"{TREE}/build/roots"
LIMIT = 1200  # seconds, to download and to install


def mirror():
    """Where this machine's apt has Debian's packages from."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(ORIGIN)",
                              "Created-By: Packages"], capture_output=True, text=True, check=False)
    for line in targets.stdout.splitlines():
        found = re.fullmatch(r"(\S+) ([a-z]+) Debian", line)  # no trixie-security
        if found:
            return found.group(1)
    raise Skip("no mirror of Debian is known to apt")


def in_chroot(root, *command):
    """Its output and whether it went well. The machine's network is there, its /proc is not."""
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c",
         'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', root, *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT,
        errors="replace", check=False)
    return done.returncode == 0, done.stdout


def bootstrap(suite, place):
    needs("debootstrap")
    part = f"{place}.part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    done = subprocess.run(["debootstrap", "--variant=minbase", suite, part, mirror()], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
    if done.returncode != 0:
        raise Skip(f"debootstrap {suite}: {done.stdout.strip().splitlines()[-1:]}")
    shutil.copyfile("/etc/resolv.conf", f"{part}/etc/resolv.conf")
    write_file(f"{part}/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
    os.chmod(f"{part}/usr/sbin/policy-rc.d", 0o755)
    os.rename(part, place)


def root_of(suite, *sets):
    """A root of this suite with these sets of tests/packages."""
    place = os.path.join(ROOTS, suite)
    try:
        if not os.path.isdir(place):
            bootstrap(suite, place)
        shutil.copyfile(f"{TREE}/tests/packages", f"{place}/root/packages")
        good, output = in_chroot(place, "sh", "/root/packages", *sets)
    except subprocess.TimeoutExpired as late:
        raise Skip(f"{suite} cannot be had in {LIMIT} s") from late
    if not good:
        raise Skip(f"{suite}: packages cannot be had: {output.strip().splitlines()[-1:]}")
    return place
