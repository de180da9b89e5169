# Completion of phonebook(1), phonebookd(8) and phonebook-keeper(8) for bash. `make install` puts it where
# bash looks for it: PREFIX/share/bash-completion/completions. Commands and options are those that the
# program on the command line tells by itself.

# One line for each option: "-w --wait SECONDS", "-j --json", "- --pointers WHICH".
_phonebook_options() {
    "$@" --help 2>/dev/null | sed -nE -e 's/^  (-.), (--[^ ]+)( [^ ]+)?  .*/\1 \2\3/p' \
        -e 's/^      (--[^ ]+)( [^ ]+)?  .*/- \1\2/p'
}

_phonebook_commands() {
    "$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  .*/\1/p'
}

# What the option at the end of a word takes, such as SECONDS, where it is not in the word itself.
_phonebook_value() {
    local letter long value
    while read -r letter long value; do
        if [[ $1 == "$long" || $letter != - && $1 == -[^-]* && $1 == *"${letter#-}" ]]; then
            echo "$value"
        fi
    done <<<"$2"
}

_phonebook_names() {
    timeout 1 "$1" list 2>/dev/null | sed -n '2,$s/ .*//p'
}

# Completes a value or an operand by the word that stands for it in the usage text.
_phonebook_fill() {
    local kind=$1 current=$2 program=$3
    case $kind in
    COMMAND) compgen -W "$(_phonebook_commands "$program")" -- "$current" ;;
    INTERFACE) compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$current" ;;
    REGISTERED) compgen -W "$(_phonebook_names "$program")" -- "$current" ;;
    CONF | FILE | SOCKET) compgen -f -- "$current" ;;
    USER) compgen -u -- "$current" ;;
    ANSWER) compgen -W "yes no" -- "$current" ;;
    ZONE) compgen -W all -- "$current" ;;
    esac
}

# What the operand is that so many others stand before.
_phonebook_operand() {
    case $1:$2 in
    publish:0) ;;
    publish:1) echo INTERFACE ;;
    list:* | evict:0) echo REGISTERED ;;
    compile:*) echo FILE ;;
    help:0) echo COMMAND ;;
    phonebook-keeper:0) echo SOCKET ;;
    esac
}

_phonebook_program() {
    if declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    else
        mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
    fi
}

_phonebook() {
    local current=${COMP_WORDS[COMP_CWORD]} command=("${COMP_WORDS[0]}") i=1 operands=0 value='' options name
    COMPREPLY=()
    name=${command[0]##*/}
    if [[ $name == phonebook && $COMP_CWORD -gt 1 ]]; then
        name=${COMP_WORDS[1]} i=2
        command+=("$name")
    fi
    options=$(_phonebook_options "${command[@]}")
    for (( ; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == = ]]; then
            continue
        elif [[ $value ]]; then
            value=
        elif [[ ${COMP_WORDS[i]} == -* ]]; then
            value=$(_phonebook_value "${COMP_WORDS[i]}" "$options")
        else
            ((operands++))
        fi
        if [[ $name == publish ]] && ((operands == 2)); then
            _phonebook_program $((i + 1))
            return
        fi
    done
    if [[ $name == phonebook ]]; then
        value=COMMAND
    elif [[ ! $value ]]; then
        value=$(_phonebook_operand "$name" "$operands")
    fi
    [[ $current == = ]] && current=
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(sed -E 's/^- //; s/ [^-][^ ]*$//' <<<"$options")" -- "$current")
    else
        mapfile -t COMPREPLY < <(_phonebook_fill "$value" "$current" "${command[0]}")
    fi
}

complete -F _phonebook phonebook phonebookd phonebook-keeper
