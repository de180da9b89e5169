#include "ready-text.h"

#include "../common/cut-text.h"
#include "clients/doors.h"
#include "config.h"

/* The first of `n` names, and the number of the others. */
static void add_names(struct cut_text *text, const char *what, size_t n,
                      const char *(*name)(const struct config *, size_t),
                      const struct config *config)
{
    cut_text_add(text, " %s", what);
    for (size_t i = 0; i < n && i < READY_TOLD_MAX; i++)
        cut_text_add(text, "%s %s", i > 0 ? "," : "", name(config, i));
    if (n == 0)
        cut_text_add(text, " none");
    if (n > READY_TOLD_MAX)
        cut_text_add(text, " and %zu more", n - READY_TOLD_MAX);
    cut_text_add(text, ";");
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
    struct cut_text all = {text, READY_TEXT_MAX, 0};
    cut_text_add(&all, "ready:");
    add_names(&all, "zones", config->zones.n_zones, zone_name, config);
    add_names(&all, "databases", config->n_databases, database_name, config);
    cut_text_add(&all, " sockets");
    for (int i = 0; i < DOORS; i++) {
        const struct door *door = &doors->all[i];
        const char *from = door->handed >= 0 ? " of the supervisor" : "";
        if (!door->open) /* control alone may be missing */
            continue;
        cut_text_add(&all, "%s %s%s", i > 0 ? "," : "", *from ? door->name : door->path, from);
    }
    cut_text_add(&all, "; %s", kept ? "phonebook-keeper holds the names" : "no phonebook-keeper");
}
