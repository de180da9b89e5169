"""The kernel counts the references to a connection: what ends a registration, and what does not."""
import ctypes
import errno
import os
import signal
import socket
import sys

from kit import Skip, limit, receive_fds, remains, send_fds, wait_equal, wait_until

ADDRESS = "192.168.7.1"


def start(t):
    """A daemon, and an application's namespace with one address."""
    return t.daemon(), t.namespace("app").dummy("macv0", f"{ADDRESS}/24")


def held(t):
    """start(), and a client that holds a name, which is published."""
    daemon, app = start(t)
    client = t.register(app, "www", "macv0")
    daemon.wait("www.internal", ADDRESS)
    return daemon, app, client


def sent(client):
    """(carrier, receiver): the client has closed, and a copy of its socket is in flight between these two."""
    ours, theirs = socket.socketpair()
    send_fds(ours, client.socket)
    client.close()
    return ours, theirs


def kept(daemon, seconds=1.3):
    """Waits longer than the interval: by then a withdrawal would have been built."""
    remains(lambda: daemon.addresses("www.internal") == {ADDRESS}, seconds, "the record is there")


def test_a_name_is_published_follows_and_is_dropped(t):
    daemon, app = t.daemon(), t.namespace("app").dummy("macv0", f"{ADDRESS}/24", "fd00:7::1/64",
                                                       "2001:db8::1/64")
    internal, public = (t.tinydns(daemon, "internal"), t.tinydns(daemon, "public", "127.0.0.2"))
    www = t.publish(app, "www", "macv0", "sleep", "infinity")
    for read in (internal.ask, internal.dig, internal.get):
        wait_equal(lambda r=read: r("www.internal"), {ADDRESS, "fd00:7::1"}, what="www.internal")
    for read in (public.ask, public.dig, public.get):
        wait_equal(lambda r=read: r("www.host.example"), {"2001:db8::1"}, what="www.host.example")
    app.ip("addr add 192.168.7.2/24 dev macv0")
    wait_equal(lambda: internal.ask("www.internal"), {ADDRESS, "192.168.7.2", "fd00:7::1"})
    app.ip(f"addr del {ADDRESS}/24 dev macv0")
    wait_equal(lambda: internal.ask("www.internal"), {"fd00:7::1"})  # the kernel removes secondary addresses with their primary
    www.kill()
    wait_equal(lambda: internal.ask("www.internal"), set())
    wait_equal(lambda: public.ask("www.host.example"), set())


def test_a_name_lives_on_over_exec(t):
    daemon, app = start(t)
    www = t.publish(app, "www", "macv0", "sh", "-c", "exec sh -c 'exec sleep infinity'")
    daemon.wait("www.internal", ADDRESS)
    wait_until(lambda: open(f"/proc/{www.pid}/comm").read() == "sleep\n", what="exec")
    kept(daemon)
    www.kill()
    daemon.wait("www.internal")


def test_a_program_that_closes_what_it_inherits_is_told(t):
    """The program runs on without its name, and the log says so; not if it exits or closes on purpose."""
    daemon, app = start(t)
    ended = t.publish(app, "mail", "macv0", "sleep", "infinity")
    daemon.wait("mail.internal", ADDRESS)
    ended.kill()
    daemon.wait("mail.internal")
    t.register(app, "db", "macv0").close()
    www = t.publish(app, "www", "macv0", "bash", "-c", 'eval "exec $PHONEBOOK_FD>&-"; exec sleep infinity')
    daemon.process.wait_output("www: withdrawn: the connection is closed in all processes")
    assert f"pid {www.pid}, which made it, still runs" in daemon.log(), daemon.log()
    assert www.alive() and daemon.log().count("withdrawn: the connection") == 1, daemon.log()


def test_a_name_leaves_when_its_last_holder_is_killed(t):
    daemon, app = start(t)
    script = "sleep infinity & echo pid $!; sleep infinity & echo pid $!; exec sleep infinity"
    www = t.publish(app, "www", "macv0", "sh", "-c", script)
    daemon.wait("www.internal", ADDRESS)
    wait_until(lambda: www.output().count("pid ") == 2, what="both children")
    children = [int(w) for w in www.output().replace("pid", "").split()]
    www.kill()
    kept(daemon)
    os.kill(children[0], signal.SIGKILL)
    kept(daemon)
    os.kill(children[1], signal.SIGKILL)
    daemon.wait("www.internal")


def test_many_forks_hold_a_name(t):
    daemon, app = start(t)
    script = "for i in $(seq 40); do sleep infinity & done; echo forked; wait"
    www = t.publish(app, "www", "macv0", "sh", "-c", script, start_new_session=True)
    www.wait_output("forked")
    daemon.wait("www.internal", ADDRESS)
    os.killpg(www.pid, signal.SIGKILL)
    daemon.wait("www.internal")


