"""The README's examples, each with a real phonebookd: the name comes, and goes with the holder."""
import os

ADDRESS = "192.168.7.1"
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../publish-client/examples")


def holds(t, *command):
    daemon = t.daemon()
    app = t.namespace("app").dummy("eth0", f"{ADDRESS}/24")
    holder = t.spawn([*app.prefix, command[0], "www", "eth0", *command[1:]])
    daemon.wait("www.internal", ADDRESS)
    holder.kill()
    daemon.wait("www.internal")


def test_s6_ipcclient(t):
    holds(t, f"{EXAMPLES}/s6-ipcclient.sh", "sleep", "1000")


def test_socat(t):
    holds(t, f"{EXAMPLES}/socat.sh")


def test_python(t):
    holds(t, f"{EXAMPLES}/python.py")


def test_python_with_a_program(t):
    holds(t, f"{EXAMPLES}/python.py", "sleep", "1000")


def test_c(t):
    holds(t, t.program("examples/c"))


def test_c_with_a_program(t):
    holds(t, t.program("examples/c"), "sleep", "1000")
