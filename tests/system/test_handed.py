"""Files and descriptors that another user or a supervisor controls: locks, and descriptors handed over at the
start."""
import os
import sys

from kit import ETC, INTERNAL, RUNTIME, keeper_command, privileges, wait_until, write_file

STRANGER = 64999
# Locks every file that it can open below a directory, in every possible way, and keeps the locks.
LOCKER = """
import fcntl, os, sys, time
held = []
for root, directories, files in os.walk(sys.argv[1]):
    for path in [root, *(os.path.join(root, name) for name in files)]:
        try:
            held.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            continue
        fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.isfile(path):
            fcntl.lockf(held[-1], fcntl.LOCK_SH | fcntl.LOCK_NB)
        print("held", os.path.relpath(path, sys.argv[1]), flush=True)
print("all", flush=True)
time.sleep(1000)
"""

# Opens the kind of file that argv[1] names as descriptor 3, and runs argv[2:] with it.
HANDED = """
import os, socket, sys
def unix(kind):
    made = socket.socket(socket.AF_UNIX, kind)
    made.bind("\\0handed")
    return made
def listening(made):
    made.listen(4)
    return made
def tcp():
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made
kinds = {
    "connected stream": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)[0],
    "connected packets": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0],
    "bound stream": lambda: unix(socket.SOCK_STREAM),
    "bound packets": lambda: unix(socket.SOCK_SEQPACKET),
    "listening stream": lambda: listening(unix(socket.SOCK_STREAM)),
    "listening packets": lambda: listening(unix(socket.SOCK_SEQPACKET)),
    "datagrams": lambda: unix(socket.SOCK_DGRAM),
    "tcp": lambda: listening(tcp()),
    "pipe": lambda: os.fdopen(os.pipe()[0]),
    "file": lambda: open("/proc/self/status"),
    "device": lambda: open("/dev/null"),
    "nothing": lambda: None,
}
made = kinds[sys.argv[1]]()
if made:
    os.dup2(made.fileno(), 3, inheritable=True)
    os.set_inheritable(3, True)
else:
    os.closerange(3, 64)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="publish")
os.execvp(sys.argv[2], sys.argv[2:])
"""
# Listens on argv[1] as a keeper would, and prints how much it is told.
PLAYED_KEEPER = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
listener.listen(4)
print("listening", flush=True)
while True:
    print("told", len(listener.accept()[0].recv(4096)), flush=True)
"""
STREAM, PACKETS = "SOCK_STREAM socket of AF_UNIX", "SOCK_SEQPACKET socket of AF_UNIX"
NONE_TO_LISTEN_ON = {  # and their names in the log
    "connected stream": f"a non-listening {STREAM}",
    "connected packets": f"a non-listening {PACKETS}",
    "bound stream": f"a non-listening {STREAM}",
    "bound packets": f"a non-listening {PACKETS}",
    "datagrams": "a non-listening SOCK_DGRAM socket of AF_UNIX",
    "tcp": "a listening SOCK_STREAM socket of AF_INET",
    "pipe": "a pipe",
    "file": "a regular file",
    "device": "a device",
}


def lock_all(t):
    locker = t.spawn([*privileges(STRANGER, ""), sys.executable, "-c", LOCKER, RUNTIME], name="locker")
    wait_until(lambda: "all\n" in locker.output(), what="the stranger has his locks")
    return locker


def test_locks_of_a_stranger_do_no_harm(t):
    """A user without groups locks every file that he can open: phonebookd starts, and two of them still
    exclude each other."""
    daemon = t.daemon(zones=(INTERNAL,))
    lock = f"{daemon.directory('internal')}/.phonebook-lock"
    assert os.stat(lock).st_mode & 0o7777 == 0o600
    app = t.app()
    client = t.register(app, "www", "eth0")
    daemon.wait("www.internal", "192.168.1.1")
    locker = lock_all(t)  # while a phonebookd runs
    for held in ".", "internal", "internal/data", "internal/data.cdb":
        assert f"held {held}\n" in locker.output(), locker.output()
    assert "lock\n" not in locker.output() and "crashes" not in locker.output()
    client.close()
    daemon.wait("www.internal")
    daemon.kill()
    daemon.start()
    locker.kill()
    lock_all(t)  # now the new files too
    daemon.stop()
    daemon.start()
    done = daemon.run()
    assert done.returncode == 111 and "another process writes there" in done.stderr, done
    client = t.register(app, "www", "eth0", "wait=5")
    client.close()
    daemon.wait("www.internal")


def test_a_lock_file_of_another_is_not_followed(t):
    """A file with the lock's name that belongs to another user is refused; the line says what to do."""
    daemon = t.configured(zones=(INTERNAL,))
    lock = f"{daemon.directory('internal')}/.phonebook-lock"
    os.symlink("/run/test/target", lock)
    done = daemon.run()
    assert done.returncode == 111, done
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert ".phonebook-lock" in done.stderr and "remove it" in done.stderr, done.stderr
    assert not os.path.exists("/run/test/target")
    os.unlink(lock)
    write_file(lock, "")
    done = daemon.run()
    assert done.returncode == 111 and "remove it" in done.stderr, done
    os.unlink(lock)
    daemon.start()


