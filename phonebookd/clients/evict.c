#include "evict.h"

#include "../../common/plain.h"
#include "../../publish-client/eviction.h"
#include "../../publish-client/request.h"
#include "../log.h"
#include "../state/registry.h"
#include "connection-life.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES_MAX = REPLY_LINE_MAX - REPLY_HEAD_MAX, /* octets of a reply's names, */
    WHO_MAX = 128,
};
static const char more[] = "... "; /* in the place of those beyond */

static enum request_error error_of(enum choice_outcome outcome)
{
    switch (outcome) {
    case CHOICE_MADE:
        return REQUEST_OK;
    case CHOICE_NAME:
        return REQUEST_NAME;
    case CHOICE_ABSENT:
        return REQUEST_ABSENT;
    case CHOICE_DENIED:
        return REQUEST_DENIED;
    case CHOICE_NUMBER:
        return REQUEST_NUMBER;
    }
    return REQUEST_OTHER;
}

char *evict_error(enum request_error code, const char *why)
{
    const struct reply reply = {.kind = REPLY_ERROR, .error = code, .id = -1};
    char head[REPLY_HEAD_MAX], *text;

    reply_format_head(head, &reply);
    if (asprintf(&text, "%s%s\n", head, why) < 0)
        return NULL;
    plain_ascii(text, strlen(text) - 1);
    return text;
}

/* ---- the names that go ---- */

/* Has an older registration of the connection the same full name? */
static bool is_told(const struct registration *registration, const struct listing *listing)
{
    for (const struct registration *r = registration->next; r; r = r->next)
        for (size_t i = 0; i < r->n_claims; i++)
            if (r->claims[i].listing == listing)
                return true;
    return false;
}

/* False where there is no room for it. */
static bool put_name(FILE *out, size_t *room, const char *name)
{
    size_t length = strlen(name) + 1;

    if (*room < length + sizeof more)
        return false;
    *room -= length;
    fprintf(out, "%s ", name);
    return true;
}

/* Each full name once; a registration that no zone has now by the name that was asked for. */
static void put_names(FILE *out, const struct holder *holder)
{
    size_t room = NAMES_MAX;
    bool whole = true;

    for (const struct registration *r = holder->registrations; r && whole; r = r->next) {
        if (r->n_claims == 0)
            whole = put_name(out, &room, r->name);
        for (size_t i = 0; i < r->n_claims && whole; i++)
            whole = is_told(r, r->claims[i].listing) ||
                    put_name(out, &room, r->claims[i].listing->name);
    }
    if (!whole)
        fputs(more, out);
}

/* `ok NAME...`; NULL where memory ran out. */
static char *reply_of(const struct holder *holder)
{
    const struct reply reply = {.kind = REPLY_OK, .id = -1};
    char head[REPLY_HEAD_MAX], *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return NULL;
    reply_format_head(head, &reply);
    fputs(head, out);
    put_names(out, holder);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    text[length - 1] = '\n'; /* in place of the last blank */
    return text;
}

/* ---- the end ---- */

static void tell(const struct holder *asker, const struct holder *holder)
{
    const struct registration *r = holder->registrations;

    log_caused(LOG_LOST, asker->uid,
               "uid %u, pid %d has evicted %s on %s, and with it %zu other registrations of the "
               "connection of uid %u, pid %d",
               asker->uid, asker->pid, r->name, r->interface, holder->n_registrations - 1,
               holder->uid, holder->pid);
}

/* The keeper's copy goes by that too: it sees the hang-up. */
static void end(struct connections *set, const struct holder *asker, struct holder *holder)
{
    struct connection *c =
        (struct connection *)((char *)holder - offsetof(struct connection, holder));
    char who[WHO_MAX], *reply;

    tell(asker, holder);
    snprintf(who, sizeof who, "uid %u, pid %d has ended this connection", asker->uid, asker->pid);
    reply = evict_error(REQUEST_EVICTED, who);
    registry_drop_holder(set->registry, holder); /* before the end, at which it would linger */
    connection_kick(c, reply ? reply : "error evicted\n");
    set->ops->changed(set->owner);
    free(reply);
}

char *evict_answer(struct connections *set, const struct holder *asker, const char *line,
                   size_t length)
{
    struct eviction eviction;
    const char *wrong = eviction_parse(&eviction, line, length);
    const struct holder_choice choice = {eviction.name, eviction.number, eviction.socket};
    char why[REGISTRY_WHY_MAX], *reply;
    struct holder *chosen;
    enum choice_outcome outcome;

    if (wrong)
        return evict_error(REQUEST_SYNTAX, wrong);
    outcome = registry_choose(set->registry, asker, &choice, &chosen, why);
    if (outcome != CHOICE_MADE)
        return evict_error(error_of(outcome), why);
    reply = reply_of(chosen);
    if (reply)
        end(set, asker, chosen);
    return reply;
}
