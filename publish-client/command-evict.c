/* phonebook evict: ends a registration, whoever holds it. */
#include "../common/number.h"
#include "../common/option-table.h"
#include "../common/plain.h"
#include "../include/phonebook.h"
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIMIT_MS = 10000,
    ANSWER_MAX = 1 << 16,
};

static const struct option_row rows[] = {
    {'s', "socket", "INODE", "end the connection with this socket, as phonebook list -j\nshows it"},
};

const struct option_table evict_options = {
    .program = "phonebook evict",
    .operands = "NAME [NUMBER]",
    .description = "end the connection that holds NAME, with all its names",
    .rows = rows,
    .n_rows = sizeof rows / sizeof *rows,
};

/* GO_ON, or an exit code. */
static int take_number(const char *text, const char *what, long long *number)
{
    *number = number_of(text, strlen(text), LLONG_MAX);
    if (*number > 0)
        return GO_ON;
    return fatal(EXIT_USAGE, "%s takes a number from 1 on, not \"%s\"", what, text);
}

static int take_operands(struct phonebook_eviction *eviction, int argc, char **argv)
{
    if (argc < 1 || argc > 2)
        return fatal(EXIT_USAGE,
                     "evict needs a name, and perhaps a number (phonebook evict --help)");
    eviction->name = argv[0];
    if (argc == 1)
        return GO_ON;
    if (eviction->socket > 0)
        return fatal(EXIT_USAGE, "evict takes a number or a socket, not both");
    return take_number(argv[1], "evict", &eviction->number);
}

static int take_arguments(struct phonebook_eviction *eviction, int argc, char **argv)
{
    int code = GO_ON;
    struct option_found found;
    while (code == GO_ON && next_option(&evict_options, argc, argv, &found, &code))
        code = take_number(optarg, found.text, &eviction->socket);
    return code == GO_ON ? take_operands(eviction, argc - optind, argv + optind) : code;
}

/* Prints one name per line, as `publish` does. */
static int show_names(const char *names)
{
    for (size_t length; *names; names += length + (names[length] == ' ')) {
        length = strcspn(names, " ");
        printf("%.*s\n", (int)length, names);
    }
    return finish_output();
}

/* If a number is missing, prints the holders with their numbers, too. */
static int fatal_refused(const struct phonebook_eviction *eviction, int outcome, const char *text)
{
    char *why = plain_copy(text);
    int code =
        fatal(outcome == PHONEBOOK_SYNTAX ? EXIT_USAGE : EXIT_REFUSED, "%s: refused (%s): %s",
              eviction->name, phonebook_outcome_word(outcome), why ? why : "");
    free(why);
    if (outcome == PHONEBOOK_NUMBER)
        list_holders(eviction->name);
    return code;
}

static int evict(const struct phonebook_eviction *eviction, char answer[static ANSWER_MAX])
{
    int result = phonebook_evict(NULL, eviction, LIMIT_MS, answer, ANSWER_MAX);
    if (result == -ETIMEDOUT || result == -ECONNRESET || result == -EPROTO)
        return fatal_unanswered("control", "evict", "", result);
    if (result < 0)
        return fatal_connect("control", result);
    return result ? fatal_refused(eviction, result, answer) : show_names(answer);
}

int command_evict(int argc, char **argv)
{
    struct phonebook_eviction eviction = {.name = NULL};
    int code = take_arguments(&eviction, argc, argv);
    if (code != GO_ON)
        return code;
    char *answer = malloc(ANSWER_MAX);
    code = answer ? evict(&eviction, answer) : fatal(EXIT_SYSTEM, "out of memory");
    free(answer);
    return code;
}