def test_a_copy_sent_to_another_process_holds_the_name(t):
    daemon, app, client = held(t)
    ours, theirs = socket.socketpair()
    holder = t.spawn([sys.executable, "-c", "import socket, sys, time\n"
                      "c = socket.socket(fileno=int(sys.argv[1]))\n"
                      "held = c.recvmsg(16, 1024)\nprint('held', flush=True)\ntime.sleep(1000)",
                      str(theirs.fileno())], name="holder", pass_fds=[theirs.fileno()])
    send_fds(ours, client.socket)
    holder.wait_output("held")
    client.close()
    kept(daemon)
    holder.kill()
    daemon.wait("www.internal")


def test_a_copy_in_flight_holds_the_name(t):
    """The only copy is in an unread message on another socket."""
    daemon, app, client = held(t)
    ours, theirs = sent(client)
    kept(daemon)
    received = receive_fds(theirs)[0]
    ours.close()
    theirs.close()
    kept(daemon)
    received.close()
    daemon.wait("www.internal")


def test_a_copy_in_flight_is_dropped_with_its_carrier(t):
    daemon, app, client = held(t)
    ours, theirs = sent(client)
    ours.close()
    theirs.close()
    daemon.wait("www.internal")


def test_a_half_close_keeps_the_name(t):
    daemon, app = start(t)
    client = t.register(app, "www", "macv0")
    client.socket.shutdown(socket.SHUT_WR)
    daemon.wait("www.internal", ADDRESS)
    before = daemon.cpu()
    kept(daemon)
    assert daemon.cpu() - before < 0.3, "a half-closed connection makes the loop spin"
    app.ip("addr add 192.168.7.9/24 dev macv0")
    daemon.wait("www.internal", ADDRESS, "192.168.7.9")
    client.close()
    daemon.wait("www.internal")


def test_a_half_close_right_after_the_request_keeps_the_name(t):
    """As `printf ... | socat` does: the request and the end of input arrive at once."""
    daemon, app = start(t)
    client = t.client(app)
    client.send("www macv0\n")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.reply().startswith("ok www.")
    daemon.wait("www.internal", ADDRESS)
    kept(daemon)
    client.close()
    daemon.wait("www.internal")


def test_a_copy_holds_the_name_after_a_half_close(t):
    daemon, app = start(t)
    client = t.register(app, "www", "macv0")
    copy = client.socket.dup()
    client.socket.shutdown(socket.SHUT_WR)
    client.close()
    daemon.wait("www.internal", ADDRESS)
    kept(daemon)
    copy.close()
    daemon.wait("www.internal")


def test_a_shutdown_withdraws_for_all(t):
    daemon, app = start(t)
    client = t.register(app, "www", "macv0")
    copy = client.socket.dup()
    daemon.wait("www.internal", ADDRESS)
    copy.shutdown(socket.SHUT_RDWR)
    daemon.wait("www.internal")


def test_a_client_that_reads_no_longer_keeps_its_name(t):
    """After the client's SHUT_RD, phonebookd's send(2) fails with EPIPE, but the client still exists."""
    daemon, app, client = held(t)
    client.socket.shutdown(socket.SHUT_RD)
    client.send("mail macv0\nshop macv0\n")
    kept(daemon)
    client.close()
    daemon.wait("www.internal")


def test_a_client_that_never_reads_keeps_its_name(t):
    """Its replies fill the socket; it keeps its name, and no other client is delayed."""
    daemon, app, client = held(t)
    client.socket.setblocking(False)
    sent = 0
    try:
        while sent < 2_000_000:
            sent += client.socket.send(b"bad\n" * 1000)
    except BlockingIOError:
        pass
    other = t.register(app, "other", "macv0")
    daemon.wait("other.internal", ADDRESS)
    assert daemon.addresses("www.internal") == {ADDRESS}
    rss = daemon.rss()
    for _ in range(20):
        try:
            client.socket.send(b"bad\n" * 1000)
        except BlockingIOError:
            pass
        assert other.ask("bad").startswith("error syntax")
    assert daemon.rss() - rss < 4 << 20, "replies pile up in the daemon"
    client.close()
    daemon.wait("www.internal")


def test_a_client_may_end_with_replies_unread(t):
    """EPOLLERR and ECONNRESET then come with the hang-up."""
    daemon, app = start(t)
    client = t.client(app)
    client.send("www macv0\nmail macv0\n")
    daemon.wait("www.internal", ADDRESS)
    daemon.wait("mail.internal", ADDRESS)
    client.close()
    daemon.wait("www.internal")
    daemon.wait("mail.internal")


def test_a_stopped_holder_keeps_its_name(t):
    daemon, app = start(t)
    www = t.publish(app, "www", "macv0", "sleep", "infinity")
    daemon.wait("www.internal", ADDRESS)
    www.kill(signal.SIGSTOP)
    kept(daemon)
    www.kill()
    daemon.wait("www.internal")


def test_a_zombie_holds_nothing(t):
    daemon, app = start(t)
    script = f"{t.program('phonebook')} publish www macv0 sh -c 'echo pid $$; exec sleep infinity' & exec sleep infinity"
    parent = t.spawn([*app.prefix, "sh", "-c", script], name="parent")
    daemon.wait("www.internal", ADDRESS)
    child = int(wait_until(lambda: parent.output().partition("pid ")[2].strip(), what="the pid"))
    os.kill(child, signal.SIGKILL)  # its parent, which is a sleep now, never waits for it
    daemon.wait("www.internal")
    assert open(f"/proc/{child}/stat").read().rpartition(")")[2].split()[0] == "Z"


