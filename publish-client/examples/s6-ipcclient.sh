#!/bin/sh
# usage: s6-ipcclient.sh NAME INTERFACE PROG ARG...
# s6-ipcclient connects and runs a program with the connection as descriptors 6 (to read) and 7 (to
# write). PROG inherits both and so holds the name.
exec s6-ipcclient "${PHONEBOOK_RUNTIME:-/run/phonebook}/publish" sh -c '
    printf "%s %s\n" "$1" "$2" >&7
    read -r reply <&6
    case $reply in
    ok\ *) shift 2; exec "$@" ;;
    *) echo "phonebook: $reply" >&2; exit 1 ;;
    esac' sh "$@"
