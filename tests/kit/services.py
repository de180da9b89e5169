"""Both services under a tiny supervisor: it starts again what ends, and can be a descriptor store. Its threads,
like the processes that they start, end with the test."""
import os
import select
import signal
import socket
import threading

from .handing import handed
from .keeper import keeper_command
from .lists import is_served
from .wait import wait_until

NOTIFY = "/run/test/notify-keeper"


class Store:
    """systemd's descriptor store: FDSTORE=1, FDSTOREREMOVE=1, and hang-ups."""

    def __init__(self, limit=2):
        self.limit, self.held = limit, []  # (name, descriptor)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(NOTIFY)
        os.chmod(NOTIFY, 0o666)
        self.ready = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            text, fds, _, _ = socket.recv_fds(self.socket, 4096, 8)
            lines = dict(line.split("=", 1) for line in text.decode().splitlines() if "=" in line)
            self.hear(lines, fds)

    def hear(self, lines, fds):
        name = lines.get("FDNAME")
        if "FDSTOREREMOVE" in lines:
            for entry in [entry for entry in self.held if entry[0] == name]:
                self.held.remove(entry)
                os.close(entry[1])
        for fd in fds:
            if "FDSTORE" in lines and len(self.held) < self.limit:
                self.held.append((name, fd))
            else:
                os.close(fd)
        if "READY" in lines:
            self.ready.set()

    def drop_hung_up(self):
        """Removes connections that have hung up, as systemd does at EPOLLHUP."""
        for name, fd in list(self.held):
            poll = select.poll()
            poll.register(fd, 0)
            if poll.poll(0):
                self.held.remove((name, fd))
                os.close(fd)

    def empty(self):
        while self.held:
            os.close(self.held.pop()[1])


class Service:
    """One of both services: it is started again when it ends, as long as it is wanted."""

    def __init__(self, t, name, start):
        self.t, self.name, self.start_process = t, name, start
        self.process, self.wanted, self.starts = None, False, 0
        self.lock = threading.Lock()
        threading.Thread(target=self.watch, daemon=True).start()

    def start(self):
        with self.lock:
            self.wanted = True
            if not self.process or not self.process.alive():
                self.process = self.start_process()
                self.starts += 1

    def watch(self):
        while True:
            process = self.process
            if process and not process.alive() and self.wanted:
                self.start()
            threading.Event().wait(0.005)

    def terminate(self):
        """Sends SIGTERM. The service is started again as soon as it has ended."""
        self.process.kill(signal.SIGTERM)

    def stop(self):
        if self.wanted:
            self.ask_to_stop()
        self.process.wait()

    def ask_to_stop(self):
        with self.lock:
            self.wanted = False
        self.process.kill(signal.SIGTERM)


class Services:
    """phonebookd and the keeper of a test."""

    def __init__(self, t, daemon, store=None):
        self.t, self.store = t, store
        self.daemon = daemon
        daemon.keeps = True
        daemon.leave_unchecked()  # each start builds
        self.keeper = Service(t, "keeper", self.start_keeper)
        self.phonebookd = Service(t, "phonebookd", self.start_daemon)

    def start_keeper(self):
        command = keeper_command(self.t)
        if not self.store:
            return self.t.spawn(command, name="phonebook-keeper")
        self.store.drop_hung_up()
        self.store.ready.clear()
        held = list(self.store.held)
        return self.t.spawn(handed(held, command), name="phonebook-keeper",
                            env=dict(os.environ, NOTIFY_SOCKET=NOTIFY), pass_fds=[fd for _, fd in held])

    def start_daemon(self):
        self.daemon.process = self.t.spawn([*self.daemon.privileges, *self.daemon.command("-v")],
                                           name="phonebookd")
        return self.daemon.process

    def start(self):
        self.keeper.start()
        wait_until(lambda: "listening" in self.keeper.process.output(), what="the keeper listens")
        if self.store:
            wait_until(self.store.ready.is_set, what="the keeper is ready")
        self.phonebookd.start()
        self.wait_published()
        return self

    def wait_published(self):
        wait_until(is_served, what="phonebookd answers")

    def wait_restarted(self, keepers, daemons):
        """Waits until each service was started this often, phonebookd answers, and the keeper has everything."""
        wait_until(lambda: self.keeper.starts == keepers and self.phonebookd.starts == daemons,
                   what=f"{keepers} keepers and {daemons} phonebookds")
        self.wait_published()
        wait_until(lambda: "took over" in self.last_of_keeper(), what="it has found the keeper")

    def last_of_keeper(self):
        """The last line that phonebookd has logged about the keeper."""
        said = [line for line in self.daemon.process.output().splitlines() if "keeper at" in line]
        return said[-1] if said else ""

    def stop(self):
        self.phonebookd.stop()
        self.keeper.stop()