def test_a_check_takes_no_lock(t):
    """phonebookd -t, while a phonebookd runs; it makes no file."""
    daemon = t.configured(zones=(INTERNAL,))
    before = os.listdir(daemon.directory("internal"))
    assert daemon.run("-t").returncode == 0
    assert os.listdir(daemon.directory("internal")) == before
    daemon.start()
    assert daemon.run("-t").returncode == 0


def test_a_fifo_as_configuration_is_not_waited_for(t):
    """Nobody writes to the FIFO: phonebookd does not wait for it, neither at the start nor later."""
    daemon = t.configured(zones=(INTERNAL,))
    fifo = f"{ETC}/zones/fifo.zone"
    os.mkfifo(fifo)
    done = daemon.run()
    assert done.returncode == 100 and f"{fifo}: is not a regular file" in done.stderr, done
    os.unlink(fifo)
    daemon.start()
    os.mkfifo(fifo)
    daemon.hup()
    wait_until(lambda: f"{fifo}: is not a regular file" in daemon.log(), what="the log says so")
    app = t.app()
    t.register(app, "www", "eth0", "wait=5").close()
    daemon.wait("www.internal")


def handed(t, kind, command):
    done = t.run([sys.executable, "-c", HANDED, kind, *command], check=False)
    said = [line for line in done.stderr.splitlines() if "LISTEN_FDS" in line]
    assert done.returncode == 111 and len(said) == 1, (kind, done)
    return said[0]


def test_phonebookd_ends_with_no_socket_to_listen_on(t):
    """It ends with a line, instead of serving the descriptor or polling it for ever."""
    daemon = t.configured(zones=(INTERNAL,))
    command = [*privileges(), *daemon.command()]
    for kind, name in {**NONE_TO_LISTEN_ON, "listening packets": f"a listening {PACKETS}",
                       "nothing": "not open"}.items():
        said = handed(t, kind, command)
        assert f"descriptor 3 is {name}, and must be a listening {STREAM}" in said, said
    assert not os.path.exists(f"{RUNTIME}/publish")
    assert not os.path.exists(f"{daemon.directory('internal')}/data"), "nothing was changed yet"


def test_the_keeper_ends_with_no_socket_to_listen_on(t):
    t.configured(zones=(INTERNAL,))
    command = keeper_command(t)
    for kind, name in {**NONE_TO_LISTEN_ON, "listening stream": f"a listening {STREAM}",
                       "nothing": "not open"}.items():
        said = handed(t, kind, command)
        assert f"descriptor 3 is {name}, and must be a listening {PACKETS}" in said, said
    assert not os.path.exists(f"{RUNTIME}/keep")


def test_a_keeper_of_another_user_is_told_no_name(t):
    """A process of another user at the keeper's path gets no names; one line says why there is no keeper."""
    daemon = t.configured(zones=(INTERNAL,))
    os.chmod(RUNTIME, 0o777)
    played = t.spawn([*privileges(STRANGER, ""), sys.executable, "-c", PLAYED_KEEPER,
                      f"{RUNTIME}/keep"], name="played-keeper")
    played.wait_output("listening")
    daemon.start()
    assert daemon.log().count("every user can write to it") == 1, daemon.log()
    assert daemon.log().count("keeper at") == 1, daemon.log()
    assert "it runs as another user" in daemon.log(), daemon.log()
    app = t.app()
    client = t.register(app, "www", "eth0", "wait=5")
    client.close()
    daemon.wait("www.internal")
    played.wait_output("told 0\n")
    assert played.output().count("told") == played.output().count("told 0"), played.output()
    os.chmod(RUNTIME, 0o755)
