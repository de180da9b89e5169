/* The users that have connections, and whose turn is next.
 *
 * A user is queued in connections::ready while one of his connections is in his own `ready`; who
 * has had a turn goes to the end. Within a user whoever has waited longest is first. */
#include "connection-parts.h"

#include <search.h>
#include <stdlib.h>

static int compare_uids(const void *left, const void *right)
{
    const struct user *a = left, *b = right;

    return (a->uid > b->uid) - (a->uid < b->uid);
}

struct user *user_acquire(struct connections *set, uint32_t uid)
{
    struct user wanted = {.uid = uid}, *user;
    struct user **found = tfind(&wanted, &set->users, compare_uids);

    user = found ? *found : calloc(1, sizeof *user);
    if (!user)
        return NULL;
    if (!found) {
        user->uid = uid;
        TAILQ_INIT(&user->ready);
        if (!tsearch(user, &set->users, compare_uids)) {
            free(user);
            return NULL;
        }
    }
    user->n++;
    return user;
}

void user_release(struct connections *set, struct user *user)
{
    if (--user->n > 0)
        return;
    tdelete(user, &set->users, compare_uids);
    free(user);
}

static void leave_queue(struct connections *set, struct user *user)
{
    if (user->queued)
        TAILQ_REMOVE(&set->ready, user, queue);
    user->queued = false;
}

/* Out of whatever it waits in. */
static void leave_list(struct connection *c)
{
    struct user *user = c->user;

    if (c->waits_in)
        TAILQ_REMOVE(c->waits_in, c, queue);
    c->waits_in = NULL;
    if (TAILQ_EMPTY(&user->ready))
        leave_queue(c->set, user);
}

void connection_wait_in(struct connection *c, struct connection_list *list)
{
    leave_list(c);
    if (list)
        TAILQ_INSERT_TAIL(list, c, queue);
    c->waits_in = list;
}

void connection_wait_for_turn(struct connection *c)
{
    struct user *user = c->user;

    connection_wait_in(c, &user->ready);
    if (!user->queued)
        TAILQ_INSERT_TAIL(&c->set->ready, user, queue);
    user->queued = true;
}

void connection_stay_first(struct connection *c)
{
    struct user *user = c->user;

    leave_list(c);
    TAILQ_INSERT_HEAD(&user->ready, c, queue);
    c->waits_in = &user->ready;
    leave_queue(c->set, user);
    TAILQ_INSERT_HEAD(&c->set->ready, user, queue);
    user->queued = true;
}

struct connection *connections_take_first(struct connections *set)
{
    struct user *user = TAILQ_FIRST(&set->ready);
    struct connection *c = TAILQ_FIRST(&user->ready);

    leave_list(c);
    if (user->queued) { /* he has more, and had his turn */
        leave_queue(set, user);
        TAILQ_INSERT_TAIL(&set->ready, user, queue);
        user->queued = true;
    }
    return c;
}
