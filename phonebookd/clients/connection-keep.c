#include "connection-keep.h"

#include "../limits.h"
#include "../log.h"
#include "../state/registry.h"
#include "connection-life.h"
#include "connection-waits.h"
#include "remnant-text.h"

#include <errno.h>
#include <string.h>

/* 0, or -errno. */
static int keep_registration(struct connection *c, struct registration *r)
{
    struct kept_text kept = kept_text_of(r);
    char text[KEEP_TEXT_MAX];
    size_t subject, length = kept_text_write(text, &kept, &subject);
    if (length == 0)
        return -EINVAL;
    int error = c->set->ops->keep_request(c->set->owner, c->key, text, length, subject);
    if (error == 0) {
        r->kept = true;
        c->results_due++;
        c->set->sent++;
    }
    return error;
}

/* Flags that were set for a former keeper are invalid. Walking over all connections when a keeper
 * comes or goes would stop the loop (200,000 names), so each connection is checked when it is next
 * used. */
static void forget_former_keeper(struct connection *c)
{
    if (c->keeper == c->set->keeper)
        return;
    c->keeper = c->set->keeper;
    c->kept = false;
    c->results_due = c->current_due = 0;
    for (struct registration *r = c->holder.registrations; r; r = r->next)
        r->kept = r->given = false;
}

struct connection *connections_find_kept(const struct connections *set, uint64_t key)
{
    struct connection *c = connection_find(set, key);
    if (c)
        forget_former_keeper(c);
    return c;
}

static int keep_socket(struct connection *c)
{
    int error = c->set->ops->keep_socket(c->set->owner, c->fd, c->key);
    c->kept = error == 0;
    return error;
}

/* Handles the result of a message. True if the keeper's queue is full: nothing is sent until it has
 * room. Without a keeper everything goes on; any other error is a bug. */
static bool note_blocked(struct connections *set, int error)
{
    if (error == -EAGAIN)
        set->blocked = true;
    else if (error != 0 && error != -ENOTCONN && error != -EOPNOTSUPP)
        log_caused(LOG_KEEPER, LOG_NOBODY, "the keeper could not be given a registration: %s",
                   strerror(-error));
    return error == -EAGAIN;
}

bool connection_store_socket(struct connection *c)
{
    forget_former_keeper(c);
    if (c->kept || !note_blocked(c->set, keep_socket(c)))
        return true;
    connection_stay_first(c);
    return false;
}

/* Stores only `current`: no client waits for the connection's other texts. */
bool connection_store_current(struct connection *c)
{
    if (!connection_store_socket(c))
        return false;
    if (!c->kept || c->current->kept)
        return true;
    int error = keep_registration(c, c->current);
    if (note_blocked(c->set, error)) {
        connection_stay_first(c);
        return false;
    }
    if (error == 0) {
        c->current_due = c->results_due;
        connection_wait_in(c, &c->set->storing);
    }
    return error != 0;
}

/* Sent even if `kept` is false, because the keeper may have the text of an earlier state. */
bool connection_forget(struct connection *c, const struct kept_text *kept)
{
    char text[KEEP_TEXT_MAX];
    size_t subject;
    if (kept_text_write(text, kept, &subject) == 0)
        return true;
    return !note_blocked(c->set, c->set->ops->forget_request(c->set->owner, c->key, text, subject));
}

/* ---- storing again, and notes ----
 *
 * The order of messages: requests are sent before texts that are stored again, except for one
 * portion of those, which may be in the keeper's queue already. Notes of lingering names alternate
 * with these texts, so a user whose names begin and end lingering all the time does not delay
 * anybody. A portion is sent at the beginning of a turn when the keeper has answered the one
 * before, even if requests wait. So this goes on, oldest connection first, until the cursor has
 * passed the newest. A connection that comes meanwhile is stored in its own turn; the cursor finds
 * nothing to do for it. */

/* Will the connection's next turn store it? */
static bool is_queued(const struct connection *c, const struct registration *r)
{
    return c->state == CONNECTION_STORING && c->current_due == 0 && r == c->current;
}

static struct registration *oldest_unkept(const struct connection *c)
{
    struct registration *oldest = NULL;
    for (struct registration *r = c->holder.registrations; r; r = r->next)
        if (!r->kept && !is_queued(c, r))
            oldest = r;
    return oldest;
}

/* Sends one message, or moves on by one connection. False if nothing is left, or there is no
 * room. */
static bool store_one_again(struct connections *set)
{
    struct connection *c = set->again;
    if (!c || set->blocked)
        return false;
    forget_former_keeper(c);
    struct registration *r = oldest_unkept(c);
    int error = 0;
    if (!c->kept)
        error = keep_socket(c);
    else if (r)
        error = keep_registration(c, r);
    if (note_blocked(set, error))
        return false;
    if (error != 0 || !r)
        set->again = TAILQ_NEXT(c, all);
    return true;
}

/* Sends one note, or its removal. False if nothing is left, or there is no room. */
static bool store_note(struct connections *set)
{
    bool may = set->noting && !set->blocked;
    struct remnant *r = may ? registry_next_to_note(set->registry) : NULL;
    if (!r)
        return false;
    char text[KEEP_NOTE_MAX];
    size_t length = r->listing ? remnant_format(text, r) : 0;
    int error =
        set->ops->keep_note(set->owner, r->key, text, length, (uint32_t)(r->deadline / 1000));
    set->noting = error != -ENOTCONN;
    if (note_blocked(set, error) || !set->noting)
        return false;
    if (error == 0)
        set->sent++;
    registry_noted(set->registry, r, error == 0);
    return true;
}

bool connections_may_store_again(const struct connections *set)
{
    bool to_note = set->noting && registry_next_to_note(set->registry);
    return (set->again || to_note) && !set->blocked && set->answered >= set->again_at;
}

void connections_store_again(struct connections *set)
{
    bool (*const store[])(struct connections *) = {store_note, store_one_again};
    for (int i = 0; i < STORED_AGAIN_PER_TURN; i++)
        if (!store[i % 2](set) && !store[(i + 1) % 2](set))
            break;
    set->again_at = set->sent;
}

bool connections_are_stored(const struct connections *set)
{
    return !set->again && !set->blocked && !(set->noting && registry_next_to_note(set->registry));
}

bool connections_store_newcomers(struct connections *set)
{
    struct connection *c;
    TAILQ_FOREACH (c, &set->all, all)
        if (!connection_store_socket(c))
            return false;
    return true;
}

/* ---- the keeper's results ---- */

void connection_warn_of_full(const struct connection *c, const char *what)
{
    log_caused(LOG_KEEPER, c->holder.uid,
               "the keeper is full: a %s of uid %u would not survive a restart", what,
               c->holder.uid);
}

struct connection *connections_note_result(struct connections *set, uint64_t key,
                                           enum keep_result result)
{
    struct connection *c = connections_find_kept(set, key);
    if (set->answered < set->sent)
        set->answered++;
    if (!c || c->results_due == 0)
        return NULL;
    c->results_due--;
    if (c->current_due > 0 && --c->current_due == 0)
        return c;
    if (result == KEEP_FULL)
        connection_warn_of_full(c, "registration");
    return NULL;
}

void connections_refused_by_keeper(struct connections *set, uint64_t key)
{
    struct connection *c = connections_find_kept(set, key);
    if (!c)
        return;
    if (!c->accepted) {
        connection_kick(c, "error limit the keeper has no room for another connection\n");
        return;
    }
    connection_warn_of_full(c, "connection");
}
