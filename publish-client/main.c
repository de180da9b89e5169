/* The phonebook command: a table of subcommands, from which the help is printed too. */
#include "command.h"

#include <stdio.h>
#include <string.h>

static int command_help(int argc, char **argv);

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *arguments;
    const char *description;
    const char *options; /* indented lines, or "" */
} commands[] = {
    {"publish", command_publish,
     "[-fs] [-a NAME]... [-l SECONDS] [-r SECONDS] [-t TTL] [-w SECONDS [-W ZONE]]\n"
     "                         NAME INTERFACE [PROG ARG...]",
     "register a name for as long as PROG, or else this command, runs",
     "    -a NAME     another name, with the same interface; can be repeated\n"
     "    -f          stay in the foreground as PROG's parent, for a PROG that closes what it\n"
     "                inherits; passes signals on and ends as PROG does\n"
     "    -l SECONDS  keep the records for so long after the last holder is gone\n"
     "    -r SECONDS  how long to try again while there is no phonebookd (5)\n"
     "    -s          let PROG register nothing more on the connection that it inherits\n"
     "    -t TTL      of the records, in seconds (the zone's)\n"
     "    -w SECONDS  wait until the names are in the DNS, and give up after that time\n"
     "    -W ZONE     wait for the names in this zone alone, or in all\n"},
    {"list", command_list, "[-j]", "show what is registered",
     "    -j          as JSON, one object per line\n"},
    {"compile", command_compile, "[-n] [FILE [OUT.cdb]]", "make a data.cdb of tinydns-data lines",
     "    -n          make nothing: check the lines, and warn of odd ones\n"
     "    FILE        \"-\" is standard input; data and data.cdb where no file is given\n"},
    {"help", command_help, "[COMMAND]", "show this, or how to use COMMAND", ""},
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct command *find(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return fatal(EXIT_SYSTEM, "unable to write to standard output");
    return 0;
}

static int help_all(void)
{
    puts("usage: phonebook COMMAND ...\n");
    for (int i = 0; i < N_COMMANDS; i++)
        printf("    %-8s  %s\n", commands[i].name, commands[i].description);
    puts("\nphonebook help COMMAND tells its options, phonebook -V the version; see phonebook(1).\n"
         "$PHONEBOOK_RUNTIME names the daemon's runtime directory (/run/phonebook).");
    return finish_output();
}

static int help_one(const struct command *command)
{
    printf("usage: phonebook %s %s\n\n%s\n", command->name, command->arguments,
           command->description);
    if (*command->options)
        printf("\n%s", command->options);
    return finish_output();
}

static int unknown(const char *name)
{
    return fatal(EXIT_USAGE, "unknown command \"%s\" (phonebook help lists them)", name);
}

static int command_help(int argc, char **argv)
{
    if (argc < 2)
        return help_all();
    const struct command *command = find(argv[1]);
    return command ? help_one(command) : unknown(argv[1]);
}

static int version(void)
{
    puts("phonebook " PHONEBOOK_VERSION);
    return finish_output();
}

static int is_one_of(const char *word, const char *brief, const char *full)
{
    return strcmp(word, brief) == 0 || strcmp(word, full) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fatal(EXIT_USAGE, "no command given (phonebook help lists them)");
    if (is_one_of(argv[1], "-V", "--version"))
        return version();
    if (is_one_of(argv[1], "-h", "--help"))
        return help_all();
    const struct command *command = find(argv[1]);
    if (!command)
        return unknown(argv[1]);
    if (argc > 2 && is_one_of(argv[2], "-h", "--help"))
        return help_one(command);
    return command->run(argc - 1, argv + 1);
}
