#include "reload-options.h"

#include "../../common/words.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void reload_options_fini(struct reload_options *options)
{
    free(options->path);
    words_free(options->arguments);
    *options = (struct reload_options){0};
}

static bool same_path(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool reload_options_same(const struct reload_options *a, const struct reload_options *b)
{
    return a->kind == b->kind && a->signal == b->signal && same_path(a->path, b->path) &&
           words_equal(a->arguments, b->arguments);
}

/* False if a server cannot reload on this signal. */
static bool find_signal(enum reload_signal *signal, const char *name)
{
#define NAME(name) #name,
    static const char *const names[] = {RELOAD_SIGNALS(NAME)};
#undef NAME

    if (strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *signal = (enum reload_signal)i;
            return true;
        }
    return false;
}

static const char *check_path(const char *path)
{
    return path[0] == '/' ? NULL : "must name an absolute path";
}

static const char *parse_signal(struct reload_options *options, char *rest)
{
    const char *pidfile = words_next(&rest), *name = words_next(&rest);
    if (!pidfile || words_next(&rest))
        return "must be: signal PIDFILE [HUP]";
    options->kind = RELOAD_SIGNAL;
    options->signal = RELOAD_HUP;
    if (name && !find_signal(&options->signal, name))
        return "names no signal that a server could reload on (HUP, USR1, USR2, ALRM, INT, CONT, "
               "WINCH)";
    options->path = strdup(pidfile);
    return options->path ? check_path(pidfile) : "out of memory";
}

static const char *parse_s6(struct reload_options *options, char *rest)
{
    const char *servicedir = words_next(&rest);
    if (!servicedir || words_next(&rest))
        return "must be: s6 SERVICEDIR";
    options->kind = RELOAD_S6;
    options->path = strdup(servicedir);
    return options->path ? check_path(servicedir) : "out of memory";
}

static const char *parse_command(struct reload_options *options, const char *rest)
{
    options->kind = RELOAD_COMMAND;
    options->arguments = words_of(rest);
    if (!options->arguments)
        return "out of memory";
    if (!options->arguments[0])
        return "must be: command PROGRAM [ARGUMENT...]";
    return check_path(options->arguments[0]);
}

const char *reload_options_parse(struct reload_options *options, char *value)
{
    const char *kind = words_next(&value);
    if (kind && strcmp(kind, "signal") == 0)
        return parse_signal(options, value);
    if (kind && strcmp(kind, "s6") == 0)
        return parse_s6(options, value);
    if (kind && strcmp(kind, "command") == 0)
        return parse_command(options, value);
    if (kind && strcmp(kind, "none") == 0 && !words_next(&value)) {
        options->kind = RELOAD_NONE;
        return NULL;
    }
    return "must be one of: none, signal PIDFILE [HUP], s6 SERVICEDIR, command PROGRAM "
           "[ARGUMENT...]";
}

const char *reload_options_path(const struct reload_options *options)
{
    return options->kind == RELOAD_COMMAND ? options->arguments[0] : options->path;
}
