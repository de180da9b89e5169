/* phonebook publish: registers names, then executes the program, which inherits the connection. */
#include "../common/number.h"
#include "../common/option-table.h"
#include "../common/request-options.h"
#include "../include/phonebook.h"
#include "command-hold.h"
#include "command-program.h"
#include "command-registration.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    RETRY_DEFAULT_S = 5,
    RETRY_MAX_S = 86400,
};

struct options {
    struct registration registration;
    int retry;
    bool stay;      /* -f */
    char **program; /* NULL: none */
};

static const struct option_row rows[] = {
    {'4', "ipv4", NULL, "show only IPv4 addresses"},
    {'6', "ipv6", NULL, "show only IPv6 addresses"},
    {'a', "also", "NAME", "register another name for the same interface; can be repeated"},
    {'f', "foreground", NULL,
     "stay in the foreground as PROG's parent, for a PROG that\n"
     "closes inherited descriptors; pass signals on, exit as PROG does"},
    {'l', "linger", "SECONDS", "keep the records for this time after the last holder ends"},
    {'P', "ptr", "ANSWER", "whether PTR records of the addresses may name it: yes or no"},
    {'r', "retry", "SECONDS", "how long to try again while phonebookd does not run (5)"},
    {'s', "shut", NULL, "prevent PROG from registering more names on the connection"},
    {'t', "ttl", "SECONDS", "how long resolvers may cache the records (the zone's)"},
    {'w', "wait", "SECONDS",
     "wait until the names are in the DNS, and give up after\n"
     "this time"},
    {'W', "wait-for", "ZONE", "wait only for the names in this zone, or in \"all\""},
};

const struct option_table publish_options = {
    .program = "phonebook publish",
    .operands = "NAME INTERFACE [PROG ARG...]",
    .description = "register a name while PROG runs; without PROG, while this command runs",
    .leaves_rest = true,
    .rows = rows,
    .n_rows = sizeof rows / sizeof *rows,
};

static int take_number(const struct option_found *found, int low, int high, int *number)
{
    *number = (int)number_of(optarg, strlen(optarg), high);
    if (*number >= low)
        return GO_ON;
    return fatal(EXIT_USAGE, "%s takes whole seconds from %d to %d, not \"%s\"", found->text, low,
                 high, optarg);
}

static int take_option(struct options *options, const struct option_found *found)
{
    struct registration *registration = &options->registration;
    struct phonebook_request *asked = &registration->asked;
    switch (found->row->key) {
    case '4':
    case '6':
        if (asked->family && asked->family != found->row->key - '0')
            return fatal(EXIT_USAGE, "-4 and -6 exclude each other");
        asked->family = found->row->key - '0';
        return GO_ON;
    case 'a':
        registration->names[registration->n_names++] = optarg;
        return GO_ON;
    case 'f':
        options->stay = true;
        return GO_ON;
    case 'l':
        return take_number(found, 1, REQUEST_LINGER_MAX, &asked->linger);
    case 'P':
        asked->ptr = strcmp(optarg, "yes") == 0  ? PHONEBOOK_PTR_YES
                     : strcmp(optarg, "no") == 0 ? PHONEBOOK_PTR_NO
                                                 : 0;
        if (asked->ptr)
            return GO_ON;
        return fatal(EXIT_USAGE, "%s takes yes or no, not \"%s\"", found->text, optarg);
    case 'r':
        return take_number(found, 0, RETRY_MAX_S, &options->retry);
    case 's':
        registration->last = true;
        return GO_ON;
    case 't': {
        int code = take_number(found, 0, REQUEST_TTL_MAX, &asked->ttl);
        if (code == GO_ON && asked->ttl == 0)
            asked->ttl = PHONEBOOK_TTL_ZERO;
        return code;
    }
    case 'W':
        asked->wait_for = optarg;
        return GO_ON;
    default: /* 'w' */
        return take_number(found, 1, REQUEST_WAIT_MAX, &asked->wait);
    }
}

static int take_operands(struct options *options, int argc, char **argv)
{
    if (argc < 2)
        return fatal(EXIT_USAGE,
                     "publish needs a name and an interface (phonebook publish --help)");
    options->registration.names[0] = argv[0];
    options->registration.asked.interface = argv[1];
    options->program = argc > 2 ? argv + 2 : NULL;
    return GO_ON;
}

