#!/usr/bin/env python3
"""usage: python.py NAME INTERFACE [PROG ARG...]"""
import os
import signal
import socket
import sys

name, interface, *program = sys.argv[1:]
phonebook = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
phonebook.connect(os.environ.get("PHONEBOOK_RUNTIME", "/run/phonebook") + "/publish")
phonebook.sendall(f"{name} {interface}\n".encode())
reply = phonebook.makefile().readline()
if not reply.startswith("ok "):
    sys.exit(f"phonebook: {reply}")
print(reply, end="", flush=True)

# The name is there while `phonebook` is open, here or in a program that inherits it.
if program:
    phonebook.set_inheritable(True)
    os.execvp(program[0], program)
signal.pause()
