"""The example clients with a real phonebookd: the name appears, and leaves with its holder."""
import os

from kit import Skip, needs

ADDRESS = "192.168.7.1"
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../publish-client/examples")


def holds(t, *command):
    daemon = t.daemon()
    app = t.app(f"{ADDRESS}/24")
    holder = t.spawn([*app.prefix, command[0], "www", "eth0", *command[1:]])
    daemon.wait("www.internal", ADDRESS)
    holder.kill()
    daemon.wait("www.internal")


def test_the_s6_ipcclient_example_holds_a_name(t):
    holds(t, f"{EXAMPLES}/s6-ipcclient.sh", "sleep", "1000")


def test_the_socat_example_holds_a_name(t):
    holds(t, f"{EXAMPLES}/socat.sh")


def test_the_python_example_holds_a_name(t):
    holds(t, f"{EXAMPLES}/python.py")


def test_the_python_example_runs_a_program(t):
    holds(t, f"{EXAMPLES}/python.py", "sleep", "1000")


def test_the_c_example_holds_a_name(t):
    holds(t, t.program("examples/c"))


def test_the_c_example_runs_a_program(t):
    holds(t, t.program("examples/c"), "sleep", "1000")


def comes_back(t, *command):
    """Asserts that the name comes back after phonebookd was restarted without a keeper."""
    daemon = t.daemon()
    app = t.app(f"{ADDRESS}/24")
    holder = t.spawn([*app.prefix, *command, "www", "eth0"])
    daemon.wait("www.internal", ADDRESS)
    daemon.stop()
    daemon.start()
    daemon.wait("www.internal", ADDRESS)
    holder.kill()
    daemon.wait("www.internal")


def with_library(t, name, package):
    """Compiled as the example's comment says, except for the path of the library."""
    needs("cc", "pkg-config")
    flags = t.run(["pkg-config", "--cflags", "--libs", package], check=False)
    if flags.returncode != 0:
        raise Skip(f"no {package}")
    program = f"/run/test/{name}"
    t.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", program, f"{EXAMPLES}/{name}.c",
           os.path.join(t.build, "libphonebook.a"), *flags.stdout.split()])
    comes_back(t, program)


def test_the_libuv_example_comes_back(t):
    with_library(t, "libuv", "libuv")


def test_the_glib_example_comes_back(t):
    with_library(t, "glib", "glib-2.0")


def test_the_go_example_comes_back(t):
    needs("go")
    settings = {"GOCACHE": "/run/test/cache", "GO111MODULE": "off", "CGO_ENABLED": "0"}
    t.run(["go", "build", "-o", "/run/test/go", f"{EXAMPLES}/go.go"], env={**os.environ, **settings})
    comes_back(t, "/run/test/go")


def test_the_rust_example_comes_back(t):
    needs("rustc")
    t.run(["rustc", "-o", "/run/test/rust", f"{EXAMPLES}/rust.rs"])
    comes_back(t, "/run/test/rust")
