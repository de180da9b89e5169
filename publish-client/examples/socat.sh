#!/bin/sh
# usage: socat.sh NAME INTERFACE
# Prints the reply and holds the name until it is killed. At the end of its input socat shuts down its
# half of the connection, which ends no registration; -t is how long it then goes on.
exec socat -t 1000000000 - "UNIX-CONNECT:${PHONEBOOK_RUNTIME:-/run/phonebook}/publish" <<END
$1 $2
END
