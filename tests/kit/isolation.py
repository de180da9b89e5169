"""The namespaces that each test and each bench runs in. They end with its process, and with them every process,
link and mount in them."""
import os
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREE = os.path.dirname(TESTS)
NAMESPACES = ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc"]
HOSTNAME = "box"


def why_no_namespaces():
    """None where they can be had. In a chroot, for one, mounts cannot be made private."""
    if os.geteuid() != 0:
        return "they need root"
    done = subprocess.run([*NAMESPACES, "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip()


def isolated(room, module, *arguments):
    """(command, environment) that run main() of a module in new namespaces. It can import this package and the
    modules in `room`."""
    # A shell ignores SIGINT for what it starts in the background; a test's programs must not.
    command = ["env", "--default-signal", *NAMESPACES, sys.executable, "-c", f"from {module} import main; main()",
               *arguments]
    environment = dict(os.environ, PYTHONPATH=f"{room}:{TESTS}", PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
    environment.pop("PHONEBOOK_RUNTIME", None)
    return command, environment


def make_private():
    """Called inside: a /run of our own, a host name, a loopback interface. /tmp stays: programs may be built
    there."""
    def must(*command):
        subprocess.run(command, check=True)

    must("mount", "-t", "tmpfs", "-o", "mode=755,size=4g", "tmpfs", "/run")
    os.mkdir("/run/test", 0o755)
    os.environ["TMPDIR"] = "/run/test"
    must("hostname", HOSTNAME)
    must("ip", "link", "set", "lo", "up")
