# Completion of phonebook(1), phonebookd(8) and phonebook-keeper(8) for fish. `make install` puts it where fish
# looks for it: /etc/fish/completions, or, with PREFIX=/usr, /usr/share/fish/vendor_completions.d. Commands and
# options are those that the program on the command line tells by itself.

# What the option at the end of a word takes, such as SECONDS, where it is not in the word itself.
function __phonebook_value --argument-names word
    for line in $argv[2..]
        set -l found (string match -r '^  (?:-(.),|   ) (--\S+)(?: (\S+))?  ' -- $line); or continue
        set -l letter $found[2]
        if test "$word" = "$found[3]"
            echo $found[4]
        else if test -n "$letter"; and string match -qr -- "^-[^-=]*$letter\$" $word
            echo $found[4]
        end
    end
end

function __phonebook_options
    for line in $argv
        set -l found (string match -r '^  (-.)?,? +(--\S+)(?: \S+)?  +(.*)' -- $line); or continue
        test -n "$found[2]"; and printf '%s\t%s\n' $found[2] $found[4]
        printf '%s\t%s\n' $found[3] $found[4]
    end
end

function __phonebook_commands --argument-names program
    $program --help 2>/dev/null | string replace -rf '^  ([a-z]+)  +(.*)' '$1\t$2'
end

# A value or an operand by the word that stands for it in the usage text.
function __phonebook_fill --argument-names kind program
    switch "$kind"
        case COMMAND
            __phonebook_commands $program
        case INTERFACE
            ls /sys/class/net
        case REGISTERED
            timeout 1 $program list 2>/dev/null | string replace -rf '^(\S+) .*' '$1' | tail -n +2
        case CONF FILE SOCKET
            __fish_complete_path (commandline -ct)
        case USER
            __fish_complete_users
        case ANSWER
            printf '%s\n' yes no
        case ZONE
            echo all
    end
end

# What the operand is that so many others stand before.
function __phonebook_operand --argument-names name operands
    switch "$name:$operands"
        case 'publish:1'
            echo INTERFACE
        case 'list:*' 'evict:0'
            echo REGISTERED
        case 'compile:*'
            echo FILE
        case 'help:0' 'phonebook:0'
            echo COMMAND
        case 'phonebook-keeper:0'
            echo SOCKET
    end
end

function __phonebook
    set -l words (commandline -opc)
    set -l program $words[1]
    set -l name (string replace -r '.*/' '' -- $program)
    set -l command $program
    set -e words[1]
    if test "$name" = phonebook -a (count $words) -gt 0
        set name $words[1]
        set -a command $name
        set -e words[1]
    end
    set -l help ($command --help 2>/dev/null)
    set -l operands 0
    set -l value
    while set -q words[1]
        if test -n "$value"
            set value
        else if string match -q -- '-*' $words[1]
            set value (__phonebook_value $words[1] $help)
        else
            set operands (math $operands + 1)
        end
        set -e words[1]
        if test "$name" = publish -a $operands = 2
            complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
            return
        end
    end
    if string match -q -- '-*' (commandline -ct)
        __phonebook_options $help
        return
    end
    test -n "$value"; or set value (__phonebook_operand $name $operands)
    __phonebook_fill "$value" $program
end

for program in phonebook phonebookd phonebook-keeper
    complete -c $program -f -a '(__phonebook)'
end
