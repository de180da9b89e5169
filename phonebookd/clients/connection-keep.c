/* The keeper's part in a connection's life: what is stored when, and what was taken back at a
 * start.
 *
 * Texts are "SECONDS REQUEST": when the registration began, and its line without the end of line.
 * Their subject is all before the keys, so that a renewal replaces what it renews. Where a rule for
 * names kept a registration out of a zone, IN_PART is behind that: else the next phonebookd, which
 * does not ask such rules for what was accepted, would let it in. */
#include "connection-parts.h"

#include "../../common/request-options.h"
#include "../../keeper/protocol.h"
#include "../limits.h"
#include "../log.h"
#include "../state/accounts.h"
#include "../state/registry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char in_part[] = " /"; /* which ends no request: an interface has no slash */

_Static_assert(KEEP_TEXT_MAX >= REQUEST_LINE_MAX + 21 + sizeof in_part,
               "a text has room for a request, a number and IN_PART");
_Static_assert((int)KEEP_TEXTS_PER_SOCKET >= (int)REGISTRATIONS_PER_CONNECTION,
               "the keeper holds all that a connection may register");

static struct request request_of(const struct registration *r)
{
    struct request request = {.options = r->options};

    snprintf(request.name, sizeof request.name, "%s", r->name);
    snprintf(request.interface, sizeof request.interface, "%s", r->interface);
    return request;
}

/* 0, or -errno. */
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
    length += start - 1;
    if (r->in_part) {
        memcpy(text + length, in_part, sizeof in_part - 1);
        length += sizeof in_part - 1;
    }
    result =
        c->set->ops->keep_request(c->set->owner, c->key, text, length,
                                  start + strlen(request.name) + 1 + strlen(request.interface));
    if (result == 0) {
        r->kept = true;
        c->results_due++;
        c->set->sent++;
    }
    return result;
}

/* Flags that were set for a former keeper say nothing. Nobody walks all connections when one comes
 * or goes (200,000 names would stop the loop): each is looked at when it is next dealt with. */
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

static struct connection *find(const struct connections *set, uint64_t key)
{
    struct connection *c = connection_find(set, key);

    if (c)
        forget_former_keeper(c);
    return c;
}

static int keep_socket(struct connection *c)
{
    int result = c->set->ops->keep_socket(c->set->owner, c->fd, c->key);

    c->kept = result == 0;
    return result;
}

/* True where its queue is full: nothing is sent until it has room. Where there is none, all goes on
 * without; anything else is a mistake. */
static bool is_blocked(struct connections *set, int result)
{
    if (result == -EAGAIN)
        set->blocked = true;
    else if (result != 0 && result != -ENOTCONN)
        log_caused(LOG_KEEPER, LOG_NOBODY, "the keeper could not be given a registration: %s",
                   strerror(-result));
    return result == -EAGAIN;
}

bool connection_store_socket(struct connection *c)
{
    forget_former_keeper(c);
    if (c->kept || !is_blocked(c->set, keep_socket(c)))
        return true;
    connection_stay_first(c);
    return false;
}

/* Only that: what else the keeper lacks of the connection, nobody waits for. */
void connection_store_current(struct connection *c)
{
    int result;

    if (!connection_store_socket(c))
        return;
    if (!c->kept || c->current->kept) { /* there is no keeper, or nothing new for it */
        connection_accepted(c);
        return;
    }
    result = keep_registration(c, c->current);
    if (is_blocked(c->set, result)) {
        connection_stay_first(c);
    } else if (result == 0) {
        c->current_due = c->results_due;
        connection_wait_in(c, &c->set->storing);
    } else {
        connection_accepted(c);
    }
}

/* ---- storing again ----
 *
 * Who may overtake whom: a request is sent before all that is only stored again, but for one
 * portion of that, which may be in the keeper's queue already. A portion is sent at the beginning
 * of a turn, when the keeper has answered the one before, whether requests wait or not: so it goes
 * on, oldest connection first, and ends when the cursor has passed the newest. A connection that
 * comes meanwhile is stored by its own turn; the cursor finds nothing to do for it. */

/* Does a turn of its own store it? */
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

