"""What attackers and victims, which are processes of other users, know of phonebook. Imports the standard library
only, since it is copied with them to where every user may read it."""
import socket

RUNTIME = "/run/phonebook"
INTERFACE = "host0"  # of the host's namespace


def connect(name="publish", patience=20.0):
    """A connection that waits `patience` seconds for each reply."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{RUNTIME}/{name}")  # waits for its turn, as one with a timeout would not
    connection.settimeout(patience)
    return connection
