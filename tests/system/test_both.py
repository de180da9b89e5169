"""A restart of both services loses no name, in any order. Stopping both gives the names up."""
import os
import time

from kit import (INTERNAL, NO_LEAK_CHECK, Client, Reader, generous, keeper_command, limit, live_or_none, needs,
                 privileges, read_list, wait_until, write_file, write_program)
from kit.services import Store

NAMES = 20


def held(t, services, n=NAMES):
    """Registers so many names, one renewed with a ttl; a client requests one more name all the time."""
    app = t.app()
    clients = [Client(app).register(f"n{i:03}", "eth0") for i in range(n)]
    clients[0].register("n000", "eth0", "ttl=7")
    wait_until(lambda: len(live_or_none()) == n, what="all are live")
    reader = Reader(t.tinydns(services.daemon, "internal"), "n001.internal")
    return app, clients, reader


def expect_all(services, clients, reader):
    expected = sorted(f"n{i:03}.internal" for i in range(len(clients)))
    wait_until(lambda: live_or_none() == expected, what="all are live")
    assert "+n000.internal:192.168.1.1:7\n" in services.daemon.text("internal")
    reader.expect_always("192.168.1.1")
    for client in clients:
        assert client.ask(f"n{clients.index(client):03} eth0 ttl=7").startswith("ok "), "as good as before"


def restart(services, order, pause=0.0):
    """Sends SIGTERM to both, in this order."""
    keepers, daemons = services.keeper.starts, services.phonebookd.starts
    for n, service in enumerate(order):
        if n > 0:
            time.sleep(pause)  # the cases differ in the time between the two signals
        service.terminate()
    services.wait_restarted(keepers + 1, daemons + 1)


def restarts_in_every_order(services, *pauses):
    """Restarts both in every order; after each restart, all names are live."""
    both = [services.phonebookd, services.keeper]
    for order in both, both[::-1]:
        for pause in pauses:
            restart(services, order, pause)
            wait_until(lambda: len(live_or_none()) == NAMES, what=f"all are live ({pause})")
            yield order


def test_no_name_is_lost_in_any_order_of_restarts(t):
    """Under a supervisor that restarts services, but stores no descriptors."""
    services = t.services()
    _, clients, reader = held(t, services)
    for _ in restarts_in_every_order(services, 0.0, 0.05, 0.3):
        pass
    expect_all(services, clients, reader)


def test_no_name_is_lost_in_any_order_with_a_descriptor_store(t):
    """Under systemd: its descriptor store holds the keeper's sockets meanwhile."""
    services = t.services(Store())
    _, clients, reader = held(t, services)
    for _ in restarts_in_every_order(services, 0.0, 0.05):
        assert sorted(name for name, _ in services.store.held) == ["park-in", "park-out"]
    expect_all(services, clients, reader)


def test_no_name_is_lost_when_both_restart_in_one_transaction(t):
    """systemctl restart of both stops the keeper after phonebookd, and starts it before. A holder that hangs
    up meanwhile is gone, with his namespace; texts, notes and hundreds of sockets stay."""
    services = t.services(Store(), settings={"connections-per-user": "1000", "names-per-user": "1000"})
    app, clients, reader = held(t, services, 503)
    Client(app).register("later", "eth0", "linger=600", "wait=60").close()
    for _ in range(2):
        services.phonebookd.stop()
        services.keeper.stop()
        clients.pop().close()
        services.keeper.start()
        wait_until(lambda: "took " in services.keeper.process.output(), what="the queue is emptied")
        wait_until(services.store.ready.is_set, what="the keeper is ready")
        assert f"took {len(clients)} sockets over from the last keeper, and 1 that have hung up" in \
            services.keeper.process.output()
        services.phonebookd.start()
        services.wait_published()
        states = {line["name"]: line["state"] for line in read_list()}
        assert states.pop("later.internal") == "lingering"
        assert len(states) == len(clients) and set(states.values()) == {"live"}, states
    reader.expect_always("192.168.1.1")


def test_no_name_is_lost_when_the_store_has_no_room(t):
    """With FileDescriptorStoreMax=1, it works as under any other supervisor."""
    services = t.services(Store(limit=1))
    _, clients, reader = held(t, services)
    restart(services, [services.phonebookd, services.keeper])
    restart(services, [services.keeper, services.phonebookd])
    expect_all(services, clients, reader)


def test_a_keeper_that_restarts_alone_gets_everything_back_from_the_store(t):
    """It gets the old sockets before phonebookd connects, and the newer ones from phonebookd."""
    services = t.services(Store())
    app, clients, reader = held(t, services)
    services.keeper.ask_to_stop()
    services.keeper.process.wait()
    clients.append(Client(app).register(f"n{len(clients):03}", "eth0"))
    clients[3].register("n003", "eth0", "ttl=9")
    services.keeper.start()
    wait_until(lambda: f"took over {NAMES} sockets" in services.last_of_keeper(), what="it is found")
    wait_until(lambda: "n003.internal" in live_or_none())
    services.phonebookd.process.kill()
    services.wait_restarted(2, 2)
    assert "+n003.internal:192.168.1.1:9\n" in services.daemon.text("internal"), "newer than the parked text"
    expect_all(services, clients, reader)