/* One message, or one connection further. False where the queue is full. */
static bool store_one_again(struct connections *set)
{
    struct connection *c = set->again;
    struct registration *r;
    int result = 0;

    forget_former_keeper(c);
    r = oldest_unkept(c);
    if (!c->kept)
        result = keep_socket(c);
    else if (r)
        result = keep_registration(c, r);
    if (is_blocked(set, result))
        return false;
    if (result != 0 || !r)
        set->again = TAILQ_NEXT(c, all);
    return true;
}

bool connections_may_store_again(const struct connections *set)
{
    return set->again && !set->blocked && set->answered >= set->again_at;
}

void connections_store_again(struct connections *set)
{
    for (int i = 0; i < STORED_AGAIN_PER_TURN && set->again; i++)
        if (!store_one_again(set))
            break;
    set->again_at = set->sent;
}

void connections_keep_all(struct connections *set)
{
    set->again = TAILQ_FIRST(&set->all);
    set->again_at = 0;
    connections_go_on(set);
}

void connections_keep_more(struct connections *set)
{
    set->blocked = false;
    connections_go_on(set);
}

/* ---- a keeper comes and goes ---- */

/* Who waits for an answer of the former one has waited longest, and goes first: to the next keeper,
 * or on without. They are STORING_MAX at most. */
static void put_storing_first(struct connections *set)
{
    struct connection *c;

    while ((c = TAILQ_LAST(&set->storing, connection_list)))
        connection_stay_first(c);
}

void connections_keeper_connected(struct connections *set)
{
    set->keeper++;
    set->answered = set->sent;
    set->again = NULL;
    set->blocked = false;
    put_storing_first(set);
    connections_go_on(set);
}

void connections_keeper_lost(struct connections *set)
{
    connections_keeper_connected(set); /* as little is known of any */
}

bool connections_taken_socket(struct connections *set, int fd, uint64_t key, bool aside)
{
    struct connection *c = find(set, key);

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
    if (c->in_unentered)
        TAILQ_REMOVE(&c->set->unentered, c, unentered);
    c->in_unentered = true;
    c->enter_at = uv_now(c->set->loop) + NAMESPACE_RETRY_MS;
    TAILQ_INSERT_TAIL(&c->set->unentered, c, unentered);
    connections_clock_at(c->set, c->enter_at);
}

/* What a text says. */
struct taken {
    struct request request;
    int64_t since;
    bool in_part;
};

static enum registry_origin origin_of(bool part)
{
    return part ? REGISTRY_TAKEN_IN_PART : REGISTRY_TAKEN;
}

/* The registration, with its claims; or NULL, with `why` set. */
static struct registration *place_taken(struct connection *c, const struct taken *taken,
                                        char why[static REGISTRY_WHY_MAX])
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
    if (connection_register(c, &taken->request, taken->since, origin_of(taken->in_part), &r, why) !=
        REGISTRY_OK)
        return NULL;
    c->set->ops->changed(c->set->owner);
    return r;
}

/* What has no place now is not forgotten: another configuration may have one for it, and another
 * keeper is to be given it. */
static struct registration *keep_unplaced(struct connection *c, const struct taken *taken)
{
    const struct request *request = &taken->request;
    struct registration *r = registry_keep(c->set->registry, &c->holder, request->name,
                                           request->interface, &request->options, taken->since);

    if (!r)
        return NULL;
    r->in_part = taken->in_part;
    return r;
}

static bool register_taken(struct connection *c, const struct taken *taken,
                           char why[static REGISTRY_WHY_MAX])
{
    struct registration *placed = place_taken(c, taken, why);
    struct registration *r = placed ? placed : keep_unplaced(c, taken);

    if (r)
        r->kept = r->given = true;
    return placed != NULL;
}

static void place_again(struct connection *c)
{
    char why[REGISTRY_WHY_MAX];

    for (struct registration *r = c->holder.registrations, *same; r; r = r->next) {
        struct request request = request_of(r);

        if (r->n_claims == 0 && connection_register(c, &request, r->since, origin_of(r->in_part),
                                                    &same, why) != REGISTRY_OK)
            log_caused(LOG_LOST, c->holder.uid, "%s on %s (uid %u) is still not published: %s",
                       r->name, r->interface, c->holder.uid, why);
    }
    c->set->ops->changed(c->set->owner);
}

