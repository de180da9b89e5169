"""Generated and mutated lines of the tinydns-data language are compiled by phonebook and by Debian's
tinydns-data. Both must refuse the same lines and make the same octets of all others."""
import os
import random

from parts.figures import table

DIRECTORY = "/run/differential"
LINES = 1000000


def run(bench):
    seed = random.getrandbits(32)
    os.makedirs(DIRECTORY)
    done = bench.run([bench.helper("compile-fuzz"), DIRECTORY, str(20000 if bench.quick else LINES), str(seed)],
                     timeout=None)
    lines, refused, files, seconds = done.stdout.split()
    table(["lines", "of them refused by both", "files", "differences", "s", "seed"],
          [[f"{int(lines):,}", f"{int(refused):,}", f"{int(files):,}", "0", seconds, str(seed)]])
