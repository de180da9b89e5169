"""A user and the uids of its range in /etc/subuid count as one user, and no user can take everything."""
import subprocess

from kit import USER, Client, need_user_namespaces, read_list, wait_until, write_file, write_program

MEMBER, FIRST, USERS, OTHER = 5001, 1000000, 79, 5002
DESCRIPTORS = 384
PLACES = DESCRIPTORS // 2  # places for connections; the other descriptors are kept free
SHARE = PLACES // 2
PREFIX = ("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}")


def bind_subuid(text):
    """Mounts /etc/subuid in the test's mount namespace; returns the path of its file."""
    path = "/run/test/subuid"
    write_file(path, text)
    subprocess.run(["mount", "--bind", path, "/etc/subuid"], check=True)
    return path


def ask(namespace, uid, line):
    """(client, reply): a connection of that user, and the reply to the line or to the connection."""
    client = Client(namespace, uid=uid)
    try:
        client.send(line + "\n")
    except BrokenPipeError:  # a refused client is hung up on
        pass
    return client, client.reply()


def take_all(t, uids, each):
    """Registers as many names as accepted for each uid, each on its own connection; and the last refusal."""
    clients, refusal = [], ""
    for uid in uids:
        for n in range(each):
            client, reply = ask(t.host, uid, f"n{uid}-{n} eth0")
            if not reply.startswith("ok "):
                refusal = reply
                client.close()
                break
            clients.append(client)
    return clients, refusal


def test_a_range_of_subuids_is_one_user(t):
    bind_subuid(f"{MEMBER}:{FIRST}:65536\n")
    daemon, _ = t.kept()
    daemon.stop()
    daemon.start(PREFIX)
    range_ = [FIRST + n for n in range(USERS)]
    clients, refusal = take_all(t, [MEMBER, *range_], 3)
    assert len(clients) == SHARE, (len(clients), refusal)
    assert refusal.startswith(f"error limit uid {MEMBER} with its range (subuid) holds {SHARE} connections, and ")
    assert f" of {PLACES} are left: a user may hold half of " in refusal, refusal
    others, refusal = take_all(t, [OTHER], SHARE)
    assert len(others) == SHARE // 2, (len(others), refusal)

    daemon.kill()
    daemon.start(PREFIX)  # connections from the keeper count, but are not refused
    assert len(read_list()) == len(clients) + len(others)
    assert take_all(t, range_[-1:], 1)[0] == []
    left = (PLACES - len(others)) // 2  # half of what the other user does not hold
    for client in clients[left - 1:]:
        client.close()
    wait_until(lambda: take_all(t, range_[-1:], 1)[0], what="room again")


def test_a_range_that_comes_later_counts_from_then(t):
    """Existing connections stay charged as before, and release the same charge."""
    path = bind_subuid("")
    t.configured(settings={"names-per-user": "3"}).start()
    user = Client(t.host, uid=FIRST).register("a", "eth0").register("b", "eth0")
    write_file(path, f"{MEMBER}:{FIRST}:10\n")

    def is_a_member():
        client = Client(t.host, uid=FIRST + 1)
        replies = [client.ask(f"c{n} eth0") for n in range(4)]
        client.close()
        return replies[-1].startswith(f"error limit uid {MEMBER} with its range")
    wait_until(is_a_member, what="the file is read again")
    user.register("c", "eth0")
    assert user.ask("d eth0").startswith(f"error limit uid {FIRST} holds 3 registrations, and "), "own"
    user.close()
    wait_until(lambda: read_list() == [], what="nothing is left")


def test_the_keys_of_users_limit_them(t):
    daemon = t.configured(settings={"connections-per-user": "2", "names-per-user": "5",
                                    "namespaces-per-user": "1"}).start()
    first, second = Client(t.host, uid=OTHER), Client(t.host, uid=OTHER)
    first.register("a", "eth0"), second.register("b", "eth0")
    assert "(connections-per-user)" in Client(t.host, uid=OTHER).reply()
    for n in range(3):
        first.register(f"c{n}", "eth0")
    assert "(names-per-user)" in first.ask("more eth0")
    held = Client(t.namespace("one"), uid=MEMBER).register("m", "eth0")
    assert "(namespaces-per-user)" in Client(t.namespace("two"), uid=MEMBER).ask("n eth0")
    held.close()
    daemon.settings["connections-per-user"] = "none"
    daemon.write()
    said = daemon.run("-t").stderr
    assert "phonebookd.conf:" in said and ": connections-per-user: " in said, said


def test_users_behind_the_overflow_uid_are_one(t):
    """In phonebookd's own user namespace, all other users appear as one uid, which belongs to nobody."""
    need_user_namespaces()
    daemon = t.configured()
    inner = "/run/test/phonebookd"
    write_program(inner, f'#!/bin/sh\nexec unshare -U --map-current-user -- {daemon.program} "$@"\n')
    daemon.program = inner
    daemon.start()
    assert "phonebookd is in a user namespace that lacks some users: " in daemon.log()
    t.host.dummy("eth0", "192.168.1.1/24")
    clients = [Client(t.host, uid=uid) for uid in (MEMBER, OTHER, MEMBER, USER)]
    clients[0].register("www.internal", "eth0", "linger=600", "wait=60").register("www.internal", "eth1")
    clients[0].register("mail.internal", "eth0")

    def is_refused(client, why):
        reply = client.ask("www.internal eth0")
        assert reply.startswith(f"error in-use www.internal {why} uid 65534 "), reply
        assert reply.endswith(", and several users may be behind that uid"), reply
    for client in clients[1:3]:
        is_refused(client, "is held by")
        assert client.ask("x.www.internal eth0").startswith("error denied "), "below it"
        client.register(f"n{client.socket.fileno()}", "eth0")
    clients[3].register("own", "eth0")
    assert {line["uid"] for line in read_list()} == {"65534", str(USER)}
    clients[0].close()
    wait_until(lambda: ("www.internal", "lingering") in {(line["name"], line["state"]) for line in read_list()},
               what="www lingers")
    is_refused(clients[1], "lingers for")
    clients[1].register("mail.internal", "eth0")
