"""What the system tests, the benches and the tests of installed packages are written with.

A test gets one `Test` (context.py), a bench one `Bench` (tests/bench/parts/bench.py). Both are a `World`
(world.py), which owns every process that it started and ends it when the test or bench ends. Namespaces, mounts
and files below /run belong to the namespaces that the runner made (isolation.py), and vanish with them.
"""
from .client import Client, connect_as, connected, receive_fds, send_fds
from .configuration import ETC, INTERNAL, PUBLIC, RUNTIME
from .files import append_file, read_file, write_file, write_program
from .keeper import KEEP, keeper_command, start_keeper
from .lists import is_served, known, line_of, live_names, live_or_none, read_list, states
from .marks import Skip, limit, need_user_namespaces, needs
from .process import NO_LEAK_CHECK
from .reader import Reader
from .truth import Zone
from .users import USER, make_directory, privileges
from .wait import SLOW, Failed, generous, later_connection, quiet_second, remains, wait_equal, wait_until

__all__ = ["ETC", "INTERNAL", "KEEP", "NO_LEAK_CHECK", "PUBLIC", "RUNTIME", "SLOW", "USER", "Client", "Failed",
           "Reader", "Skip", "Zone", "append_file", "connect_as", "connected", "generous", "is_served",
           "keeper_command", "known", "later_connection", "limit", "line_of", "live_names", "live_or_none",
           "make_directory", "need_user_namespaces", "needs", "privileges", "quiet_second", "read_file", "read_list",
           "receive_fds", "remains", "send_fds", "start_keeper", "states", "wait_equal", "wait_until", "write_file",
           "write_program"]
