"""The phonebook command with a stand-in for phonebookd that answers as the test says."""
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import sys
import termios
import time

from kit import INTERNAL, RUNTIME, generous, remains, wait_until
from kit.fake import Fake, accept_all
from kit.proc import children, open_files, status

REGISTRATION = ("name={} interface=eth0 namespace=4026531840 uid=1000 pid=77 since={} state={} "
                "addresses={} withheld={}\n")


def publish(t, *arguments, **options):
    return t.publish(t.host, *arguments, **options)


def python(code):
    return [sys.executable, "-c", code]


def fatal(process, code, *texts):
    """Asserts that the process exited with `code` and one line that says why."""
    assert process.wait() == code, f"exit {process.wait()}: {process.output()}"
    lines = process.output().splitlines()
    assert len(lines) == 1 and lines[0].startswith("phonebook: fatal: "), lines
    for text in texts:
        assert text in lines[0], f"no {text!r} in {lines[0]!r}"


GUARD = "publish-guard"


def names_of(pids):
    """{pid: name} of those processes that are alive."""
    names = {}
    for pid in pids:
        try:
            names[pid] = status(pid)["Name"]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return names


def program_of(process):
    """Waits for PROG and its guard; returns the pid of PROG."""
    def look():
        names = names_of(children(process.pid))
        return (len(names) == 2 and GUARD in names.values()
                and not {"phonebook"} & set(names.values()) and names)
    names = wait_until(look, what="PROG and its guard")
    return next(pid for pid, name in names.items() if name != GUARD)


def guard_of(process):
    return wait_until(lambda: next((pid for pid, name in names_of(children(process.pid)).items()
                                    if name == GUARD), None), what="a guard")


def has_ended(pid):
    return not os.path.exists(f"/proc/{pid}") or state_of(pid) == "Z"


