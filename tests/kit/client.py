"""Clients that speak the protocol themselves, from any namespace and as any user."""
import array
import os
import socket

from .configuration import RUNTIME
from .wait import LEAST, Failed, generous


class Client:
    """A connection to `publish`. The socket is made in `namespace`; with `uid`, by a process of that
    user that is gone by the time we speak. The connection ends with close(), or with the test."""

    def __init__(self, namespace, uid=None, path=f"{RUNTIME}/publish"):
        if uid is None:
            self.socket = namespace.socket()
            self.socket.connect(path)
        else:
            self.socket = connect_as(namespace, uid, path)
        self.socket.settimeout(generous(LEAST))
        self.buffer = b""

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def reply(self, limit=LEAST):
        """The next reply line without its LF; "" at end of file."""
        self.socket.settimeout(generous(limit))
        while b"\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                raise Failed(f"no reply within {generous(limit):g} s, but {self.buffer!r}") from None
            except ConnectionResetError:
                more = b""
            if not more:
                return ""
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode()

    def ask(self, line):
        """Sends one request line, returns its reply."""
        self.send(line + "\n")
        return self.reply()

    def register(self, name, interface, *keys):
        """Sends a request that must be accepted."""
        reply = self.ask(" ".join((name, interface, *keys)))
        assert reply.startswith(("ok ", "live ")), f"{name} {interface}: {reply!r}"
        return self

    def close(self):
        self.socket.close()


def connect_as(namespace, uid, path):
    ours, theirs = socket.socketpair()
    with namespace.entered():
        child = os.fork()
        if child == 0:
            try:
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                connection.connect(path)
                send_fds(theirs, connection)
            finally:
                os._exit(0)
    os.waitpid(child, 0)
    theirs.close()
    with ours:
        return receive_fds(ours)[0]


def connected(namespace):
    """A client, or None where nobody listens."""
    try:
        return Client(namespace)
    except OSError:
        return None


def send_fds(carrier, *sockets):
    fds = array.array("i", [s.fileno() for s in sockets])
    carrier.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])


def receive_fds(carrier):
    _, control, _, _ = carrier.recvmsg(16, socket.CMSG_SPACE(64 * 4))
    assert control, "no descriptor came"
    fds = array.array("i")
    fds.frombytes(control[0][2])
    for fd in fds:
        os.set_inheritable(fd, False)  # else a phonebookd that is started later has it
    return [socket.socket(fileno=fd) for fd in fds]
