"""`phonebook compile` compared with tinydns-data."""
import os

DATA = "/run/test/data"
OUT = "/run/test/out.cdb"


def put(text, path=DATA):
    with open(path, "wb") as file:
        file.write(text)


def get(path):
    with open(path, "rb") as file:
        return file.read()


def compile_file(t, *arguments):
    return t.run([t.program("phonebook"), "compile", *arguments], check=False)


def test_compile_makes_the_same_file_as_tinydns_data(t):
    """The same octets, including the serial from the file's time."""
    put(b".example:192.0.2.1:a\n@example:192.0.2.2:b:10\n+*.example:192.0.2.3:::lo\n%lo:192\n"
        b"Sx.example:192.0.2.4:s:80:1:2:60:4000000065000000\n'x.example:a\\072b\n")
    os.utime(DATA, (1700000000, 1700000000))
    t.run(["tinydns-data"], cwd="/run/test")
    done = compile_file(t, DATA, OUT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert get(OUT) == get("/run/test/data.cdb")
    assert os.stat(OUT).st_mode & 0o777 == 0o644


def test_all_bad_lines_are_told(t):
    """The old output file stays."""
    put(b"+a.example:192.0.2.1\n?\n+" + b"x" * 64 + b".example:1.2.3.4\n")
    put(b"old", OUT)
    done = compile_file(t, DATA, OUT)
    assert done.returncode == 100, done
    first, second, last = done.stderr.splitlines()
    assert first.startswith(f"{DATA}:2: ") and second.startswith(f"{DATA}:3: "), done
    assert last.startswith("phonebook: fatal: ") and "2 lines" in last, done
    assert get(OUT) == b"old"
    assert sorted(n for n in os.listdir("/run/test") if n.startswith("out")) == ["out.cdb"]


def test_files_that_cannot_be_had_are_told(t):
    assert compile_file(t, "/run/test/none", OUT).returncode == 111
    put(b"")
    assert compile_file(t, DATA, "/run/none/out.cdb").returncode == 111
    assert compile_file(t, "/run/test", OUT).returncode == 111
    for arguments in ((DATA,), (DATA, OUT, "more"), ("-n", DATA, OUT), ("-x", DATA, OUT)):
        assert compile_file(t, *arguments).returncode == 100, arguments
    assert not os.path.exists(OUT)


def test_data_and_standard_input_are_compiled(t):
    """Without arguments, `data` and data.cdb are used, as by tinydns-data."""
    put(b"+a.example:192.0.2.1\n")
    os.chdir("/run/test")
    assert compile_file(t).returncode == 0
    expected = get("data.cdb")
    done = t.run(["sh", "-c", f"{t.program('phonebook')} compile - {OUT} < {DATA}"])
    assert done.returncode == 0 and get(OUT) == expected, done
    done = t.run(["sh", "-c", f"echo '?' | {t.program('phonebook')} compile - {OUT}"], check=False)
    assert done.returncode == 100 and done.stderr.startswith("standard input:1: "), done
    assert get(OUT) == expected


def test_a_check_warns_and_makes_nothing(t):
    put(b"+a.example:192.0.2.1\n+b.example:192.0.2.299\n")
    done = compile_file(t, "-n", DATA)
    assert (done.returncode, done.stderr) == (
        0, f'{DATA}:2: warning: "192.0.2.299" is read as the address 192.0.2.43\n'), done
    put(b"3c.example:20010db8000000000000000000000001\n")
    done = compile_file(t, "-n", DATA)
    assert done.returncode == 100 and ":c.example:28:\\040\\001\\015\\270" in done.stderr, done
    assert [n for n in os.listdir("/run/test") if n.endswith(".cdb")] == []


def test_a_reader_of_the_replaced_file_keeps_it_whole(t):
    """A reader that has the old file open sees it unchanged."""
    put(b"".join(b"+n%d.example:192.0.2.1\n" % n for n in range(10000)))
    compile_file(t, DATA, OUT)
    with open(OUT, "rb") as reader:
        before = reader.read(100)
        put(b"+one.example:192.0.2.1\n")
        assert compile_file(t, DATA, OUT).returncode == 0
        reader.seek(0)
        assert reader.read(100) == before
    assert len(get(OUT)) < 3000


def test_made_up_lines_compile_as_with_tinydns_data(t):
    """A short run of the bench with this name: both compilers get generated and mutated lines."""
    os.makedirs("/run/test/differential")
    done = t.run([t.program("tests/bench/compile-fuzz"), "/run/test/differential", "30000"])
    lines, refused, *_ = map(float, done.stdout.split())
    assert lines >= 30000 and 0.02 < refused / lines < 0.5, done
