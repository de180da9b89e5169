"""Text files, whole."""
import os


def read_file(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write_file(path, text, mode="w"):
    """Writes the text, or with mode "a" appends it; returns the path."""
    with open(path, mode, encoding="utf-8") as file:
        file.write(text)
    return path


def write_program(path, text):
    """A file that everybody may run, in a directory that is made where it is missing."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_file(path, text)
    os.chmod(path, 0o755)
    return path


def append_file(path, text):
    return write_file(path, text, "a")