def test_clients_that_come_meanwhile_get_their_answers(t):
    """Plain clients that do not retry: each gets its answer, whichever service restarts meanwhile."""
    services = t.services(Store())
    app = t.app()
    clients = []
    for order in [services.phonebookd], [services.phonebookd, services.keeper], [services.phonebookd]:
        keepers, daemons = services.keeper.starts, services.phonebookd.starts
        for n in range(30):
            clients.append(Client(app))
            clients[-1].send(f"n{len(clients)} eth0\n")
            if n == 10:
                for service in order:
                    service.terminate()
        services.wait_restarted(keepers + (services.keeper in order), daemons + 1)
    for n, client in enumerate(clients, 1):
        assert client.reply() == f"ok n{n}.internal", n
    wait_until(lambda: len(live_or_none()) == len(clients), what="all are live")


def test_names_are_given_up_when_both_are_stopped(t):
    """In either order: the names are given up within seconds, and their holders notice it."""
    for order in ("phonebookd", "keeper"), ("keeper", "phonebookd"):
        services = t.services()
        app = t.namespace(order[0]).dummy("eth0", "192.168.1.1/24")
        www = t.register(app, "www", "eth0", "wait=60")
        began = time.monotonic()
        for name in order:
            getattr(services, name).ask_to_stop()
        for name in order:
            assert getattr(services, name).process.wait() == 0
        assert www.reply() == "", "its holder sees the end"
        assert time.monotonic() - began < generous(20)
        services.start()
        services.daemon.wait("www.internal")
        services.stop()


def test_no_name_is_lost_when_phonebookd_ends_while_it_stores_again(t):
    """phonebookd is told to end when the new keeper has only some of the names."""
    services = t.services(settings={"names-per-user": "100000", "connections-per-user": "1000"})
    app = t.app()
    clients = [Client(app) for _ in range(60)]
    for n, client in enumerate(clients):
        client.send("".join(f"n{n}-{m} eth0\n" for m in range(64)))
    wait_until(lambda: len(live_or_none()) == 60 * 64, what="all are live")
    services.keeper.terminate()
    wait_until(lambda: services.keeper.starts == 2 and
               "phonebookd is here" in services.keeper.process.output(), what="it is found")
    services.phonebookd.terminate()
    services.wait_restarted(2, 2)
    wait_until(lambda: len(live_or_none()) == 60 * 64, what="all are back")


@limit(120)
def test_no_name_is_lost_when_s6_restarts_both(t):
    """s6-svc -r of both, in either order, while clients register names."""
    needs("s6-supervise")
    daemon = t.configured(zones=(INTERNAL,))
    daemon.keeps = True
    daemon.leave_unchecked()
    commands = {"phonebook-keeper": keeper_command(t, "-d", "3"),
                "phonebookd": [*privileges(), *daemon.command("-d", "3")]}
    for name, command in commands.items():
        directory = f"/run/test/sv/{name}"
        os.makedirs(directory)
        write_file(f"{directory}/notification-fd", "3\n")
        write_program(f"{directory}/run", f"#!/bin/sh\nexec {' '.join(command)} 2>>/run/test/{name}.log\n")
        t.spawn(["s6-supervise", directory], env=NO_LEAK_CHECK)
        wait_until(lambda: os.path.exists(f"{directory}/supervise/control"), what="s6-supervise")
        t.run(["s6-svwait", "-U", directory])
    app = t.app()
    clients = [Client(app).register(f"n{n}", "eth0") for n in range(NAMES)]
    wait_until(lambda: len(live_or_none()) == NAMES, what="all are live")
    reader = Reader(t.tinydns(daemon, "internal"), "n1.internal")
    for order in ("phonebook-keeper", "phonebookd"), ("phonebookd", "phonebook-keeper"):
        pids = {name: pid_of(name) for name in order}
        for name in order:
            t.run(["s6-svc", "-r", f"/run/test/sv/{name}"])
        for name in order:
            wait_until(lambda: pid_of(name) not in ("", "0", pids[name]), what=f"{name} is another one")
            t.run(["s6-svwait", "-U", f"/run/test/sv/{name}"])
        clients.append(Client(app).register(f"n{len(clients)}", "eth0"))
        wait_until(lambda: len(live_or_none()) == len(clients), what=f"none is lost ({order[0]} first)")
    reader.expect_always("192.168.1.1")
    for name in "phonebookd", "phonebook-keeper":
        t.run(["s6-svc", "-d", f"/run/test/sv/{name}"])
        t.run(["s6-svwait", "-d", f"/run/test/sv/{name}"])


def pid_of(name):
    import subprocess
    done = subprocess.run(["s6-svstat", "-o", "pid", f"/run/test/sv/{name}"], stdout=subprocess.PIPE,
                          text=True, check=False)
    return done.stdout.strip()
