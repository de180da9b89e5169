"""The listening sockets over restarts: the keeper holds those that phonebookd made."""
import os
import signal

from kit import INTERNAL, RUNTIME, Client, connected, live_names, wait_until, write_file
from kit.handing import listening

PUBLISH = f"{RUNTIME}/publish"


def inodes():
    return [os.stat(f"{RUNTIME}/{name}").st_ino for name in ("publish", "list", "control")]


def test_a_bind_mounted_socket_outlives_restarts(t):
    """As a container with `-v /run/phonebook/publish:...` does: the mount refers to an inode."""
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    os.mkdir("/run/test/container")
    write_file("/run/test/container/publish", "")
    t.run(["mount", "--bind", PUBLISH, "/run/test/container/publish"])
    before, n = inodes(), 0
    for end in daemon.kill, daemon.stop, daemon.stop:
        end()
        assert inodes() == before, "the paths stay while nobody runs"
        daemon.start()
        assert inodes() == before
        done = t.run([*app.prefix, "env", "PHONEBOOK_RUNTIME=/run/test/container",
                      t.program("phonebook"), "publish", "-r", "1", "-w", "5", f"n{n}", "eth0", "true"])
        assert done.returncode == 0, done
        n += 1
    t.run(["umount", "/run/test/container/publish"])


def test_clients_wait_while_nobody_runs(t):
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    daemon.stop()
    clients = [Client(app) for _ in range(5)]
    for n, client in enumerate(clients):
        client.send(f"n{n} eth0\n")
    daemon.start()
    for n, client in enumerate(clients):
        assert client.reply() == f"ok n{n}.internal"


def test_the_mode_of_a_socket_is_set_again(t):
    daemon, _ = t.kept()
    before = inodes()
    daemon.stop()
    daemon.settings["publish-mode"] = "0600"
    daemon.write()
    daemon.leave_unchecked("internal")
    os.chmod(f"{RUNTIME}/list", 0)
    daemon.start()
    assert inodes() == before
    assert os.stat(PUBLISH).st_mode & 0o777 == 0o600
    assert os.stat(f"{RUNTIME}/list").st_mode & 0o777 == 0o666


def test_a_path_that_was_replaced_gets_a_new_socket(t):
    """If the path is missing or has another process's dead socket, new sockets are made and kept."""
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    daemon.kill()
    os.unlink(PUBLISH)
    daemon.start()
    www = t.register(app, "www", "eth0", "wait=60")
    before = inodes()
    daemon.kill()
    daemon.start()
    assert inodes() == before and live_names() == ["www.internal"]
    www.close()


def test_the_supervisors_sockets_go_before_the_keepers(t):
    """The socket of LISTEN_FDS is used, and the keeper drops the one that it has."""
    daemon, _ = t.kept(rebuilt=True)
    app = t.app()
    daemon.stop()
    os.unlink(PUBLISH)
    daemon.process = t.spawn(listening(PUBLISH, [*daemon.privileges, *daemon.command("-v")]), name="phonebookd")
    client = wait_until(lambda: connected(app), what="it serves")
    client.register("www", "eth0", "wait=60")
    before = inodes()
    daemon.process.kill(signal.SIGTERM)
    daemon.process.wait()
    assert os.stat(PUBLISH).st_ino == before[0], "it is not ours to remove"
    daemon.start()  # without LISTEN_FDS: the keeper has no socket for the path
    assert inodes()[1] == before[1], "the list's is as it was"
    mail = t.register(app, "mail", "eth0", "wait=60")
    assert live_names() == ["mail.internal", "www.internal"]
    mail.close()


def test_a_keeper_that_answers_nobody_costs_the_sockets_only(t):
    """The keeper does not return the sockets: phonebookd starts anyway, with new ones."""
    daemon, keeper = t.kept(rebuilt=True)
    app = t.app()
    www = t.register(app, "www", "eth0", "wait=60")
    before = inodes()
    keeper.kill(signal.SIGSTOP)
    daemon.kill()
    daemon.start()
    assert "it does not answer" in daemon.log(), daemon.log()
    assert inodes() != before
    mail = t.register(app, "mail", "eth0", "wait=60")
    keeper.kill(signal.SIGCONT)
    wait_until(lambda: live_names() == ["mail.internal", "www.internal"], what="it gives back what it had")
    before = inodes()
    daemon.kill()
    daemon.start()
    assert inodes() == before, "and holds the new ones"
    assert live_names() == ["mail.internal", "www.internal"]
    www.close()
    mail.close()


def test_sockets_are_removed_without_a_keeper(t):
    """The paths are removed at the end, unless they lead to another file by then."""
    daemon = t.daemon(zones=(INTERNAL,))
    os.unlink(PUBLISH)
    write_file(PUBLISH, "")
    daemon.stop()
    assert os.path.isfile(PUBLISH) and not os.path.exists(f"{RUNTIME}/list")