/* Before connecting: an invalid request is a mistake in the arguments. */
static int check_names(const struct registration *registration)
{
    for (size_t i = 0; i < registration->n_names; i++) {
        struct phonebook_request request = registration->asked;
        request.name = registration->names[i];
        const char *why;
        int outcome = phonebook_check(&request, &why);
        if (outcome)
            return fatal(EXIT_USAGE, "%s: %s",
                         outcome == PHONEBOOK_NAME     ? request.name
                         : outcome == PHONEBOOK_SYNTAX ? request.wait_for
                                                       : request.interface,
                         why);
    }
    return GO_ON;
}

/* names[0] is reserved for NAME, which comes after the names of -a. */
static int take_arguments(struct options *options, int argc, char **argv)
{
    int code = GO_ON;
    struct option_found found;
    while (code == GO_ON && next_option(&publish_options, argc, argv, &found, &code))
        code = take_option(options, &found);
    if (code == GO_ON)
        code = take_operands(options, argc - optind, argv + optind);
    if (code == GO_ON && options->registration.asked.wait_for && !options->registration.asked.wait)
        code = fatal(EXIT_USAGE, "-W has no effect without -w");
    if (code == GO_ON)
        code = check_names(&options->registration);
    return code;
}

/* From here on the program and its children hold the name, and the kernel counts their copies. */
static int become(struct registration *registration, char **program)
{
    int fd = phonebook_release(registration->phonebook);
    registration->phonebook = NULL;
    char number[16];
    snprintf(number, sizeof number, "%d", fd);
    if (fcntl(fd, F_SETFD, 0) < 0 || setenv("PHONEBOOK_FD", number, 1) < 0)
        return fatal(EXIT_SYSTEM, "unable to pass on the connection: %s", strerror(errno));
    return program_become(program);
}

/* The first of the names, separated by blanks, that is `name`, or begins with it and a dot. */
static const char *find_granted(const char *names, const char *name, size_t *length)
{
    size_t begin = strlen(name);
    for (; *names; names += *length + strspn(names + *length, " ")) {
        *length = strcspn(names, " ");
        if (strncasecmp(names, name, begin) == 0 && (*length == begin || names[begin] == '.'))
            return names;
    }
    return NULL;
}

static void hint_of_name(const char *name, const char *granted)
{
    size_t whole = strlen(name);
    const char *inner = strncmp(name, "*.", 2) == 0 ? name + 2 : name;
    if (!strchr(inner, '.') || name[whole - 1] == '.')
        return;
    size_t length;
    const char *found = find_granted(granted, name, &length);
    if (found && length > whole)
        say("warning",
            "%s has become %.*s, since it ends in no zone of this phonebook; a dot at its "
            "end makes a whole name of it",
            name, (int)length, found);
}

static void hint_of_interface(const char *interface)
{
    const char *at = strchr(interface, '@');
    char *meant = at ? strndup(interface, (size_t)(at - interface)) : NULL;
    if (meant && !if_nametoindex(interface) && if_nametoindex(meant))
        say("warning", "there is no interface %s: ip(8) shows the interface %s like this",
            interface, meant);
    free(meant);
}

/* Warns a user at a terminal whose request is valid but probably not meant: about a relative name
 * that looks like a full one, and about an interface written as ip(8) shows it. */
static void hint(const struct registration *registration)
{
    if (!isatty(STDERR_FILENO))
        return;
    for (size_t i = 0; i < registration->n_names; i++)
        hint_of_name(registration->names[i], registration->granted ? registration->granted : "");
    hint_of_interface(registration->asked.interface);
}

static int publish(struct options *options)
{
    struct registration *registration = &options->registration;
    int result = registration_acquire(registration, options->retry);
    if (result)
        return registration_fatal(registration, result);
    hint(registration);
    if (options->program && !options->stay)
        return become(registration, options->program);
    return hold(registration, options->program);
}

int command_publish(int argc, char **argv)
{
    struct options options = {.registration = {.n_names = 1}, .retry = RETRY_DEFAULT_S};
    options.registration.names = calloc((size_t)argc + 1, sizeof(char *));
    if (!options.registration.names)
        return fatal(EXIT_SYSTEM, "out of memory");
    int code = take_arguments(&options, argc, argv);
    if (code == GO_ON)
        code = publish(&options);
    registration_fini(&options.registration);
    free(options.registration.names);
    return code;
}
