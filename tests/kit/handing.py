"""Descriptors handed over at the start, as systemd does with LISTEN_FDS (sd_listen_fds(3))."""
import sys

# argv[1] has the descriptors' numbers and names, "5=park-in 7=park-out"; then argv[2:] runs.
HANDED = """
import os, sys
named = [word.split("=") for word in sys.argv[1].split()]
high = [os.dup2(int(fd), 100 + n) for n, (fd, _) in enumerate(named)]
for n, fd in enumerate(high):
    os.dup2(fd, 3 + n)
os.closerange(3 + len(named), 200)
if named:
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(named)),
                      LISTEN_FDNAMES=":".join(name for _, name in named))
os.execvp(sys.argv[2], sys.argv[2:])
"""
# Listens at argv[1], as `publish`; then argv[2:] runs.
LISTENER = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
listener.listen(100)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="publish")
os.execvp(sys.argv[2], sys.argv[2:])
"""


def handed(named, command):
    """The command with [(name, descriptor)] handed over. Whoever starts it passes the descriptors on."""
    return [sys.executable, "-c", HANDED, " ".join(f"{fd}={name}" for name, fd in named), *command]


def listening(path, command):
    """The command, with a socket that listens at `path` handed over."""
    return [sys.executable, "-c", LISTENER, path, *command]