def full_pipe():
    """A full pipe: both ends, of which the writing one blocks, and the number of octets in it."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    filled = 0
    while filled < fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ):
        filled += os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    return reader, writer, filled


def sockets_of(pid):
    return [file for file in open_files(pid).values() if file.startswith("socket:")]


# ---- becoming the program ------------------------------------------------------------------------

def test_the_program_inherits_connection_and_signals(t):
    """PROG is the same process, and has the blocking socket as $PHONEBOOK_FD, and unchanged signals."""
    fake = Fake()
    process = publish(t, "www", "eth0", *python(
        "import os, time; fd = int(os.environ['PHONEBOOK_FD']);"
        "print(os.getpid(), fd, os.get_blocking(fd), os.readlink(f'/proc/self/fd/{fd}'), flush=True);"
        "time.sleep(1000)"))
    fake.heard(["www eth0"])
    wait_until(lambda: process.output().endswith("\n"), what="the program's line")
    pid, fd, blocking, link = process.output().split()
    assert int(pid) == process.pid and int(fd) > 2 and blocking == "True"
    assert link.startswith("socket:"), link
    connection = fake.connection()
    remains(lambda: not connection.gone, 0.2, "the connection")
    process.kill()
    fake.wait_gone()


def test_the_program_gets_clean_signals(t):
    fake = Fake()
    plain = t.spawn(["sleep", "1000"])
    named = publish(t, "www", "eth0", "sleep", "1000")
    fake.heard(["www eth0"])
    wait_until(lambda: status(named.pid)["Name"] == "sleep", what="the program")
    for field in "SigBlk", "SigIgn", "SigCgt":
        assert status(named.pid)[field] == status(plain.pid)[field], field


def test_closed_standard_descriptors_do_not_become_the_connection(t):
    """If 0 to 2 are closed at the start, the connection must get another number."""
    fake = Fake()
    process = t.spawn(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", t.program("phonebook"), "publish",
                       "www", "eth0", "sleep", "1000"])
    fake.heard(["www eth0"])
    wait_until(lambda: status(process.pid)["Name"] == "sleep", what="the program")
    # A dynamic loader still opens libraries, as the lowest number that is free.
    wait_until(lambda: min(open_files(process.pid), default=0) > 2, what="0 to 2 stay free")


def test_several_names_share_one_connection(t):
    fake = Fake()
    process = publish(t, "-a", "mail", "-t", "30", "-a", "ftp.example.", "www", "eth0", "sleep", "9")
    fake.heard(["www eth0 ttl=30", "mail eth0 ttl=30", "ftp.example. eth0 ttl=30"])
    process.kill()
    fake.wait_gone()
    assert len(fake.connections) == 1


def test_options_behind_the_program_are_its_own(t):
    fake = Fake()
    process = publish(t, "www", "eth0", "echo", "-a", "-f", "x")
    assert process.wait() == 0 and process.output() == "-a -f x\n", process.output()
    fake.heard(["www eth0"])


def test_a_program_that_is_missing_or_cannot_run_is_told(t):
    fake = Fake()
    fatal(publish(t, "www", "eth0", "/no/such"), 127, "unable to run /no/such: No such file")
    fatal(publish(t, "www", "eth0", "/etc/passwd"), 126, "unable to run /etc/passwd: Permission")
    fatal(publish(t, "-f", "www", "eth0", "/no/such"), 127, "unable to run /no/such: No such file")
    fatal(publish(t, "-f", "www", "eth0", "/etc/passwd"), 126, "/etc/passwd: Permission denied")
    for number in range(4):
        fake.wait_gone(number)


# ---- waiting -------------------------------------------------------------------------------------

def test_a_wait_for_one_name_is_passed_on(t):
    fake = Fake()
    assert publish(t, "-w", "7", "www", "eth0", "true").wait() == 0
    fake.heard(["www eth0 wait=7"])


def test_a_wait_for_several_names_begins_when_all_stand(t):
    """The first wait begins when all names are registered; each name is waited for."""
    fake = Fake()
    assert publish(t, "-w", "7", "-a", "b", "-a", "c", "a", "eth0", "true").wait() == 0
    fake.heard(["a eth0", "b eth0", "c eth0 wait=7", "a eth0 wait=7", "b eth0 wait=7"])


def test_a_wait_has_one_deadline_for_all_names(t):
    """The time that the first names took is missing for the last."""
    def slow(line):
        if "wait=" in line and line.startswith("b "):
            time.sleep(1.2)
        return accept_all(line)
    fake = Fake(answer=slow)
    assert publish(t, "-w", "30", "-a", "b", "a", "eth0", "true").wait() == 0
    connection = fake.heard_many(3)
    waits = [int(line.rpartition("=")[2]) for line in connection.lines[1:]]
    assert [line.partition(" wait=")[0] for line in connection.lines] == ["a eth0", "b eth0", "a eth0"]
    assert 0 < waits[1] < waits[0] <= 30, waits


def test_a_wait_that_is_over_is_told(t):
    fake = Fake(answer=lambda line: "error timeout www.internal has no address yet")
    fatal(publish(t, "-w", "1", "www", "eth0", "true"), 1, "www: given up (timeout): ", "no address")
    fake.wait_gone()


def test_a_wait_that_is_over_before_the_last_name_says_nothing_of_it(t):
    """The last name was not asked about, so the messages must not seem to be about it."""
    def slow(line):
        if line.startswith("b eth0 wait="):
            time.sleep(4.2)
        return accept_all(line)
    fake = Fake(answer=slow)
    process = publish(t, "-w", "4", "-a", "b", "a", "eth0", "true")
    fatal(process, 1, "a: given up (timeout): not live within 4 seconds")
    assert "b.internal" not in process.output(), process.output()
    fake.heard(["a eth0", "b eth0 wait=4"])


def test_a_wait_goes_on_with_the_next_daemon(t):
    """phonebookd restarts during a wait that is longer than -r allows; all names are registered again."""
    answers = iter(["ok a.internal", None])
    first = Fake(answer=lambda line: next(answers))
    process = publish(t, "-r", "5", "-w", "60", "-a", "b", "a", "eth0", "echo", "live")
    first.heard(["a eth0", "b eth0 wait=60"])
    time.sleep(5.2)  # so that -r, counted from the start, would be over
    first.stop()
    second = Fake()
    assert process.wait(10) == 0 and process.output() == "live\n", process.output()
    lines = second.connection().lines
    assert lines[0] == "a eth0" and lines[1].startswith("b eth0 wait=5"), lines


# ---- a daemon that does not answer ---------------------------------------------------------------

def stopped_daemon(runtime, full):
    """The sockets of a stopped phonebookd; `full`: their queues have no room either."""
    sockets = []
    os.makedirs(runtime)
    for name in "publish", "list":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{runtime}/{name}")
        listener.listen(0 if full else 64)
        sockets.append(listener)
        while full:
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            sockets.append(client)
            if client.connect_ex(f"{runtime}/{name}") != 0:
                break
    return sockets


def test_time_limits_hold(t):
    """One deadline for connecting, sending and waiting: -w SECONDS; 30 s without it; 10 s for a list."""
    program = t.program("phonebook")
    sockets, runs = [], []
    for runtime, full, text in [("/run/stopped", False, "has not answered"), ("/run/full", True, "accepts no")]:
        sockets += stopped_daemon(runtime, full)
        environment = dict(os.environ, PHONEBOOK_RUNTIME=runtime)
        for limit, arguments in [(3, ["publish", "-w", "3", "-a", "mail", "www", "eth0", "true"]),
                                 (3, ["publish", "-w", "3", "www", "eth0", "true"]),
                                 (10, ["list"]), (30, ["publish", "www", "eth0", "true"])]:
            runs.append((limit, text, t.spawn([program, *arguments], env=environment)))
    started = time.monotonic()
    for limit, text, process in sorted(runs, key=lambda run: run[0]):
        assert process.popen.wait(limit + 60) == 111, process.output()
        took = time.monotonic() - started
        assert limit - 0.5 <= took < limit + generous(0), (process.argv, took)
        fatal(process, 111, text)


def test_a_list_takes_as_long_as_its_reader(t):
    """The ten seconds apply to phonebookd: a pager may stop longer between two pages."""
    Fake(text=registrations() * 2000)
    reader, writer = os.pipe()
    process = t.spawn([t.program("phonebook"), "list", "-j"], stdout=writer)
    os.close(writer)
    time.sleep(11)  # so that the time limit would be over
    with open(reader, "rb") as output:
        assert output.read().count(b"\n") == 6000
    assert process.wait() == 0, process.output()


def test_what_is_waited_for_is_told_on_a_terminal(t):
    """One line after a second, and another when the reason changes."""
    ours, terminal = pty.openpty()
    os.set_blocking(ours, False)
    text = ""

    def told(part):
        nonlocal text
        try:
            text += os.read(ours, 65536).decode()
        except BlockingIOError:
            pass
        return part in text
    process = publish(t, "-r", "100", "-w", "100", "-a", "b", "a", "eth0", stderr=terminal)
    wait_until(lambda: told(f"phonebook: info: waiting for somebody to listen on {RUNTIME}/publish\r\n"))
    silent = Fake(answer=lambda line: None if "wait=" in line or line.startswith("a") else accept_all(line))
    wait_until(lambda: told("waiting for phonebookd's answer\r\n"))
    silent.answer = lambda line: None if "wait=" in line else accept_all(line)
    silent.connection().close()
    wait_until(lambda: told("waiting until it is live: b\r\n"))
    assert text.count("\n") == 3, text  # "nobody listens" was true in between, but for less than a second
    process.kill()


# ---- no daemon, refusals -------------------------------------------------------------------------

def test_a_refusal_names_the_name(t):
    fake = Fake(answer=lambda line: "error in-use mail.internal is held by uid 7 (postfix)"
                if line.startswith("mail") else accept_all(line))
    process = publish(t, "-a", "mail", "-a", "ftp", "www", "eth0", "sleep", "9")
    fatal(process, 1, "fatal: mail: refused (in-use): mail.internal is held by uid 7 (postfix)")
    fake.heard(["www eth0", "mail eth0"])
    fake.wait_gone()


def test_a_refusal_reaches_a_terminal_without_control_characters(t):
    """The refusal may contain a text that another user has chosen."""
    first = Fake(answer=lambda line: "error in-use \u009b31m \u00e9")
    fatal(publish(t, "www", "eth0", "true"), 1, "refused (in-use): ??31m ??")
    first.answer = accept_all
    process = publish(t, "www", "eth0")
    process.wait_output("www.internal")
    first.answer = lambda line: "error in-use \u009b31m \u00e9"
    first.connection(1).close()
    process.wait_output("www: refused (in-use): ??31m ??; trying again")


def test_a_code_of_a_later_daemon_is_a_refusal(t):
    Fake(answer=lambda line: "error quota come back tomorrow")
    fatal(publish(t, "www", "eth0", "true"), 1, "www: refused (other): come back tomorrow")


def test_no_daemon_is_told(t):
    fatal(publish(t, "-r", "0", "www", "eth0", "true"), 111,
          "unable to connect to /run/phonebook/publish: No such file", "is phonebookd running?")
    started = time.monotonic()
    fatal(publish(t, "-r", "1", "www", "eth0", "true"), 111, "is phonebookd running?")
    assert time.monotonic() - started >= 1
    listing = t.spawn([t.program("phonebook"), "list"])
    fatal(listing, 111, "unable to connect to /run/phonebook/list: No such file")


def test_a_daemon_that_comes_later_is_found(t):
    """The race at boot: first no directory, then no socket, then no listener, then a daemon."""
    process = publish(t, "www", "eth0", "echo", "registered")
    remains(process.alive, 0.2, "the client")
    os.makedirs(RUNTIME, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{RUNTIME}/publish")
    remains(process.alive, 0.2, "the client")
    fake = Fake()
    assert process.wait() == 0 and process.output() == "registered\n"
    fake.heard(["www eth0"])


def test_a_request_is_made_again_where_the_connection_closed_unanswered(t):
    """After a restart between request and answer, the request is repeated, with pauses and a time limit."""
    answers = iter(["", ""])
    fake = Fake(answer=lambda line: next(answers, "ok www.internal"))
    assert publish(t, "www", "eth0", "true").wait() == 0
    fake.heard(["www eth0"], number=2)
    fake.answer = lambda line: ""
    fatal(publish(t, "-r", "1", "www", "eth0", "true"), 111, "closed before there was an answer")
    assert len(fake.connections) < 40, "that many attempts in a second are no short pauses"


def test_somebody_else_who_listens_is_told_apart(t):
    Fake(answer=lambda line: "220 box ESMTP")
    fatal(publish(t, "www", "eth0", "true"), 111, "not phonebook's")


def test_mistakes_in_arguments_are_told_without_a_daemon(t):
    """Exit status 100, without connecting."""
    long = "a" * 256
    for arguments, text in [
            ([], "needs a name and an interface"), (["www"], "needs a name and an interface"),
            (["-x", "www", "eth0"], "unknown option -x"), (["-w"], "-w needs a value"),
            (["-w", "0", "www", "eth0"], "-w takes whole seconds from 1 to 3600"),
            (["-w", "1s", "www", "eth0"], '"1s"'), (["-r", "-1", "www", "eth0"], "-r takes"),
            (["-t", "2147483648", "www", "eth0"], "-t takes"), (["www", "a/b"], "a/b: an interface"),
            (["www", ".."], "..: an interface"), (["www", ""], "an interface name has"),
            (["", "eth0"], "a name has"), (["w w", "eth0"], "w w: a name has"),
            (["-a", "x\ny", "www", "eth0"], "x?y: a name has"), ([long, "eth0"], "1 to 255")]:
        fatal(publish(t, *arguments), 100, text)
    fatal(t.spawn([t.program("phonebook")]), 100, "no command")
    fatal(t.spawn([t.program("phonebook"), "pubish"]), 100, 'unknown command "pubish"')
    fatal(t.spawn([t.program("phonebook"), "list", "--jsn"]), 100, "unknown option --jsn")


def test_a_runtime_directory_that_is_too_long_is_told(t):
    environment = dict(os.environ, PHONEBOOK_RUNTIME="/run/" + "x" * 120)
    fatal(publish(t, "www", "eth0", "true", env=environment), 111, "too long")


def test_the_runtime_directory_comes_from_the_environment(t):
    fake = Fake(runtime="/run/elsewhere")
    environment = dict(os.environ, PHONEBOOK_RUNTIME="/run/elsewhere")
    assert publish(t, "www", "eth0", "true", env=environment).wait() == 0
    fake.heard(["www eth0"])


def test_help_is_printed(t):
    program = t.program("phonebook")
    for arguments in ["help"], ["-h"], ["--help"]:
        text = t.run([program, *arguments]).stdout
        assert all(f"\n  {name} " in text for name in ("publish", "list", "help")), text
    for arguments in ["help", "publish"], ["publish", "-h"], ["publish", "-f", "--wait", "5", "--help"]:
        assert "-w, --wait SECONDS" in t.run([program, *arguments]).stdout
    for command in [], ["publish"], ["list"], ["compile"], ["help"]:
        for option in "-V", "--version":
            assert t.run([program, *command, option]).stdout.startswith("phonebook "), command


def test_the_daemons_options_have_two_forms(t):
    """Short and long. None of them starts anything, and a complaint shows the option as it was typed."""
    for name, value in ("phonebookd", "-v"), ("phonebook-keeper", "--ready-fd=7"):
        program = t.program(name)
        for option in "-h", "--help":
            text = t.run([program, value, option]).stdout
            assert text.startswith(f"usage: {name} ") and "\n  -d, --ready-fd FD " in text, text
        for option in "-V", "--version":
            assert t.run([program, option]).stdout.startswith(f"{name} "), option
        for wrong, told in (("--jsn", "unknown option --jsn"), ("-x", "unknown option -x"),
                            ("-d", "-d needs a value"), ("-dx", "-d takes the number of a descriptor"),
                            ("--help=1", "--help takes no value")):
            done = t.run([program, wrong], check=False)
            assert done.returncode == 100 and told in done.stderr, (name, wrong, done)
            assert len(done.stderr.splitlines()) == 1 and not done.stdout, done
    for wrong, told in (["internal.zone"], "takes only options"), (["-u", "root"], "-u works only with -t"):
        done = t.run([t.program("phonebookd"), *wrong], check=False)
        assert done.returncode == 100 and told in done.stderr, done


def test_long_options_say_what_the_short_ones_say(t):
    """Options after NAME INTERFACE belong to PROG."""
    fake = Fake()
    process = publish(t, "--also", "mail", "--ttl=60", "--linger=5", "--retry", "3", "--shut", "--wait",
                      "9", "--wait-for=all", "www", "eth0", "sh", "-c", "echo $0 $@", "--wait", "--jsn")
    assert process.wait() == 0 and process.output() == "--wait --jsn\n", process.output()
    registered, *waited = [re.sub("wait=[1-9]", "wait=N", line) for line in fake.connection().lines]
    assert registered == "www eth0 ttl=60 linger=5", registered
    assert waited[-1].endswith(" eth0 ttl=60 wait=N linger=5 wait-for=all"), waited
    fatal(publish(t, "--wait", "0", "www", "eth0"), 100, "--wait takes whole seconds from 1 to 3600")
    fatal(publish(t, "--jsn", "www", "eth0"), 100, "unknown option --jsn (phonebook publish --help)")


# ---- holding -------------------------------------------------------------------------------------

def test_names_are_printed_and_held_without_a_program(t):
    """Prints the names when they are registered, holds them until a signal, and exits with 0."""
    fake = Fake()
    for count, number in enumerate([signal.SIGTERM, signal.SIGINT, signal.SIGHUP]):
        process = publish(t, "-a", "mail", "www", "eth0")
        process.wait_output("www.internal\nwww.host.example\nmail.internal\nmail.host.example\n")
        connection = fake.connection(count)
        remains(lambda c=connection: not c.gone, 0.1, "the connection")
        process.kill(number)
        assert process.wait() == 0, process.output()
        fake.wait_gone(count)


def test_names_that_nobody_reads_wait_for_room(t):
    """Output waits for room in the pipe, signals do not; the pipe stays blocking for others who share it."""
    fake = Fake()
    for ends in False, True:
        reader, writer, filled = full_pipe()
        process = publish(t, "www", "eth0", stdout=writer)
        fake.heard(["www eth0"], number=int(ends))
        remains(process.alive, 0.2, "the client")
        assert os.get_blocking(writer)
        if ends:
            process.kill(signal.SIGTERM)
            assert process.wait() == 0
        os.close(writer)
        with open(reader, "rb") as output:
            expected = b"" if ends else b"www.internal\nwww.host.example\n"
            assert len(output.read(filled)) == filled
            assert output.read(len(expected)) == expected
        if not ends:
            process.kill(signal.SIGTERM)
            assert process.wait() == 0


def test_an_ignored_signal_that_is_inherited_stays_ignored(t):
    """So nohup(1) works."""
    Fake()
    process = t.spawn(["nohup", t.program("phonebook"), "publish", "www", "eth0"])
    process.wait_output("www.internal")
    process.kill(signal.SIGHUP)
    remains(process.alive, 0.3, "the client")
    process.kill(signal.SIGTERM)
    assert process.wait() == 0


def test_a_lost_connection_is_registered_again(t):
    """It is retried for ever; one line when the connection is lost, and one when it is back."""
    first = Fake()
    process = publish(t, "-w", "5", "-a", "mail", "www", "eth0")
    process.wait_output("mail.internal")
    first.stop()
    process.wait_output("the connection to phonebookd is lost")
    remains(process.alive, 0.5, "the client")
    second = Fake()
    process.wait_output("registered again: www.internal www.host.example mail.internal")
    second.heard(["www eth0", "mail eth0"])
    second.stop()
    wait_until(lambda: process.output().count("is lost") == 2, what="the second line")
    process.kill(signal.SIGTERM)
    assert process.wait() == 0
    warnings = [line for line in process.output().splitlines() if line.startswith("phonebook: ")]
    assert len(warnings) == 3, warnings


def test_a_refusal_does_not_end_registering_again(t):
    first = Fake()
    process = publish(t, "-f", "www", "eth0", "sleep", "1000")
    first.heard(["www eth0"])
    program_of(process)
    refusals = iter(["error in-use held by uid 7"] * 3)
    first.answer = lambda line: next(refusals, None) or accept_all(line)
    first.connection().close()
    process.wait_output("registered again")
    assert process.output().count("refused (in-use)") == 1, process.output()
    assert process.alive()


def test_a_parent_keeps_the_socket_to_itself(t):
    fake = Fake()
    process = publish(t, "-f", "www", "eth0", *python(
        "import os, sys; os.closerange(3, 100); print('PHONEBOOK_FD' in os.environ, flush=True);"
        "sys.stdin.read() or os.read(os.pipe()[0], 1)"))
    process.wait_output("False")
    child = program_of(process)
    assert sockets_of(process.pid) and not sockets_of(child)
    os.kill(child, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    fake.wait_gone()


def test_a_parent_ends_as_its_program(t):
    Fake()
    for code, expected in ("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM), \
            ("kill -SEGV $$", -signal.SIGSEGV), ("kill -KILL $$", -signal.SIGKILL):
        process = publish(t, "-f", "www", "eth0", "sh", "-c", code)
        assert process.wait() == expected, (code, process.wait(), process.output())


def test_a_parent_passes_signals_on(t):
    Fake()
    numbers = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
               signal.SIGALRM, signal.SIGTERM]
    process = publish(t, "-f", "www", "eth0", *python(
        "import signal, time\n"
        f"for number in {[int(n) for n in numbers]}:\n"
        "    signal.signal(number, lambda n, frame: print('got', n, flush=True))\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(1000)"))
    process.wait_output("ready")
    for number in numbers:
        process.kill(number)
        process.wait_output(f"got {int(number)}\n")
    assert process.alive()


def state_of(pid):
    return status(pid)["State"][0]


def test_a_parent_stops_and_continues_with_its_program(t):
    """In the foreground of a shell's terminal, ^Z stops both, and `fg` continues both."""
    fake = Fake()
    ours, terminal = pty.openpty()
    shell = t.spawn(["setsid", "--ctty", "sh", "-mc", '"$@"; echo "stopped: $?"; fg; echo "ended: $?"',
                     "sh", t.program("phonebook"), "publish", "-f", "www", "eth0", "sleep", "1000"],
                    stdin=terminal)
    fake.heard(["www eth0"])
    parent, = wait_until(lambda: children(shell.pid), what="the job")
    wait_until(lambda: len(children(parent)) == 2, what="the child and its guard")
    child = next(pid for pid, name in names_of(children(parent)).items() if name != GUARD)
    wait_until(lambda: status(child)["Name"] == "sleep", what="the program")
    os.write(ours, b"\x1a")
    shell.wait_output(f"stopped: {128 + signal.SIGSTOP}\n")
    wait_until(lambda: state_of(child) == "S" and state_of(parent) == "S", what="both go on")
    os.kill(child, signal.SIGSTOP)  # as a debugger does, which does not know about us
    remains(lambda: state_of(parent) in "SRD", 0.2, "the parent runs")
    os.kill(parent, signal.SIGCONT)
    wait_until(lambda: state_of(child) == "S", what="the program goes on")
    os.kill(parent, signal.SIGTERM)
    shell.wait_output(f"ended: {128 + signal.SIGTERM}\n")


