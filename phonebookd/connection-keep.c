/* The keeper's part in a connection's life: what is stored when, and what was taken back at a
 * start.
 *
 * Texts are "SECONDS REQUEST": when the registration began, and its line without the end of line.
 * Their subject is all before the keys, so that a renewal replaces what it renews. */
#include "connection-parts.h"

#include "limits.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(KEEP_TEXT_MAX >= REQUEST_LINE_MAX + 21,
               "a text has room for a request and a number");
_Static_assert((int)KEEP_TEXTS_PER_SOCKET >= (int)REGISTRATIONS_PER_CONNECTION,
               "the keeper holds all that a connection may register");

static void set_unkept(struct connection *c, bool unkept)
{
    if (unkept && !c->in_unkept)
        TAILQ_INSERT_TAIL(&c->set->unkept, c, unkept);
    if (!unkept && c->in_unkept)
        TAILQ_REMOVE(&c->set->unkept, c, unkept);
    c->in_unkept = unkept;
}

static struct request request_of(const struct registration *r)
{
    struct request request = {.ttl = r->ttl, .wait = -1, .linger = r->linger};

    snprintf(request.name, sizeof request.name, "%s", r->name);
    snprintf(request.interface, sizeof request.interface, "%s", r->interface);
    return request;
}

/* 0, or what keep_request() said. */
static int keep_registration(struct connection *c, struct registration *r)
{
    struct request request = request_of(r);
    char text[KEEP_TEXT_MAX], line[REQUEST_LINE_MAX];
    size_t length = request_format(line, &request), start;
    int result;

    if (length == 0)
        return -EINVAL;
    start = (size_t)snprintf(text, sizeof text, "%" PRId64 " ", r->since);
    memcpy(text + start, line, length - 1); /* without its LF */
    result =
        c->set->ops->keep_request(c->set->owner, c->key, text, start + length - 1,
                                  start + strlen(request.name) + 1 + strlen(request.interface));
    if (result == 0) {
        r->kept = true;
        c->results_due++;
    }
    return result;
}

/* The oldest first (the list is the other way round): where the keeper has no room for all, those
 * are left out that came last. */
static int keep_registrations(struct connection *c, struct registration *newest)
{
    int result = newest ? keep_registrations(c, newest->next) : 0;

    if (newest && result == 0 && !newest->kept)
        result = keep_registration(c, newest);
    return result;
}

/* Hands over what the keeper does not have yet, the socket first. KEEP_SENT: it has all.
 * KEEP_BLOCKED: its queue is full, the connection waits in `unkept`. KEEP_NONE: there is no keeper
 * to wait for. */
int connection_keep(struct connection *c)
{
    int result = 0;

    if (!c->kept) {
        result = c->set->ops->keep_socket(c->set->owner, c->fd, c->key);
        c->kept = result == 0;
    }
    if (result == 0)
        result = keep_registrations(c, c->holder.registrations);
    set_unkept(c, result == -EAGAIN);
    if (result == -EAGAIN)
        return KEEP_BLOCKED;
    if (result != 0 && result != -ENOTCONN)
        log_error("the keeper could not be given a registration: %s", strerror(-result));
    return result == 0 ? KEEP_SENT : KEEP_NONE;
}

/* Nobody to wait for any more, or not yet asked: goes on with a connection after connection_keep().
 */
static void go_on(struct connection *c, int outcome)
{
    if (outcome == KEEP_BLOCKED)
        return;
    connection_watch(c);
    if (c->state == CONNECTION_STORING && (outcome == KEEP_NONE || c->results_due == 0)) {
        connection_accepted(c);
        connection_work(c);
    }
}

void connections_keep_all(struct connections *set)
{
    struct connection *c;

    TAILQ_FOREACH (c, &set->all, all)
        set_unkept(c, true);
    connections_keep_more(set);
}

void connections_keep_more(struct connections *set)
{
    struct connection *c;

    while ((c = TAILQ_FIRST(&set->unkept))) {
        int outcome = connection_keep(c);

        go_on(c, outcome);
        if (outcome == KEEP_BLOCKED)
            return;
    }
}

static void forget_kept(struct connection *c)
{
    c->kept = false;
    c->results_due = 0;
    for (struct registration *r = c->holder.registrations; r; r = r->next)
        r->kept = r->given = false;
}

void connections_keeper_connected(struct connections *set)
{
    struct connection *c;

    TAILQ_FOREACH (c, &set->all, all)
        forget_kept(c);
}

void connections_keeper_lost(struct connections *set)
{
    struct connection *c, *next;

    for (c = TAILQ_FIRST(&set->all); c; c = next) {
        next = TAILQ_NEXT(c, all);
        forget_kept(c);
        set_unkept(c, false);
        go_on(c, KEEP_NONE);
    }
}

bool connections_taken_socket(struct connections *set, int fd, uint64_t key, bool aside)
{
    struct connection *c = connection_find(set, key);

    if (c) { /* the keeper lived on and we did: it is ours already */
        close(fd);
        c->kept = true;
        return true;
    }
    if (set->n >= set->limit) { /* the rest needs descriptors too */
        close(fd);
        return false;
    }
    c = connection_new(set, fd, key);
    if (!c)
        return false;
    accounts_charge_taken(set->accounts, c->holder.uid, ACCOUNT_CONNECTIONS);
    c->kept = true;
    c->aside = aside;
    if (aside)
        connection_leave_idle(c);
    connection_watch(c);
    if (c->watched)
        return true;
    connection_end(c); /* its hang-up would not be seen; the keeper's copy stays */
    return false;
}