static void enter_again(struct connection *c)
{
    const char *why;

    if (connection_enter(c, &why) != REQUEST_OK) {
        wait_for_namespace(c);
        return;
    }
    TAILQ_REMOVE(&c->set->unentered, c, unentered);
    c->in_unentered = false;
    log_caused_over(LOG_NAMESPACE, c->holder.uid,
                    "the network namespace of uid %u, pid %d is followed now", c->holder.uid,
                    c->holder.pid);
    place_again(c);
}

void connections_enter_again(struct connections *set, uint64_t now)
{
    struct connection *c;

    for (int i = 0; i < ENTRIES_PER_TURN; i++) {
        c = TAILQ_FIRST(&set->unentered);
        if (!c || c->enter_at > now)
            return;
        enter_again(c);
    }
}

/* What we know from the client, or from an earlier takeover, is newer than any text: that says only
 * what the keeper has. Where it is something else, it is given the present state again. */
static bool is_known(const struct connection *c, const struct taken *taken)
{
    const struct request *request = &taken->request;
    struct registration *r = registry_find(&c->holder, request->name, request->interface);

    if (!r || r->given)
        return false;
    r->kept = request_options_same(&r->options, &request->options) && r->since == taken->since &&
              r->in_part == taken->in_part;
    return true;
}

uint32_t connections_uid_of(const struct connections *set, uint64_t key)
{
    const struct connection *c = connection_find(set, key);

    return c ? c->holder.uid : UINT32_MAX;
}

/* Fills in *taken; NULL, or what is wrong with the text (a static text). */
static const char *read_text(struct taken *taken, const char *text, size_t length)
{
    const char *wrong = "it is not as phonebookd stores it";
    size_t part = sizeof in_part - 1;
    char copy[KEEP_TEXT_MAX + 1], *line;

    length = length > KEEP_TEXT_MAX ? KEEP_TEXT_MAX : length;
    taken->in_part = length >= part && memcmp(text + length - part, in_part, part) == 0;
    if (taken->in_part)
        length -= part;
    memcpy(copy, text, length);
    copy[length] = '\0';
    taken->since = strtoll(copy, &line, 10);
    if (*line++ != ' ')
        return wrong;
    return request_parse(&taken->request, line, length - (size_t)(line - copy), &wrong) ==
                   REQUEST_OK
               ? NULL
               : wrong;
}

bool connections_taken_request(struct connections *set, uint64_t key, const char *text,
                               size_t length, char why[static REGISTRY_WHY_MAX])
{
    struct connection *c = find(set, key);
    struct taken taken;
    const char *wrong;

    if (!c)
        return true;
    wrong = read_text(&taken, text, length);
    if (wrong) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", wrong);
        return false;
    }
    /* It was accepted once, so that its client is no silent newcomer, whatever comes of it now. */
    c->accepted = true;
    connection_leave_idle(c);
    return is_known(c, &taken) || register_taken(c, &taken, why);
}

static void warn_of_full(const struct connection *c, const char *what)
{
    log_caused(LOG_KEEPER, c->holder.uid,
               "the keeper is full: a %s of uid %u would not survive a restart", what,
               c->holder.uid);
}

/* `current` has its result. */
static void be_stored(struct connection *c, enum keep_result result)
{
    connection_wait_in(c, NULL);
    if (result == KEEP_FULL && !c->renewed) {
        connection_refuse_current(c,
                                  "error limit the keeper has no room for another registration\n");
        return;
    }
    if (result == KEEP_FULL) /* a restart would bring back what it was before */
        warn_of_full(c, "registration");
    connection_accepted(c);
}

void connections_stored(struct connections *set, uint64_t key, enum keep_result result)
{
    struct connection *c = find(set, key);

    if (set->answered < set->sent)
        set->answered++;
    connections_go_on(set);
    if (!c || c->results_due == 0)
        return;
    c->results_due--;
    if (c->current_due > 0 && --c->current_due == 0)
        be_stored(c, result);
    else if (result == KEEP_FULL)
        warn_of_full(c, "registration");
}

void connections_refused_by_keeper(struct connections *set, uint64_t key)
{
    struct connection *c = find(set, key);

    if (!c)
        return;
    if (!c->accepted) {
        connection_kick(c, "error limit the keeper has no room for another connection\n");
        return;
    }
    warn_of_full(c, "connection");
}
