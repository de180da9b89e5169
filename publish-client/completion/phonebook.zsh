#compdef phonebook phonebookd phonebook-keeper
# Completion of phonebook(1), phonebookd(8) and phonebook-keeper(8) for zsh. `make install` puts it where zsh
# looks for it, as PREFIX/share/zsh/site-functions/_phonebook. Commands and options are those that the program
# on the command line tells by itself.

_phonebook_registered() {
    compadd -- ${(f)"$(timeout 1 $program list 2>/dev/null | sed -n '2,$s/ .*//p')"}
}

# An option of the usage text becomes one of _arguments; a value is completed by the word that stands for it.
_phonebook_options() {
    local line letter long value text action
    for line in ${(f)"$("$@" --help 2>/dev/null)"}; do
        [[ $line =~ '^  (-.,|   ) (--[^ ]+)( [^ ]+)?  +(.*)$' ]] || continue
        letter=${${match[1]// /}%,} long=$match[2] value=${match[3]# } text=${match[4]//[][]/}
        case $value in
        '') specs+=($letter"[$text]" $long"[$text]") && continue ;;
        CONF | FILE | SOCKET) action=_files ;;
        USER) action=_users ;;
        ANSWER) action='(yes no)' ;;
        ZONE) action='(all)' ;;
        *) action=' ' ;;
        esac
        [[ -n $letter ]] && specs+=("*$letter+[$text]:$value:$action")
        specs+=("*$long=[$text]:$value:$action")
    done
}

_phonebook_operands() {
    case $1 in
    publish) specs=(-A '-*' $specs '1:name: ' '2:interface:_net_interfaces' '*:::program:_normal') ;;
    list) specs+=('*:name:_phonebook_registered') ;;
    evict) specs+=('1:name:_phonebook_registered' '2:number: ') ;;
    compile) specs+=('1:file:_files' '2:database:_files') ;;
    help) specs+=('1:command:_phonebook_commands') ;;
    phonebook-keeper) specs+=('1:socket:_files') ;;
    esac
}

_phonebook_commands() {
    local -a found
    local line
    for line in ${(f)"$($program --help 2>/dev/null)"}; do
        [[ $line =~ '^  ([a-z]+)  +(.*)$' ]] && found+=("$match[1]:$match[2]")
    done
    _describe command found
}

_phonebook() {
    local program=$words[1] name=$service
    local -a specs command
    command=($program)
    if [[ $service == phonebook ]]; then
        if (( CURRENT > 2 )); then
            name=$words[2]
            command+=($name)
            shift words
            (( CURRENT-- ))
        else
            specs=('1:command:_phonebook_commands')
        fi
    fi
    _phonebook_options $command
    _phonebook_operands $name
    _arguments -s -S $specs
}

_phonebook "$@"
