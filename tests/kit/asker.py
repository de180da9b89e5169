"""Run as a program: a member of the group that may publish, who makes requests without pause until it is killed.
Prints "ready". The eight octets of the file COUNT are the number of replies that it has read.

    asker.py UID CONNECTIONS OUTSTANDING SOCKET COUNT

Each connection always has OUTSTANDING requests without a reply, each of which changes something. So at most
CONNECTIONS times OUTSTANDING replies are on their way to it."""
import mmap
import os
import select
import socket
import struct
import sys


class Asker:
    def __init__(self, uid, connections, outstanding, path):
        self.uid, self.asked = uid, 0
        self.connections = {}
        for number in range(connections):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(path)
            self.connections[connection.fileno()] = (connection, number)
        self.poll = select.epoll()
        for fd in self.connections:
            self.poll.register(fd, select.EPOLLIN)
        for fd in self.connections:
            self.ask(fd, outstanding)

    def ask(self, fd, count):
        connection, number = self.connections[fd]
        lines = []
        for _ in range(count):
            self.asked += 1
            lines.append(f"a{self.uid}-{number} eth0 ttl={self.asked % 3600}\n")
        connection.sendall("".join(lines).encode())

    def run(self, counter):
        answered = 0
        while True:
            for fd, _ in self.poll.poll():
                replies = self.connections[fd][0].recv(65536).count(b"\n")
                answered += replies
                struct.pack_into("=Q", counter, 0, answered)
                self.ask(fd, replies)


def main():
    uid, connections, outstanding = map(int, sys.argv[1:4])
    with open(sys.argv[5], "r+b") as file:
        counter = mmap.mmap(file.fileno(), 8)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    asker = Asker(uid, connections, outstanding, sys.argv[4])
    print("ready", flush=True)
    asker.run(counter)


if __name__ == "__main__":
    main()
