"""The Debian packages: built from the work tree, and from the commit before it."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from kit.isolation import TREE
from machine import Machine
from roots import root_of
from kit import read_file, write_file

ROOT = "bookworm"
SETS = ("build", "debian", "booted")
BUILD_LIMIT = 1200  # seconds


def export(commit, place):
    """The files of a commit; None: those that are here, committed or not."""
    os.makedirs(place)
    if commit:
        files = ["git", "-C", TREE, "archive", commit]
    else:
        files = ["sh", "-c", 'cd "$0" && git ls-files -z -co --exclude-standard | '
                 "tar -c --null --ignore-failed-read -T -", TREE]
    with subprocess.Popen(files, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tar:
        subprocess.run(["tar", "-x", "-C", place], stdin=tar.stdout, check=True)


def commit_before():
    """The newest commit before this one that has a debian/; None where there is none."""
    found = subprocess.run(["git", "-C", TREE, "rev-list", "-n1", "HEAD~1", "--", "debian"],
                           capture_output=True, text=True, check=False)
    return "HEAD~1" if found.returncode == 0 and found.stdout.strip() else None


def set_version(place, version):
    """Another version on top of the changelog, at the same time."""
    text = read_file(f"{place}/debian/changelog")
    write_file(f"{place}/debian/changelog", re.sub(r"\(.*?\)", f"({version})", text, count=1))


class Built:
    """Packages in a directory, and what their build said."""

    def __init__(self, place, log):
        self.place, self.log = place, log
        self.debs = {os.path.basename(path).split("_")[0]: path for path in glob.glob(f"{place}/*.deb")}


def build(commit=None, version=None, inside="/build/phonebook", options="parallel=2", lint=False):
    """Built below a network namespace of its own, so that nothing can be downloaded."""
    place = tempfile.mkdtemp(prefix="phonebook-debs-")
    export(commit, f"{place}/tree")
    if version:
        set_version(f"{place}/tree", version)
    check = "lintian --allow-root --fail-on error,warning --tag-display-limit 0 ../*.changes" \
        if lint else ":"
    script = f"mkdir -p {os.path.dirname(inside)}; cp -a /tree {inside}; cd {inside}; " \
        f"DEB_BUILD_OPTIONS='{options}' dpkg-buildpackage -b -us -uc; {check}; " \
        "mkdir /debs; cp ../*.deb ../*.changes ../*.buildinfo /debs; touch /done; exec tail -f /dev/null"
    with Machine(root_of(ROOT, *SETS), ["sh", "-ec", script], f"{place}/tree") as machine:
        inner = machine.root()
        machine.wait_for(lambda: os.path.exists(f"{inner}/done"), BUILD_LIMIT, "the packages are built")
        shutil.rmtree(f"{place}/tree")
        for path in glob.glob(f"{inner}/debs/*"):
            shutil.copy(path, place)
        return Built(place, machine.log())