def test_sockets_sent_over_themselves_hold_nothing(t):
    """Descriptors in flight form a cycle that no process can reach; the kernel collects them."""
    daemon, app, client = held(t)
    ours, theirs = socket.socketpair()
    send_fds(ours, client.socket, ours, theirs)
    for one in (client, ours, theirs):
        one.close()
    daemon.wait("www.internal")
    client = t.register(app, "www", "macv0")
    daemon.wait("www.internal", ADDRESS)
    try:
        send_fds(client.socket, client.socket)  # SO_PASSRIGHTS may forbid it
    except OSError:
        pass
    client.close()
    daemon.wait("www.internal")


def test_one_uid_shares_a_name(t):
    daemon, app = start(t)
    other = t.namespace("other").dummy("eth0", "192.168.8.1/24")
    first = t.register(app, "www", "macv0")
    daemon.wait("www.internal", ADDRESS)
    second = t.register(other, "www", "eth0")
    daemon.wait("www.internal", ADDRESS, "192.168.8.1")
    third = t.register(other, "www", "eth0")
    first.close()
    daemon.wait("www.internal", "192.168.8.1")
    second.close()
    kept_address = {"192.168.8.1"}
    remains(lambda: daemon.addresses("www.internal") == kept_address, 1.3, "the third holds it")
    third.close()
    daemon.wait("www.internal")


def test_another_uid_is_refused(t):
    daemon, app = start(t)
    first = t.register(app, "www", "macv0", uid=7001)
    stranger = t.client(app, uid=7002)
    reply = stranger.ask("www macv0")
    assert reply.startswith("error in-use ") and "7001" in reply, reply
    assert stranger.ask("WWW.Internal. macv0").startswith("error in-use ")
    assert stranger.ask("mine macv0").startswith("ok ")
    first.close()
    wait_until(lambda: stranger.ask("www macv0").startswith("ok "), what="the name is free again")
    daemon.wait("www.internal", ADDRESS)


def test_one_connection_holds_several_names(t):
    daemon, app = start(t)
    client = t.client(app)
    client.send("www macv0\nmail macv0\nshop macv0\n")
    replies = [client.reply() for _ in range(3)]
    assert replies == [f"ok {n}.host.example {n}.internal" for n in ("www", "mail", "shop")] or \
        replies == [f"ok {n}.internal {n}.host.example" for n in ("www", "mail", "shop")], replies
    for name in ("www", "mail", "shop"):
        daemon.wait(f"{name}.internal", ADDRESS)
    client.close()
    for name in ("www", "mail", "shop"):
        daemon.wait(f"{name}.internal")


@limit(100)
def test_an_idle_connection_is_closed(t):
    """A connection without an accepted request lives for 60 s, others without limit."""
    _, app = start(t)
    holder = t.register(app, "www", "macv0")
    idle, refused = t.client(app), t.client(app)
    assert refused.ask("bad").startswith("error ")
    for client in (idle, refused):
        last = client.reply(limit=75)
        assert last == "" or last.startswith("error ") and client.reply() == "", last
    assert holder.ask("mail macv0").startswith("ok ")


class Request(ctypes.Structure):
    """struct phonebook_request."""
    _fields_ = [("name", ctypes.c_char_p), ("interface", ctypes.c_char_p), ("ttl", ctypes.c_int),
                ("wait", ctypes.c_int), ("linger", ctypes.c_int), ("wait_for", ctypes.c_char_p),
                ("family", ctypes.c_int), ("ptr", ctypes.c_int)]


def load(path):
    with open(path, "rb") as file:
        if b"__asan_init" in file.read():
            raise Skip("a library with AddressSanitizer ends a Python that has none")
    return ctypes.CDLL(path)


def test_the_library_withdraws_and_comes_back(t):
    """libphonebook with a real phonebookd: it withdraws one of two names; after a phonebookd without a
    keeper, only the other one comes back."""
    daemon, app = start(t)
    library = load(os.path.join(t.build, "libphonebook.so"))
    phonebook = ctypes.c_void_p()
    with app.entered():
        assert library.phonebook_connect(ctypes.byref(phonebook), None, 5000) == 0
    for name in (b"www", b"mail"):
        assert library.phonebook_publish(phonebook, ctypes.byref(Request(name, b"macv0")), 5000) == 0
    daemon.wait("mail.internal", ADDRESS)
    assert library.phonebook_withdraw(phonebook, b"mail", b"macv0", 5000) == 0
    daemon.wait("mail.internal")
    daemon.wait("www.internal", ADDRESS)
    daemon.stop()
    assert library.phonebook_interpret(phonebook) == -errno.ECONNRESET
    daemon.start()
    with app.entered():
        assert library.phonebook_reconnect(phonebook, 5000) == 0
    daemon.wait("www.internal", ADDRESS)
    assert daemon.addresses("mail.internal") == set()
    library.phonebook_free(phonebook)
    daemon.wait("www.internal")
