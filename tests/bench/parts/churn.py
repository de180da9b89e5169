"""Clients that come and go while phonebookd is killed again and again: a process of its own.

    churn.py SOCKET PREFIX

Opens a connection every few milliseconds, registers a name on it, and closes it when LIVE later ones are open. A
connection that fails before its reply is made again, as the `phonebook` command does; one that ends later is
counted. At a line on standard input it stops, prints the counts and the names that it still holds, and holds those
until its input ends."""
import select
import socket
import sys
import time

LIVE = 50  # connections held
PACE = 0.004  # seconds between two
PATIENCE = 10.0  # seconds for a reply


class Churn:
    def __init__(self, path, prefix):
        self.path, self.prefix = path, prefix
        self.live = []  # (name, connection)
        self.connections = self.again = self.ended = self.refused = 0
        self.longest = 0.0

    def attempt(self, name):
        """A connection with the name registered, or None."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(self.path)
            connection.sendall(f"{name} lo\n".encode())
            reply = connection.recv(4096)
        except OSError:
            reply = b""
        if reply.startswith(b"ok "):
            return connection
        self.refused += reply.startswith(b"error")
        connection.close()
        return None

    def come(self):
        name = f"{self.prefix}{self.connections:06}"
        began = time.monotonic()
        while not (connection := self.attempt(name)):
            self.again += 1
            time.sleep(0.001)
        self.longest = max(self.longest, time.monotonic() - began)
        self.connections += 1
        self.live.append((name, connection))

    def go(self):
        name, connection = self.live.pop(0)
        connection.setblocking(False)
        try:
            self.ended += connection.recv(1) == b""
        except BlockingIOError:
            pass  # as it should be: nothing to read, and no end
        except OSError:
            self.ended += 1
        connection.close()

    def run(self):
        while not select.select([sys.stdin], [], [], PACE)[0]:
            self.come()
            if len(self.live) > LIVE:
                self.go()
        sys.stdin.readline()
        print(self.connections, self.again, self.refused, self.ended, f"{self.longest:.6f}")
        print(*[name for name, _ in self.live], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    Churn(*sys.argv[1:]).run()
