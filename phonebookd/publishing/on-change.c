#include "on-change.h"

#include "../../zones/address.h"
#include "../../zones/image.h"
#include "../../zones/record.h"
#include "../limits.h"
#include "../log.h"
#include "program.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS = 5 };

struct on_change {
    const struct zone *zone;
    struct program *program;
    char *facts[FACTS]; /* owned: "NAME=VALUE", of the latest change */
    char *given[FACTS]; /* owned: those that the running program was given */
    char *additions[FACTS + 1];
    uint64_t digest; /* of the zone's records in the latest change */
};

static void free_texts(char **texts)
{
    for (size_t i = 0; i < FACTS; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
}

/* ---- the facts ---- */

/* What a zone's records are, and how they are looked up. */
struct shown {
    const struct kept *kept;
    const struct kept_zone *zone;
};

/* A name below a zone that is deeper is that zone's. */
static void print_server(FILE *out, const struct shown *shown, const char *server)
{
    struct records records;
    struct record record;
    char text[ADDRESS_TEXT_MAX];
    size_t cursor = 0;
    bool any = false;

    records_init(&records);
    if (kept_zone_of(shown->kept, server) == shown->zone)
        image_find(shown->kept->image, server, &records);
    while (records_next(&records, &cursor, &record)) {
        if (record.type != RECORD_A && record.type != RECORD_AAAA)
            continue;
        fprintf(out, " %s=%s", server, address_text(text, &record.address));
        any = true;
    }
    if (!any)
        fprintf(out, " %s", server);
    records_fini(&records);
}

static void print_servers(FILE *out, const struct shown *shown)
{
    const struct zone *zone = shown->zone->zone;

    for (size_t i = 0; i < zone->n_nameservers; i++)
        print_server(out, shown, zone->nameservers[i]);
}

static void print_prefix(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context)
{
    struct address address = {.family = AF_INET6};
    char text[ADDRESS_TEXT_MAX];

    memcpy(address.octets, octets, KEPT_PREFIX_OCTETS);
    fprintf(context, " %s/64", address_text(text, &address));
}

static void print_prefixes(FILE *out, const struct shown *shown)
{
    kept_prefixes(shown->zone, ON_CHANGE_PREFIXES_MAX, print_prefix, out);
}

/* "NAME=" and what `print` prints, without its first blank. */
static char *list_fact(const char *name, const struct shown *shown,
                       void (*print)(FILE *out, const struct shown *shown))
{
    char *text = NULL;
    size_t length = 0, prefix = strlen(name);
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return NULL;
    fputs(name, out);
    print(out, shown);
    if (fclose(out) != 0)
        return NULL;
    if (length > prefix)
        memmove(text + prefix, text + prefix + 1, length - prefix);
    return text;
}

static char *text_fact(const char *name, const char *value)
{
    char *text;

    return asprintf(&text, "%s%s", name, value) < 0 ? NULL : text;
}

static void gather_facts(struct on_change *on_change, const struct shown *shown,
                         const char *directory, uint32_t serial)
{
    char number[16];

    free_texts(on_change->facts);
    snprintf(number, sizeof number, "%u", serial);
    on_change->facts[0] = text_fact("PHONEBOOK_ZONE=", on_change->zone->name);
    on_change->facts[1] = text_fact("PHONEBOOK_SERIAL=", number);
    on_change->facts[2] = text_fact("PHONEBOOK_DIRECTORY=", directory);
    on_change->facts[3] = list_fact("PHONEBOOK_NAMESERVERS=", shown, print_servers);
    on_change->facts[4] = list_fact("PHONEBOOK_PREFIXES=", shown, print_prefixes);
}

/* ---- the program ---- */

/* A fact that there was no memory for is left out. */
static void on_prepare(void *owner, char ***arguments, char ***additions)
{
    struct on_change *on_change = owner;
    size_t n = 0;

    if (on_change->facts[0]) { /* else nothing is newer: the same again */
        free_texts(on_change->given);
        memcpy(on_change->given, on_change->facts, sizeof on_change->given);
        memset(on_change->facts, 0, sizeof on_change->facts);
    }
    for (size_t i = 0; i < FACTS; i++)
        if (on_change->given[i])
            on_change->additions[n++] = on_change->given[i];
    on_change->additions[n] = NULL;
    *arguments = on_change->zone->on_change;
    *additions = on_change->additions;
}

static void on_ended(void *owner, const char *fault, bool recovered)
{
    struct on_change *on_change = owner;
    const char *zone = on_change->zone->name, *program = on_change->zone->on_change[0];

    if (fault)
        log_caused(LOG_PROGRAM, LOG_NOBODY, "zone %s: on-change: %s %s", zone, program, fault);
    else if (recovered)
        log_caused_over(LOG_PROGRAM, LOG_NOBODY, "zone %s: on-change: %s succeeded", zone, program);
}

static const struct program_ops program_ops = {.prepare = on_prepare, .ended = on_ended};

void on_change_run(struct on_change *on_change, const struct kept *kept,
                   const struct kept_zone *zone, const char *directory, uint32_t serial)
{
    struct shown shown = {kept, zone};

    on_change->digest = zone->digest;
    gather_facts(on_change, &shown, directory, serial);
    program_start(on_change->program);
}

void on_change_retry(struct on_change *on_change)
{
    program_retry(on_change->program);
}

bool on_change_has_run(const struct on_change *on_change, const struct kept_zone *zone)
{
    return on_change->digest == zone->digest;
}

const struct zone *on_change_zone(const struct on_change *on_change)
{
    return on_change->zone;
}

void on_change_set_zone(struct on_change *on_change, const struct zone *zone)
{
    on_change->zone = zone;
}

int on_change_new(struct on_change **on_change, struct launcher *launcher, const struct zone *zone)
{
    struct on_change *made = calloc(1, sizeof *made);

    if (!made)
        return -ENOMEM;
    made->zone = zone;
    made->program = program_new(launcher, ON_CHANGE_LIMIT_MS, &program_ops, made);
    if (!made->program) {
        free(made);
        return -ENOMEM;
    }
    *on_change = made;
    return 0;
}

void on_change_close(struct on_change *on_change)
{
    program_close(on_change->program); /* which speaks of us no more */
    free_texts(on_change->facts);
    free_texts(on_change->given);
    free(on_change);
}
