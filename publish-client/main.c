/* The phonebook command: a table of subcommands, which is also used for the help. */
#include "../common/option-table.h"
#include "command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static int command_help(int argc, char **argv);

static const struct option_table phonebook_options = {
    .program = "phonebook",
    .leaves_rest = true,
};
static const struct option_table help_options = {
    .program = "phonebook help",
    .operands = "[COMMAND]",
    .description = "show the commands, or how to use COMMAND",
};

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const struct option_table *options;
} commands[] = {
    {"publish", command_publish, &publish_options}, {"list", command_list, &list_options},
    {"evict", command_evict, &evict_options},       {"compile", command_compile, &compile_options},
    {"help", command_help, &help_options},
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *find(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int help_all(void)
{
    puts("usage: phonebook COMMAND [OPTION...] [ARGUMENT...]\n");
    for (int i = 0; i < N_COMMANDS; i++)
        printf("  %-8s  %s\n", commands[i].name, commands[i].options->description);
    puts("");
    option_table_print_rows(&phonebook_options, stdout);
    puts("\nphonebook COMMAND --help shows the options of a command; see phonebook(1).\n"
         "$PHONEBOOK_RUNTIME names the daemon's runtime directory (/run/phonebook).");
    return finish_output();
}

static int unknown(const char *name)
{
    return fatal(EXIT_USAGE, "unknown command \"%s\" (phonebook --help lists them)", name);
}

static int command_help(int argc, char **argv)
{
    int code = GO_ON;
    struct option_found found;
    while (next_option(&help_options, argc, argv, &found, &code))
        ;
    if (code != GO_ON)
        return code;
    if (optind == argc)
        return help_all();
    const struct command *command = find(argv[optind]);
    if (!command)
        return unknown(argv[optind]);
    option_table_print(command->options, stdout);
    return finish_output();
}

/* Options before the subcommand. */
static int take_options(int argc, char **argv)
{
    int code = GO_ON;
    struct option_found found;
    while (code == GO_ON && option_table_next(&phonebook_options, argc, argv, &found))
        code = found.row && found.row->key == 'h' ? help_all()
                                                  : standard_option(&phonebook_options, &found);
    return code;
}

int main(int argc, char **argv)
{
    int code = take_options(argc, argv), n_before = optind;
    if (code != GO_ON)
        return code;
    if (n_before == argc)
        return fatal(EXIT_USAGE, "no command given (phonebook --help lists them)");
    const struct command *command = find(argv[n_before]);
    optind = 0; /* the subcommand's words are another command line */
    return command ? command->run(argc - n_before, argv + n_before) : unknown(argv[n_before]);
}