static void wait_for_namespace(struct connection *c)
{
    struct connections *set = c->set;

    if (TAILQ_EMPTY(&set->unentered)) {
        set->enter_again = uv_now(set->loop) + NAMESPACE_RETRY_MS;
        connections_clock_at(set, set->enter_again);
    }
    if (!c->in_unentered)
        TAILQ_INSERT_TAIL(&set->unentered, c, unentered);
    c->in_unentered = true;
}

/* The registration, with its claims; or NULL, with `why` set. */
static struct registration *place_taken(struct connection *c, const struct request *request,
                                        int64_t since, char why[static REGISTRY_WHY_MAX])
{
    struct registration *r;
    const char *text = NULL;

    if (c->aside) {
        snprintf(why, REGISTRY_WHY_MAX, "set aside, since phonebookd crashed again and again");
        return NULL;
    }
    if (connection_enter(c, &text) != REQUEST_OK) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", text);
        wait_for_namespace(c);
        return NULL;
    }
    if (connection_register(c, request, since, true, &r, why) != REGISTRY_OK)
        return NULL;
    c->set->ops->changed(c->set->owner);
    return r;
}

/* What has no place now is not forgotten: another configuration may have one for it, and another
 * keeper is to be given it. */
static struct registration *keep_unplaced(struct connection *c, const struct request *request,
                                          int64_t since)
{
    struct registration *r = registry_keep(c->set->registry, &c->holder, request->name,
                                           request->interface, request->ttl, since);

    if (r)
        registration_set_linger(r, request->linger);
    return r;
}

static bool register_taken(struct connection *c, const struct request *request, int64_t since,
                           char why[static REGISTRY_WHY_MAX])
{
    struct registration *placed = place_taken(c, request, since, why);
    struct registration *r = placed ? placed : keep_unplaced(c, request, since);

    if (r)
        r->kept = r->given = true;
    return placed != NULL;
}

static void place_again(struct connection *c)
{
    char why[REGISTRY_WHY_MAX];

    for (struct registration *r = c->holder.registrations, *same; r; r = r->next) {
        struct request request = request_of(r);

        if (r->n_claims == 0 &&
            connection_register(c, &request, r->since, true, &same, why) != REGISTRY_OK)
            log_warning("%s on %s (uid %u) is still not published: %s", r->name, r->interface,
                        c->holder.uid, why);
    }
    c->set->ops->changed(c->set->owner);
}

void connections_enter_again(struct connections *set)
{
    struct connection *c, *next;
    const char *why;

    for (c = TAILQ_FIRST(&set->unentered); c; c = next) {
        next = TAILQ_NEXT(c, unentered);
        if (connection_enter(c, &why) != REQUEST_OK)
            continue;
        TAILQ_REMOVE(&set->unentered, c, unentered);
        c->in_unentered = false;
        log_info("the network namespace of uid %u, pid %d is followed now", c->holder.uid,
                 c->holder.pid);
        place_again(c);
    }
    set->enter_again = uv_now(set->loop) + NAMESPACE_RETRY_MS;
}

/* What we know from the client, or from an earlier takeover, is newer than any text: that says only
 * what the keeper has. Where it is something else, it is given the present state again. */
static bool is_known(const struct connection *c, const struct request *request, int64_t since)
{
    struct registration *r = registry_find(&c->holder, request->name, request->interface);

    if (!r || r->given)
        return false;
    r->kept = r->ttl == request->ttl && r->linger == request->linger && r->since == since;
    return true;
}

bool connections_taken_request(struct connections *set, uint64_t key, const char *text,
                               size_t length, char why[static REGISTRY_WHY_MAX])
{
    struct connection *c = connection_find(set, key);
    char copy[KEEP_TEXT_MAX + 1], *line;
    struct request request;
    const char *bad = "it is not as phonebookd stores it";
    int64_t since;

    if (!c)
        return true;
    length = length > KEEP_TEXT_MAX ? KEEP_TEXT_MAX : length;
    memcpy(copy, text, length);
    copy[length] = '\0';
    since = strtoll(copy, &line, 10);
    if (*line++ != ' ' ||
        request_parse(&request, line, length - (size_t)(line - copy), &bad) != REQUEST_OK) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", bad);
        return false;
    }
    /* It was accepted once, so that its client is no silent newcomer, whatever comes of it now. */
    c->accepted = true;
    connection_leave_idle(c);
    return is_known(c, &request, since) || register_taken(c, &request, since, why);
}

/* Once: who asks again and again is not to fill the log. */
static void warn_of_full(struct connection *c, const char *what)
{
    if (!c->full_said)
        log_warning("the keeper is full: a %s of uid %u would not survive a restart", what,
                    c->holder.uid);
    c->full_said = true;
}

void connections_stored(struct connections *set, uint64_t key, enum keep_result result)
{
    struct connection *c = connection_find(set, key);

    if (!c || c->results_due == 0)
        return;
    c->results_due--;
    if (c->state != CONNECTION_STORING || c->results_due > 0 || c->in_unkept) {
        if (result == KEEP_FULL)
            warn_of_full(c, "registration");
        return;
    }
    if (result == KEEP_FULL && !c->renewed) {
        connection_refuse_current(c,
                                  "error limit the keeper has no room for another registration\n");
    } else {
        if (result == KEEP_FULL) /* a restart would bring back what it was before */
            warn_of_full(c, "registration");
        connection_accepted(c);
    }
    connection_work(c);
}

void connections_refused_by_keeper(struct connections *set, uint64_t key)
{
    struct connection *c = connection_find(set, key);

    if (!c)
        return;
    if (!c->accepted) {
        connection_kick(c, "error limit the keeper has no room for another connection\n");
        return;
    }
    warn_of_full(c, "connection");
}
