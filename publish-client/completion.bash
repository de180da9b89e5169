# Completion of phonebook(1) for bash; `make install` puts it where bash looks for it:
# PREFIX/share/bash-completion/completions/phonebook.

_phonebook_interfaces() {
    compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$1"
}

# Completes `phonebook publish`: options, then NAME, INTERFACE, and from there PROG's own words.
_phonebook_publish() {
    local current=$1 i operands=0
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -[alrtwW]) ((operands == 0)) && ((i++)) ;;
        -*) ;;
        *) ((operands++)) ;;
        esac
        if ((operands == 2)); then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                mapfile -t COMPREPLY < <(compgen -c -- "$current")
            fi
            return
        fi
    done
    if ((operands == 1)); then
        mapfile -t COMPREPLY < <(_phonebook_interfaces "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "-4 -6 -a -f -l -r -s -t -w -W" -- "$current")
    fi
}

_phonebook() {
    local current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "publish list compile help -V" -- "$current")
        return
    fi
    case ${COMP_WORDS[1]} in
    publish) _phonebook_publish "$current" ;;
    list) mapfile -t COMPREPLY < <(compgen -W "-j" -- "$current") ;;
    compile) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    help) mapfile -t COMPREPLY < <(compgen -W "publish list compile help" -- "$current") ;;
    esac
}

complete -F _phonebook phonebook
