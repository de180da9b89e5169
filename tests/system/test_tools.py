"""Clients that know nothing of phonebook: every program that holds a stream socket can hold a name."""
import subprocess
import sys

from kit import RUNTIME

ADDRESS = "192.168.7.1"
SOCKET = f"{RUNTIME}/publish"


def start(t):
    return t.daemon(), t.app(f"{ADDRESS}/24")


def held_until_killed(process, daemon, app):
    daemon.wait("www.internal", ADDRESS)
    app.ip("addr add 192.168.7.2/24 dev eth0")
    daemon.wait("www.internal", ADDRESS, "192.168.7.2")
    process.kill()
    daemon.wait("www.internal")


def test_s6_ipcclient_holds_a_name(t):
    daemon, app = start(t)
    held_until_killed(t.spawn([*app.prefix, "s6-ipcclient", SOCKET, "sh", "-c", "echo www eth0 >&7 && "
                               "read reply <&6 && echo \"$reply\" && exec sleep infinity"]), daemon, app)


def piped(t, daemon, app, argv):
    """The request comes from a pipe that ends, which causes a half-close; this ends nothing."""
    process = t.spawn([*app.prefix, *argv], name="tool", stdin=subprocess.PIPE)
    process.popen.stdin.write(b"www eth0\n")
    process.popen.stdin.close()
    process.wait_output("ok www.")
    held_until_killed(process, daemon, app)


def test_socat_holds_a_name(t):
    piped(t, *start(t), ["socat", "-t", "1000000", "-", f"UNIX-CONNECT:{SOCKET}"])


def test_netcat_holds_a_name(t):
    piped(t, *start(t), ["nc", "-U", SOCKET])


def test_python_holds_a_name(t):
    daemon, app = start(t)
    program = ("import socket, time\ns = socket.socket(socket.AF_UNIX)\n"
               f"s.connect({SOCKET!r})\ns.sendall(b'www eth0\\n')\nprint(s.recv(999))\n"
               "time.sleep(1000)")
    held_until_killed(t.spawn([*app.prefix, sys.executable, "-c", program]), daemon, app)
