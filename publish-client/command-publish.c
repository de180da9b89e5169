/* phonebook publish: registers, then becomes the program, with the connection as an inheritance. */
#include "../common/number.h"
#include "../common/request-options.h"
#include "../include/phonebook.h"
#include "command-hint.h"
#include "command-hold.h"
#include "command-program.h"
#include "command-registration.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RETRY_DEFAULT_S = 5,
    RETRY_MAX_S = 86400,
    READY = -1, /* no exit code yet */
};

struct options {
    struct registration registration;
    int retry;
    bool stay;      /* -f */
    char **program; /* NULL: none */
};

static int take_number(const char *text, char option, int low, int high, int *number)
{
    *number = (int)number_of(text, strlen(text), high);
    if (*number >= low)
        return READY;
    return fatal(EXIT_USAGE, "-%c takes whole seconds from %d to %d, not \"%s\"", option, low, high,
                 text);
}

static int take_option(struct options *options, int option)
{
    struct registration *registration = &options->registration;
    struct phonebook_request *asked = &registration->asked;
    switch (option) {
    case 'a':
        registration->names[registration->n_names++] = optarg;
        return READY;
    case 'f':
        options->stay = true;
        return READY;
    case 'l':
        return take_number(optarg, 'l', 1, REQUEST_LINGER_MAX, &asked->linger);
    case 'r':
        return take_number(optarg, 'r', 0, RETRY_MAX_S, &options->retry);
    case 's':
        registration->last = true;
        return READY;
    case 't': {
        int code = take_number(optarg, 't', 0, REQUEST_TTL_MAX, &asked->ttl);
        if (code == READY && asked->ttl == 0)
            asked->ttl = PHONEBOOK_TTL_ZERO;
        return code;
    }
    case 'W':
        asked->wait_for = optarg;
        return READY;
    case 'w':
        return take_number(optarg, 'w', 1, REQUEST_WAIT_MAX, &asked->wait);
    case ':':
        return fatal(EXIT_USAGE, "-%c needs a value (phonebook help publish)", optopt);
    default:
        return fatal(EXIT_USAGE, "unknown option -%c (phonebook help publish)", optopt);
    }
}

static int take_operands(struct options *options, int argc, char **argv)
{
    if (argc < 2)
        return fatal(EXIT_USAGE, "publish needs a name and an interface (phonebook help publish)");
    options->registration.names[0] = argv[0];
    options->registration.asked.interface = argv[1];
    options->program = argc > 2 ? argv + 2 : NULL;
    return READY;
}

/* Before anything is connected: what cannot be a request is a mistake in the arguments. */
static int check_names(const struct registration *registration)
{
    for (size_t i = 0; i < registration->n_names; i++) {
        struct phonebook_request request = registration->asked;
        const char *why;
        request.name = registration->names[i];
        int outcome = phonebook_check(&request, &why);
        if (outcome)
            return fatal(EXIT_USAGE, "%s: %s",
                         outcome == PHONEBOOK_NAME     ? request.name
                         : outcome == PHONEBOOK_SYNTAX ? request.wait_for
                                                       : request.interface,
                         why);
    }
    return READY;
}

/* names[0] is kept free for NAME, which comes after the -a. */
static int take_arguments(struct options *options, int argc, char **argv)
{
    int option, code = READY;
    opterr = 0;
    while (code == READY && (option = getopt(argc, argv, "+:a:fl:r:st:W:w:")) != -1)
        code = take_option(options, option);
    if (code == READY)
        code = take_operands(options, argc - optind, argv + optind);
    if (code == READY && options->registration.asked.wait_for && !options->registration.asked.wait)
        code = fatal(EXIT_USAGE, "-W says what -w waits for, and there is no -w");
    if (code == READY)
        code = check_names(&options->registration);
    return code;
}

/* From here the kernel counts: the program and its children hold the name. */
static int become(struct registration *registration, char **program)
{
    char number[16];
    int fd = phonebook_release(registration->phonebook);
    registration->phonebook = NULL;
    snprintf(number, sizeof(number), "%d", fd);
    if (fcntl(fd, F_SETFD, 0) < 0 || setenv("PHONEBOOK_FD", number, 1) < 0)
        return fatal(EXIT_SYSTEM, "unable to pass on the connection: %s", strerror(errno));
    return program_become(program);
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
    if (code == READY)
        code = publish(&options);
    registration_fini(&options.registration);
    free(options.registration.names);
    return code;
}
