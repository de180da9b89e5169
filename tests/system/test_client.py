"""`phonebook publish` and `phonebook list` with a real phonebookd: options, exit codes, messages."""
import json
import os
import signal

from kit import RUNTIME, read_list, remains, wait_equal, wait_until, write_file
from kit.proc import open_files

ADDRESS = "192.168.7.1"


def start(t):
    return t.daemon(), t.app(f"{ADDRESS}/24")


def fails(t, app, status, *arguments, text=""):
    """Runs `phonebook ARGUMENTS`, which must end with this status and one line on stderr."""
    done = t.run([*app.prefix, t.program("phonebook"), *arguments], check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    assert done.stdout == "", done.stdout
    assert done.stderr.startswith("phonebook: fatal: "), done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
    assert text in done.stderr, (text, done.stderr)


def test_publish_becomes_the_program(t):
    """The program has the same pid, the socket, its number in the environment, and no other descriptors."""
    daemon, app = start(t)
    www = t.publish(app, "www", "eth0", "sh", "-c", 'echo "pid $$ fd $PHONEBOOK_FD"; exec sleep infinity')
    daemon.wait("www.internal", ADDRESS)
    www.wait_output(f"pid {www.pid} fd ")
    wait_until(lambda: open(f"/proc/{www.pid}/comm").read() == "sleep\n", what="exec")
    number = int(www.output().split()[3])
    wait_equal(lambda: set(open_files(www.pid)), {0, 1, 2, number})
    assert open_files(www.pid)[number].startswith("socket:[")
    www.kill(signal.SIGTERM)
    assert www.wait() == -signal.SIGTERM
    daemon.wait("www.internal")


def test_the_program_can_speak_on_its_descriptor(t):
    daemon, app = start(t)
    www = t.publish(app, "www", "eth0", "bash", "-c",
                    'echo "more eth0" >&$PHONEBOOK_FD; read reply <&$PHONEBOOK_FD; '
                    'echo "got $reply"; exec sleep infinity')
    www.wait_output("got ok more.")
    daemon.wait("more.internal", ADDRESS)
    www.kill()
    daemon.wait("more.internal")


def test_the_exit_status_is_that_of_the_program(t):
    _, app = start(t)
    for status in (0, 1, 7, 255):
        assert t.publish(app, "www", "eth0", "sh", "-c", f"exit {status}").wait() == status


def test_the_program_starts_when_the_name_is_answered(t):
    """With -w."""
    daemon = t.daemon()
    t.host.dummy("eth0", f"{ADDRESS}/24")
    t.tinydns(daemon, "internal")
    for n in range(3):
        done = t.run([t.program("phonebook"), "publish", "-w", "10", f"n{n}", "eth0",
                      "dig", "@127.0.0.1", "+short", f"n{n}.internal"])
        assert done.stdout.split() == [ADDRESS], done.stdout


def test_the_program_does_not_start_before_the_name_is_live(t):
    daemon, app = start(t)
    www = t.publish(app, "-w", "20", "www", "eth1", "sh", "-c", "echo started; exec sleep infinity")
    wait_until(lambda: read_list(), what="registered")
    remains(lambda: www.output() == "", 1.0, "it waits")
    app.dummy("eth1", "192.168.7.2/24")
    www.wait_output("started")
    assert daemon.addresses("www.internal") == {"192.168.7.2"}
    www.kill()


def test_a_wait_in_vain_starts_no_program(t):
    daemon, app = start(t)
    fails(t, app, 1, "publish", "-w", "1", "www", "eth1", "true", text="timeout")
    wait_until(lambda: not read_list(), what="nothing is left of it")
    daemon.agree()


def test_several_names_are_held_at_once(t):
    daemon, app = start(t)
    www = t.publish(app, "-a", "mail", "-a", "shop.internal", "www", "eth0", "sleep", "infinity")
    for name in ("www.internal", "mail.internal", "shop.internal"):
        daemon.wait(name, ADDRESS)
    www.kill()
    for name in ("www.internal", "mail.internal", "shop.internal"):
        daemon.wait(name)


def test_one_bad_name_of_several_refuses_all(t):
    daemon, app = start(t)
    fails(t, app, 1, "publish", "-a", "bad..name", "www", "eth0", "true", text="bad..name")
    daemon.agree()


def test_publish_without_a_program_holds_the_name_until_a_signal(t):
    daemon, app = start(t)
    for number in (signal.SIGTERM, signal.SIGINT):
        www = t.publish(app, "www", "eth0")
        daemon.wait("www.internal", ADDRESS)
        www.kill(number)
        assert www.wait() in (0, -number)
        daemon.wait("www.internal")


def test_a_parent_passes_signals_on_and_ends_as_its_program(t):
    """With -f, for programs that close inherited descriptors: signals and the exit status are passed on."""
    daemon, app = start(t)
    script = ("for fd in /proc/$$/fd/*; do n=${fd##*/}; [ $n -gt 2 ] && eval \"exec $n>&-\"; done; "
              "trap 'echo caught; exit 9' USR1; echo ready; while :; do sleep 0.05; done")
    www = t.publish(app, "-f", "www", "eth0", "bash", "-c", script)
    www.wait_output("ready")
    daemon.wait("www.internal", ADDRESS)
    www.kill(signal.SIGUSR1)
    assert www.wait() == 9
    assert "caught" in www.output()
    daemon.wait("www.internal")


def test_a_parent_dies_as_its_program_does(t):
    _, app = start(t)
    www = t.publish(app, "-f", "www", "eth0", "sh", "-c", "kill -KILL $$")
    assert www.wait() == -signal.SIGKILL
    www = t.publish(app, "-f", "www", "eth0", "sh", "-c", "exit 5")
    assert www.wait() == 5


def test_a_killed_parent_ends_the_name(t):
    daemon, app = start(t)
    www = t.publish(app, "-f", "www", "eth0", "sleep", "infinity")
    daemon.wait("www.internal", ADDRESS)
    www.kill()
    daemon.wait("www.internal")


def test_wrong_usage_is_100(t):
    _, app = start(t)
    for arguments in ((), ("nonsense",), ("publish",), ("publish", "www"), ("publish", "-w"),
                      ("publish", "-w", "x", "www", "eth0"), ("publish", "-w", "-1", "www", "eth0"),
                      ("publish", "-Q", "www", "eth0", "true"), ("list", "--extra"),
                      ("publish", "www", "a/b", "true"), ("publish", "w\nw", "eth0", "true")):
        done = t.run([*app.prefix, t.program("phonebook"), *arguments], check=False)
        assert done.returncode == 100, (arguments, done)
        assert done.stdout == "" and done.stderr, (arguments, done)


def test_a_refusal_is_1(t):
    _, app = start(t)
    holder = t.register(app, "taken", "eth0", uid=7001)
    fails(t, app, 1, "publish", "taken", "eth0", "true", text="7001")
    fails(t, app, 1, "publish", "a..b", "eth0", "true", text="dots")
    fails(t, app, 1, "publish", "www.elsewhere.test.", "eth0", "true", text="zone")
    holder.close()


def test_a_program_that_cannot_run_is_126_or_127(t):
    _, app = start(t)
    write_file("/run/test/plain", "no program\n")
    for options in ((), ("-f",)):
        fails(t, app, 127, "publish", *options, "www", "eth0", "no-such-program",
              text="no-such-program")
        fails(t, app, 126, "publish", *options, "www", "eth0", "/run/test/plain",
              text="/run/test/plain")


def test_no_daemon_is_111(t):
    app = t.namespace("app")
    fails(t, app, 111, "publish", "-r", "0", "www", "eth0", "true", text=f"{RUNTIME}/publish")
    fails(t, app, 111, "list", text=f"{RUNTIME}/list")


def test_another_runtime_directory_is_used(t):
    daemon = t.daemon(runtime="/run/other")
    app = t.app(f"{ADDRESS}/24")
    www = t.publish(app, "www", "eth0", "sleep", "infinity",
                    env=dict(os.environ, PHONEBOOK_RUNTIME="/run/other"))
    daemon.wait("www.internal", ADDRESS)
    assert not os.path.exists(f"{RUNTIME}/publish")
    www.kill()


def test_help_and_version_are_printed(t):
    for argument in ("help", "-V", "-h", "--help", "--version"):
        done = t.run([t.program("phonebook"), argument], check=False)
        assert done.returncode == 0 and done.stdout and not done.stderr, (argument, done)
    assert "publish" in t.run([t.program("phonebook"), "help"]).stdout


def test_held_names_are_listed(t):
    daemon, app = start(t)
    app.ip("addr add 169.254.1.1/16 dev eth0")
    www = t.publish(app, "www", "eth0", "sleep", "infinity")
    daemon.wait("www.internal", ADDRESS)

    def table():
        return t.run([t.program("phonebook"), "list"]).stdout

    wait_until(lambda: "live" in table(), what="the server counts as told")
    row = next(line for line in table().splitlines() if line.startswith("www.internal"))
    for part in ("eth0", str(www.pid), ADDRESS, "live"):
        assert part in row, (part, row)
    assert "169.254.1.1" in table()
    www.kill()
    daemon.wait("www.internal")
    assert "www" not in t.run([t.program("phonebook"), "list"]).stdout


def test_interfaces_of_another_user_reach_no_terminal_as_they_are(t):
    """The kernel and registrations allow control characters above 127 in an interface's name, as UTF-8 or as
    single octets; `phonebook list` never writes them to a terminal."""
    t.daemon()
    for name, interface, read in (("utf8", "\u009b31m\u00e9".encode(), "??31m\u00e9"),
                                  ("octet", b"\x9b31m\xe9", "?31m?")):
        holder = t.client(t.host, uid=7001)
        holder.send(name.encode() + b" " + interface + b"\n")
        assert holder.reply().startswith("ok ")
        reply = t.client(t.host).ask(f"{name} eth0")
        assert reply.startswith("error in-use ") and "?31m?" in reply and reply.isascii(), reply
        fails(t, t.host, 1, "publish", name, "eth0", "true", text="?31m?")
        table = t.run([t.program("phonebook"), "list"]).stdout
        assert "?31m?" in table and table.isascii(), table
        text = t.run([t.program("phonebook"), "list", "-j"]).stdout
        assert not any("\x7f" <= c < "\xa0" for c in text), text
        assert {json.loads(line)["interface"] for line in text.splitlines()} == {read}
        holder.close()
        wait_until(lambda: not read_list(), what="an empty list")
