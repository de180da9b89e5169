"""Lines of the tinydns-data language, made up and mutated, through phonebook's compiler and through
Debian's: what one refuses the other refuses, and all else becomes the same octets."""
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
