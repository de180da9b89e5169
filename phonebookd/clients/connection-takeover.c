#include "connection-takeover.h"

#include "../../common/boot-clock.h"
#include "../../common/request-options.h"
#include "../../publish-client/request.h"
#include "../limits.h"
#include "../log.h"
#include "../state/accounts.h"
#include "../state/registry.h"
#include "connection-keep.h"
#include "connection-life.h"
#include "connection-waits.h"
#include "kept-text.h"
#include "owners.h"
#include "remnant-text.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

bool connections_taken_socket(struct connections *set, int fd, uint64_t key)
{
    struct connection *c = connections_find_kept(set, key);
    bool aside = set->n_aside > 0 && set->n_to_take <= set->n_aside; /* the oldest come first */
    set->n_to_take -= set->n_to_take > 0;
    set->n_set_aside += aside;
    if (c) { /* only the connection to the keeper was lost */
        close(fd);
        c->kept = true;
        return true;
    }
    struct holder peer = {0};
    if (set->n >= set->accounts->total[ACCOUNT_CONNECTIONS] || /* the rest needs descriptors too */
        !connection_learn_peer(set, &peer, fd) ||
        !accounts_charge_taken(set->accounts, peer.owner, ACCOUNT_CONNECTIONS)) {
        close(fd);
        return false;
    }
    c = connection_new(set, fd, key, &peer);
    if (!c) {
        accounts_release(set->accounts, peer.owner, ACCOUNT_CONNECTIONS);
        return false;
    }
    c->kept = true;
    c->came_with = set->keeper;
    c->holder.aside = aside;
    if (aside)
        connection_leave_idle(c);
    connection_watch(c);
    if (c->watched)
        return true;
    connection_end(c); /* its hang-up would not be seen; the keeper's copy stays */
    return false;
}

void connections_taken_all(struct connections *set, size_t n)
{
    set->took_all = set->keeper;
    if (set->n_aside > 0)
        log_warning("of %zu connections the newest %zu are set aside: they are held, and their "
                    "names are not published; stop and start phonebookd to try them again",
                    n, set->n_set_aside);
    set->n_aside = 0; /* only the start sets connections aside */
}

static enum registry_outcome register_text(struct connection *c, const struct kept_text *taken,
                                           struct registration **added,
                                           char why[static REGISTRY_WHY_MAX])
{
    return connection_register(c, &taken->request, taken->since,
                               taken->in_part ? REGISTRY_TAKEN_IN_PART : REGISTRY_TAKEN, added,
                               why);
}

/* The registration, with its claims; or NULL, with `why` set. */
static struct registration *place_taken(struct connection *c, const struct kept_text *taken,
                                        char why[static REGISTRY_WHY_MAX])
{
    if (c->holder.aside) {
        snprintf(why, REGISTRY_WHY_MAX, "aside, since phonebookd crashed again and again");
        return NULL;
    }
    if (connection_enter(c, true, why) != REQUEST_OK) {
        connection_be_unentered(c);
        return NULL;
    }
    struct registration *r;
    if (register_text(c, taken, &r, why) != REGISTRY_OK)
        return NULL;
    c->set->ops->changed(c->set->owner);
    return r;
}

/* Keeps a registration that has no place now: another configuration may have a place for it, and
 * another keeper needs its text. */
static struct registration *keep_unplaced(struct connection *c, const struct kept_text *taken)
{
    const struct request *request = &taken->request;
    struct registration *r = registry_keep(c->set->registry, &c->holder, request->name,
                                           request->interface, &request->options, taken->since);
    if (!r)
        return NULL;
    r->in_part = taken->in_part;
    c->set->ops->changed(c->set->owner); /* the list has it */
    return r;
}

static void place_again(struct connection *c)
{
    char why[REGISTRY_WHY_MAX];
    for (struct registration *r = c->holder.registrations, *same; r; r = r->next) {
        struct kept_text kept = kept_text_of(r);
        if (r->n_claims == 0 && register_text(c, &kept, &same, why) != REGISTRY_OK)
            log_caused(LOG_LOST, c->holder.uid, "%s on %s (uid %u) is still not published: %s",
                       r->name, r->interface, c->holder.uid, why);
    }
    c->set->ops->changed(c->set->owner);
}

