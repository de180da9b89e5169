"""A stand-in for phonebookd that answers as the test says: for replies that a real one gives only when it is stopped,
restarted or broken at one moment."""
import os
import select
import socket
import threading

from .wait import LEAST, wait_until

ACCEPT = "ok {name}.internal {name}.host.example"


def accept_all(line):
    """Accepts every request; with "live" where the request has wait=."""
    reply = ACCEPT.format(name=line.split()[0])
    return reply.replace("ok", "live", 1) if "wait=" in line else reply


def without_id(line):
    """The line, and its number or None."""
    words = line.split(" ")
    numbers = [word for word in words if word.startswith("id=")]
    return " ".join(word for word in words if word not in numbers), (numbers or [None])[0]


def with_id(reply, number):
    """The number stands behind "ok", "live" or "error CODE"; a line of another program has none."""
    words = reply.split(" ")
    place = {"ok": 1, "live": 1, "error": 2}.get(words[0])
    return " ".join([*words[:place], number, *words[place:]]) if number and place else reply


def wait_hangup(end):
    """Waits for the hang-up. End of file is a half-close; only the hang-up says that no copy is left (poll(2))."""
    poll = select.poll()
    poll.register(end, 0)
    poll.poll()


class Connection:
    def __init__(self, end):
        self.end = end
        self.lines = []
        self.gone = False

    def close(self):
        self.end.shutdown(socket.SHUT_RDWR)


class Fake:
    """Listens in `runtime`. `answer(line)` gives the reply, None for silence, "" to close; both are
    without the id, which is read and answered here. `text` is what `list` says."""

    def __init__(self, runtime="/run/phonebook", answer=accept_all, text=""):
        self.runtime, self.answer, self.text = runtime, answer, text
        self.connections = []
        self.listeners = []
        os.makedirs(runtime, exist_ok=True)
        self.listen("publish", self.serve)
        self.listen("list", self.tell)

    def listen(self, name, serve):
        path = f"{self.runtime}/{name}"
        if os.path.exists(path):
            os.unlink(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(64)
        self.listeners.append(listener)
        threading.Thread(target=self.accept, args=(listener, serve), daemon=True).start()

    def accept(self, listener, serve):
        while True:
            try:
                end, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(end,), daemon=True).start()

    def serve(self, end):
        connection = Connection(end)
        self.connections.append(connection)
        buffer = b""
        try:
            while more := end.recv(65536):
                *lines, buffer = (buffer + more).split(b"\n")
                for line in lines:
                    line, number = without_id(line.decode())
                    connection.lines.append(line)
                    reply = self.answer(line)
                    if reply:
                        end.sendall(with_id(reply, number).encode() + b"\n")
                    elif reply == "":
                        connection.close()
            wait_hangup(end)
        except OSError:
            pass
        connection.gone = True
        end.close()

    def tell(self, end):
        end.sendall(self.text.encode("utf-8", "surrogateescape"))
        end.close()

    def stop(self):
        """Does what a phonebookd without a keeper does: removes the sockets and ends all connections."""
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in self.connections:
            if not connection.gone:
                connection.close()

    def connection(self, number=0, limit=LEAST):
        wait_until(lambda: len(self.connections) > number, limit, f"connection {number}")
        return self.connections[number]

    def heard(self, lines, number=0, limit=LEAST):
        """Waits until exactly these requests have come on a connection. The seconds of a wait= may have fallen to the
        half."""
        connection = self.connection(number, limit)
        wait_until(lambda: len(connection.lines) >= len(lines), limit, f"requests {lines}")
        fits = len(connection.lines) == len(lines) and all(map(is_request, connection.lines, lines))
        assert fits, f"{connection.lines}, expected {lines}"
        return connection

    def heard_many(self, count, number=0):
        """Waits until so many requests have come on a connection."""
        connection = self.connection(number)
        wait_until(lambda: len(connection.lines) >= count, what=f"{count} requests")
        return connection

    def wait_gone(self, number=0, limit=LEAST):
        connection = self.connection(number, limit)
        wait_until(lambda: connection.gone, limit, f"the end of connection {number}")


def is_request(line, expected):
    words, _, wait = line.partition(" wait=")
    expected_words, _, most = expected.partition(" wait=")
    if not wait or not most:
        return line == expected
    return words == expected_words and int(most) / 2 <= int(wait) <= int(most)
