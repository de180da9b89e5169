"""What the attackers and their victims, who are processes of other users, know of phonebook: copied with them to
where every user may read it, and without any import but of the standard library."""
import socket

RUNTIME = "/run/phonebook"
INTERFACE = "host0"  # of the host's namespace


def connect(name="publish", patience=20.0):
    """A connection whose replies may take so many seconds."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{RUNTIME}/{name}")  # waits for its turn, as one with a timeout would not
    connection.settimeout(patience)
    return connection