static void enter_again(struct connection *c)
{
    char why[REGISTRY_WHY_MAX];
    if (connection_enter(c, true, why) != REQUEST_OK) {
        connection_be_unentered(c);
        return;
    }
    connection_leave_unentered(c);
    log_caused_over(LOG_NAMESPACE, c->holder.uid,
                    "the network namespace of uid %u, pid %d is followed now", c->holder.uid,
                    c->holder.pid);
    place_again(c);
}

void connections_enter_again(struct connections *set, uint64_t now)
{
    for (int i = 0; i < ENTRIES_PER_TURN; i++) {
        struct connection *c = TAILQ_FIRST(&set->unentered);
        if (!c || c->enter_at > now)
            return;
        enter_again(c);
    }
}

/* Our state, from the client or an earlier takeover, is newer than any text. If the text differs,
 * our state is stored again. False if we do not know the registration. */
static bool note_known(const struct connection *c, const struct kept_text *taken)
{
    const struct request *request = &taken->request;
    struct registration *r = registry_find(&c->holder, request->name, request->interface);
    if (!r || r->given)
        return false;
    r->kept = request_options_same(&r->options, &request->options) && r->since == taken->since &&
              r->in_part == taken->in_part;
    return true;
}

/* The client withdrew this registration while the keeper could not be told. We know that if we know
 * all registrations of the connection: it connected to this phonebookd, or a takeover since it came
 * was completed. If the keeper's queue is full now, the next phonebookd takes the name over again. */
static bool is_withdrawn(struct connection *c, const struct kept_text *taken)
{
    const struct request *request = &taken->request;
    if (c->came_with > c->set->took_all ||
        registry_find(&c->holder, request->name, request->interface))
        return false;
    (void)connection_forget(c, taken);
    return true;
}

bool connection_take_text(struct connection *c, const char *text, size_t length,
                          char why[static REGISTRY_WHY_MAX])
{
    struct kept_text taken;
    const char *wrong = kept_text_read(&taken, text, length);
    if (wrong) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", wrong);
        return false;
    }
    if (is_withdrawn(c, &taken))
        return true;
    /* A former phonebookd accepted a request of this client, so the idle limit does not apply to
     * it. */
    c->accepted = true;
    connection_leave_idle(c);
    if (note_known(c, &taken))
        return true;
    struct registration *placed = place_taken(c, &taken, why);
    struct registration *r = placed ? placed : keep_unplaced(c, &taken);
    if (r)
        r->kept = r->given = true;
    else
        c->came_with = UINT_MAX; /* out of memory: a text is missing here */
    return placed;
}

void connections_taken_request(struct connections *set, uint64_t key, const char *text,
                               size_t length)
{
    struct connection *c = connections_find_kept(set, key);
    const char *request = kept_text_request(text, length);
    char why[REGISTRY_WHY_MAX];
    if (c && !connection_take_text(c, text, length, why))
        log_caused(LOG_LOST, c->holder.uid,
                   "a name that the keeper held is not published: %.*s: %s",
                   (int)(text + length - request), request, why);
}

void connections_taken_note(struct connections *set, uint64_t key, const char *text, size_t length)
{
    struct remnant_text remnant;
    /* A name whose end is in the future would linger for longer than any zone allows. */
    if (!remnant_parse(&remnant, key, text, length) || remnant.note.ended > boot_ms()) {
        log_caused(
            LOG_LOST, LOG_NOBODY,
            "a name that lingered is not published: its note is not as phonebookd writes it");
        return;
    }
    remnant.note.owner = owners_find(set->owners, remnant.note.uid);
    if (registry_take_note(set->registry, &remnant.note))
        set->ops->changed(set->owner);
    else
        log_caused(LOG_LOST, remnant.note.uid, "%s of uid %u does not linger: out of memory",
                   remnant.note.name, remnant.note.uid);
}