def test_a_parent_without_a_terminal_does_not_stop(t):
    """Because there, a process that stops PROG may continue only PROG, or nothing at all."""
    fake = Fake()
    process = publish(t, "-f", "www", "eth0", *python(  # in a group that has a parent to continue it
        "import os, time; os.setpgrp(); print('ready', flush=True); time.sleep(1000)"),
                      start_new_session=True)
    process.wait_output("ready")
    child = program_of(process)
    process.kill(signal.SIGTSTP)
    wait_until(lambda: state_of(child) == "T", what="the program is stopped")
    remains(lambda: state_of(process.pid) in "SRD", 0.2, "the parent runs")
    process.kill(signal.SIGCONT)
    wait_until(lambda: state_of(child) == "S", what="the program goes on")
    os.kill(child, signal.SIGTSTP)
    wait_until(lambda: state_of(child) == "T", what="the program is stopped again")
    os.kill(child, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    fake.wait_gone()


def test_a_program_does_not_outlive_its_parent(t):
    """Even if it became another user, which clears PR_SET_PDEATHSIG, and even if the guard was killed
    before."""
    fake = Fake()
    other = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
    for number, (prefix, guarded_twice) in enumerate([([], False), (other, False), (other, True)]):
        process = publish(t, "-f", "www", "eth0", *prefix, "sleep", "1000")
        child = program_of(process)
        wait_until(lambda pid=child: status(pid)["Name"] == "sleep", what="the program")
        first = guard_of(process)
        assert not [link for link in sockets_of(first) if link], "the names would live on with it"
        if guarded_twice:
            os.kill(first, signal.SIGKILL)
            wait_until(lambda p=process, pid=first: guard_of(p) != pid, what="another guard")
        process.kill(signal.SIGKILL)
        wait_until(lambda pid=child: has_ended(pid), what="the program is gone")
        fake.wait_gone(number)


def test_a_program_that_may_not_be_signalled_is_told(t):
    """An unprivileged user starts a program that becomes root: we cannot kill it, and say so."""
    fake = Fake()
    os.chmod(f"{RUNTIME}/publish", 0o777)
    become = "/run/test/become"
    shutil.copy(shutil.which("setpriv"), become)
    os.chmod(become, 0o4755)
    shutil.copy(t.program("phonebook"), "/run/test/phonebook")
    process = t.spawn(["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups",
                       "/run/test/phonebook", "publish", "-f", "www", "eth0", become, "--reuid", "0",
                       "sleep", "1000"])
    fake.heard(["www eth0"])
    child = program_of(process)
    wait_until(lambda: status(child)["Name"] == "sleep", what="the program")
    process.kill(signal.SIGTERM)
    process.wait_output(f"unable to pass signal {int(signal.SIGTERM)} on to the program: Operation not")
    process.kill(signal.SIGKILL)
    process.wait_output("the program runs on without its name: unable to end it: Operation not permitted")
    fake.wait_gone()
    assert not has_ended(child)
    os.kill(child, signal.SIGKILL)


def test_the_guard_ends_with_the_parent(t):
    """The guard gets no signals meant for the others, and ends when they do."""
    Fake()
    process = publish(t, "-f", "www", "eth0", "sleep", "1000", start_new_session=True)
    program_of(process)
    guard = guard_of(process)
    os.kill(guard, signal.SIGTERM)
    os.kill(guard, signal.SIGINT)
    remains(lambda: not has_ended(guard), 0.2, "the guard")
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM
    wait_until(lambda: has_ended(guard), what="the guard has ended")


def test_the_program_is_the_one_that_the_supervisor_named(t):
    """PROG gets the supervisor's sockets and watchdog, even with -f, where it is another process."""
    Fake()
    for stay in [], ["-f"]:
        for ours in True, False:
            process = t.spawn(["bash", "-c", "exec 3</etc/hostname; export LISTEN_FDS=1 LISTEN_PIDFDID=7 WATCHDOG_USEC=1; "
                               f"export LISTEN_PID={'$$' if ours else 1}; export WATCHDOG_PID=$LISTEN_PID;"
                               'exec "$@"', "x", t.program("phonebook"), "publish", *stay, "www", "eth0",
                               "bash", "-c", "echo $$ $LISTEN_PID $WATCHDOG_PID $(readlink /proc/$$/fd/3) $LISTEN_PIDFDID"])
            assert process.wait() == 0, process.output()
            pid, listen, watchdog, file, *inode = process.output().split()
            assert {listen, watchdog} == {pid if ours else "1"}, process.output()
            assert file == "/etc/hostname" and inode == ([] if stay and ours else ["7"]), process.output()


def test_a_parent_whose_log_is_full_goes_on(t):
    """While the logger stalls, PROG gets its signals; later a line gives the number of lost lines."""
    fake = Fake()
    reader, writer, filled = full_pipe()
    process = publish(t, "-f", "www", "eth0", *python(
        "import os, signal, time\n"
        "def on(number, frame): os.write(1, b'got %d\\n' % number)\n"
        "signal.signal(signal.SIGUSR1, on)\n"
        "while True: time.sleep(1000)"), stderr=writer)
    child = program_of(process)
    wait_until(lambda: int(status(child)["SigCgt"], 16) & 1 << signal.SIGUSR1 - 1, what="the handler")
    for number in range(3):  # two lines each, "is lost" and "registered again"
        fake.heard(["www eth0"], number=number)
        fake.connection(number).close()
    fake.heard(["www eth0"], number=3)
    process.kill(signal.SIGUSR1)
    process.wait_output(f"got {int(signal.SIGUSR1)}")
    assert os.get_blocking(writer)
    os.set_blocking(reader, False)
    text = b""

    def look():
        nonlocal text
        try:
            text += os.read(reader, 65536)
        except BlockingIOError:
            pass
        return text[filled:].endswith(b"\n")
    wait_until(look, what="a line")
    first, *others = text[filled:].decode().splitlines()
    assert re.search("warning: [56] lines are missing here", first), first
    assert len(others) <= 1 and all("registered again" in line for line in others), others
    process.kill(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM
    os.close(reader)
    os.close(writer)


def test_a_parent_whose_log_is_gone_goes_on(t):
    """In `-f 2>&1 | logger`, logger exits: a warning then ends nothing, and PROG's SIGPIPE is as
    inherited."""
    fake = Fake()
    reader, writer = os.pipe()
    plain = t.spawn(["sleep", "1000"])
    process = publish(t, "-f", "www", "eth0", "sleep", "1000", stderr=writer)
    os.close(writer)
    os.close(reader)
    child = program_of(process)
    wait_until(lambda: status(child)["Name"] == "sleep", what="the program")
    fake.connection().close()
    fake.heard(["www eth0"], number=1)
    assert process.alive() and status(child)["SigIgn"] == status(plain.pid)["SigIgn"]
    process.kill(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


def test_a_parent_whose_log_is_full_goes_on(t):
    """The log is a file that has reached RLIMIT_FSIZE."""
    fake = Fake()
    with open("/run/test/log", "wb") as log:
        process = t.spawn(["prlimit", "--fsize=0", t.program("phonebook"), "publish", "-f", "www", "eth0",
                           "sleep", "1000"], stderr=log)
    program_of(process)
    fake.connection().close()
    fake.heard(["www eth0"], number=1)
    assert process.alive() and not os.path.getsize("/run/test/log")
    process.kill(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


def test_a_parent_with_ignored_children_gets_the_status(t):
    """If SIGCHLD stayed ignored, as inherited, the status would be lost."""
    Fake()
    process = t.spawn(python(
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN);"
        "os.execv(sys.argv[1], sys.argv[1:])") +
        [t.program("phonebook"), "publish", "-f", "www", "eth0", "sh", "-c", "exit 7"])
    assert process.wait() == 7, process.output()


# ---- list ----------------------------------------------------------------------------------------

def listing(t, *arguments, check=True):
    return t.run([t.program("phonebook"), "list", *arguments], check)


def registrations():
    now = int(time.time())
    return (REGISTRATION.format("www.internal", now - 3, "live", "10.0.0.5,fd00::5", "fe80::1(scope)") +
            REGISTRATION.format("a-longer-name.host.example", now - 3700, "waiting", "", "").replace(
                "uid=", "reason=down uid=") +
            REGISTRATION.format("x.internal", now + 50, "pending", "10.0.0.6", "").replace(
                "uid=", "rule=/etc/a.zone:7 later=1 uid="))


def test_a_list_is_a_table(t):
    Fake(text=registrations())
    lines = listing(t).stdout.splitlines()
    assert lines[0].split() == ["NAME", "INTERFACE", "NAMESPACE", "UID", "PID", "AGE", "STATE",
                                "REASON", "RULE", "ADDRESSES", "WITHHELD"]
    rows = [line.split() for line in lines[1:]]
    assert rows[0][0] == "www.internal" and 3 <= int(rows[0][5].removesuffix("s")) < generous(0)
    assert rows[0][6:] == ["live", "-", "-", "10.0.0.5,fd00::5", "fe80::1(scope)"]
    assert rows[1][5] == "1h1m" and rows[1][6:] == ["waiting", "down", "-", "-", "-"]
    assert rows[2][0] == "x.internal" and rows[2][5] == "0s"
    columns = {line.index(word) for line, word in zip(lines, ["STATE", "live", "waiting", "pending"])}
    assert len(columns) == 1, "\n".join(lines)
    assert all(line == line.rstrip() for line in lines)


def test_a_list_can_be_json(t):
    Fake(text=registrations() + 'name=q"\\.internal interface=\udce9th0 namespace=x\n')
    entries = [json.loads(line) for line in listing(t, "-j").stdout.splitlines()]
    assert entries[0]["namespace"] == 4026531840 and entries[0]["uid"] == 1000
    assert entries[0]["addresses"] == ["10.0.0.5", "fd00::5"]
    assert entries[0]["withheld"] == [{"address": "fe80::1", "reason": "scope"}]
    assert entries[1]["addresses"] == [] and entries[1]["withheld"] == []
    assert list(entries[2]) == ["name", "interface", "namespace", "uid", "pid", "since", "number",
                                "socket", "state", "addresses", "withheld", "rule", "reason"]
    assert entries[1]["reason"] == "down" and entries[0]["reason"] is None
    assert entries[2]["rule"] == "/etc/a.zone:7" and entries[0]["rule"] is None
    assert entries[3]["name"] == 'q"\\.internal' and entries[3]["interface"] == "\ufffdth0"
    assert entries[3]["namespace"] is None and entries[3]["pid"] is None
    assert entries[3]["number"] is None and entries[3]["socket"] is None


def test_a_list_of_any_octets_is_json_without_control_characters(t):
    """Valid UTF-8 stays, but control characters do not, because terminals obey them."""
    Fake(text="name=a interface=\u009b\u0080\u009f\u00a0\u00e9\u65e5\U0001f600\x7f\n"
              "name=b interface=\udc9b\udcc2x\udce9\udced\udca0\udc80\n")
    text = listing(t, "-j").stdout
    interfaces = [json.loads(line)["interface"] for line in text.splitlines()]
    assert interfaces == ["\u009b\u0080\u009f\u00a0\u00e9\u65e5\U0001f600\x7f",
                          "\ufffd\ufffdx\ufffd\ufffd\ufffd\ufffd"], interfaces
    assert "\\u009b\\u0080\\u009f\u00a0\u00e9\u65e5\U0001f600\\u007f" in text, text


def test_an_empty_list_is_its_heading_alone(t):
    Fake()
    assert listing(t).stdout.startswith("NAME ") and listing(t, "-j").stdout == ""


def read_terminal(terminal):
    """Reads everything written to the other end, until all have closed it (EIO)."""
    text = b""
    try:
        while more := os.read(terminal, 4096):
            text += more
    except OSError:
        pass
    os.close(terminal)
    return text.decode().replace("\r\n", "\n")


def list_on_terminal(t, width, *arguments):
    """(exit status, lines) of `phonebook list` on a terminal of this width."""
    ours, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = t.spawn([t.program("phonebook"), "list", *arguments], stdout=terminal, stderr=terminal)
    os.close(terminal)
    text = read_terminal(ours)
    return process.wait(), text.splitlines()


def test_a_list_on_a_terminal_fits_its_lines(t):
    """The important columns come first, and lines fit, whatever names other users have chosen."""
    app = t.namespace("app")
    long = ".".join(["x" * 60] * 4)
    Fake(text=registrations().replace("4026531840", str(app.inode()), 1) + REGISTRATION.format(
        f"{long}.internal", 0, "live", ",".join(f"2001:db8::{n}" for n in range(100)), ""))
    status, lines = list_on_terminal(t, 80)
    assert status == 0 and len(lines) == 5 and max(map(len, lines)) <= 80, lines
    assert lines[0].split() == ["NAME", "INTERFACE", "NAMESPACE", "STATE", "ADDRESSES"], lines
    assert lines[1].split() == ["www.internal", "eth0", "app", "live", "10.0.0.5", "+1"], lines
    assert "  waiting (down)  -" in lines[2] and "4026531840" in lines[2]
    name, *_, more = lines[4].split()
    assert re.fullmatch(r"x+\.\.\.", name) and re.fullmatch(r"\+9\d", more), lines[4]
    status, wider = list_on_terminal(t, 200)
    assert wider[0].split()[3:5] == ["PID", "AGE"] and 190 < len(wider[4]) <= 200, wider
    status, narrow = list_on_terminal(t, 60)
    assert narrow[0].split() == ["NAME", "STATE", "ADDRESSES"], narrow
    assert max(map(len, narrow)) <= 60, narrow

    def is_as_piped(option):
        piped = listing(t).stdout.replace(str(app.inode()), "app").splitlines()
        return [line.split() for line in list_on_terminal(t, 80, option)[1]] == [line.split() for line in piped]
    for option in "-l", "--long":  # ages differ if a second ends in between
        wait_until(lambda option=option: is_as_piped(option), what=f"{option} shows what a pipe is given")


def test_a_list_of_some_names_has_those_alone(t):
    Fake(text=registrations())
    def names(*patterns):
        done = listing(t, "-j", *patterns, check=False)
        found = [json.loads(line)["name"] for line in done.stdout.splitlines()]
        assert done.returncode == (0 if found else 1) and done.stderr == "", done
        return found
    assert names("www") == names("WWW.internal") == names("w*") == names("www.internal.") == ["www.internal"]
    assert names("*.internal") == names("x", "www") == ["www.internal", "x.internal"]
    assert names("mail") == names("ww") == names("internal") == names("www.") == names("") == []
    assert listing(t, "a-longer-name.host").stdout.splitlines()[1].startswith("a-longer-name.host.example ")
    assert listing(t, "mail", check=False).stdout.startswith("NAME ")
    assert list_on_terminal(t, 80, "mail") == (1, ["phonebook: info: no such names"])
    assert list_on_terminal(t, 80, "mail", "--json") == (1, ["phonebook: info: no such names"])


def test_an_empty_list_is_told_on_a_terminal(t):
    Fake()
    assert list_on_terminal(t, 80) == (0, ["phonebook: info: no names"])


def test_a_list_that_is_cut_off_is_told(t):
    Fake(text=registrations()[:-3])
    done = listing(t, "-j", check=False)
    assert done.returncode == 111 and "cut off" in done.stderr, done
    assert len(done.stdout.splitlines()) == 2
    Fake(text="error limit too many readers\n")
    done = listing(t, check=False)
    assert done.returncode == 111 and done.stdout.count("\n") <= 1, done


# ---- what a person may have meant

def on_terminal(t, *arguments):
    """The standard error of `phonebook publish ARGUMENTS true` on a terminal."""
    ours, terminal = pty.openpty()
    process = t.publish(t.host, *arguments, "true", stderr=terminal)
    assert process.wait() == 0
    os.close(terminal)
    return read_terminal(ours)


def test_hints_are_given_on_a_terminal(t):
    t.daemon(zones=(INTERNAL,))
    t.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"])
    said = on_terminal(t, "-a", "mail", "WWW.example.com", "eth0")
    assert said.count("warning") == 1, said
    assert "WWW.example.com has become www.example.com.internal, since it ends in no zone" in said, said
    said = on_terminal(t, "www", "eth0@eth1")
    assert "there is no interface eth0@eth1: ip(8) shows the interface eth0 like this" in said, said
    for arguments in (("www.internal", "eth0"), ("www", "eth0"), ("a.b.internal.", "eth7")):
        assert on_terminal(t, *arguments) == "", arguments
    process = publish(t, "www.example.com", "eth0@eth1", "true")  # nobody reads its log
    assert process.wait() == 0 and process.output() == ""


def test_who_may_not_connect_is_told_the_group(t):
    group = next(l.split(":") for l in open("/etc/group") if l.startswith("daemon:"))
    daemon = t.configured(zones=(INTERNAL,), settings={"publish-mode": "0660", "list-mode": "0600"})
    daemon.start()
    os.chown("/run/phonebook/publish", -1, int(group[2]))
    for command, text in ((["publish", "www", "eth0"], " (one has to be in the group daemon)"),
                          (["list"], "Permission denied\n")):
        done = t.run(["setpriv", "--reuid=7009", "--regid=7009", "--clear-groups",
                      t.program("phonebook"), *command], check=False)
        assert done.returncode == 111 and done.stderr.endswith(text.rstrip("\n") + "\n"), done


def test_wait_for_needs_a_wait(t):
    fatal(publish(t, "-W", "all", "www", "eth0"), 100, "-W has no effect without -w")
    fatal(publish(t, "-w", "5", "-W", "two words", "www", "eth0"), 100, "two words: wait-for takes")
