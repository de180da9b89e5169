#include "ready-text.h"

#include "clients/doors.h"
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that grows as far as there is room. */
struct text {
    char *at;
    size_t length;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
    size_t room = READY_TEXT_MAX - text->length;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(text->at + text->length, room, format, arguments);
    va_end(arguments);
    if (n > 0)
        text->length += (size_t)n < room ? (size_t)n : room - 1;
}

/* The first of `n` names, and how many more there are. */
static void add_names(struct text *text, const char *what, size_t n,
                      const char *(*name)(const struct config *, size_t),
                      const struct config *config)
{
    add(text, " %s", what);
    for (size_t i = 0; i < n && i < READY_TOLD_MAX; i++)
        add(text, "%s %s", i > 0 ? "," : "", name(config, i));
    if (n == 0)
        add(text, " none");
    if (n > READY_TOLD_MAX)
        add(text, " and %zu more", n - READY_TOLD_MAX);
    add(text, ";");
}

static const char *zone_name(const struct config *config, size_t i)
{
    return config->zones.zones[i]->name;
}

static const char *database_name(const struct config *config, size_t i)
{
    return config->databases[i]->name;
}

void ready_text(char text[static READY_TEXT_MAX], const struct config *config,
                const struct doors *doors, bool kept)
{
    struct text all = {.at = text};

    add(&all, "ready:");
    add_names(&all, "zones", config->zones.n_zones, zone_name, config);
    add_names(&all, "databases", config->n_databases, database_name, config);
    add(&all, " sockets");
    for (int i = 0; i < DOORS; i++) {
        const struct door *door = &doors->all[i];
        const char *from = door->handed >= 0 ? " of the supervisor" : "";

        if (!door->open) /* control alone may be missing */
            continue;
        add(&all, "%s %s%s", i > 0 ? "," : "", *from ? door->name : door->path, from);
    }
    add(&all, "; %s", kept ? "phonebook-keeper holds the names" : "no phonebook-keeper");
}
