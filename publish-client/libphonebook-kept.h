/* What a program wants to be registered: all that it asked for on a connection and that was neither
 * refused nor withdrawn. A later connection gets the same requests (phonebook_reconnect()). Pure.
 *
 * A request waits in `asked` until its answer comes, in the order of `struct requests`. An accepted
 * one moves to `wanted`, where it replaces the one with the same name and interface; an accepted
 * withdrawal removes that one. */
#ifndef PUBLISH_CLIENT_LIBPHONEBOOK_KEPT_H
#define PUBLISH_CLIENT_LIBPHONEBOOK_KEPT_H

#include "request.h"

#include <stdbool.h>
#include <sys/queue.h>

struct kept {
    STAILQ_ENTRY(kept) next;
    bool withdraws;
    struct request request; /* without what is about its answer alone */
};

STAILQ_HEAD(kept_list, kept);

struct kept_requests {
    struct kept_list asked, wanted; /* owned; oldest first */
};

void kept_init(struct kept_requests *kept);
void kept_fini(struct kept_requests *kept);

/* A copy for kept_ask(), or NULL if memory ran out. */
struct kept *kept_new(const struct request *request);
/* Adds it to `asked`, which owns it then. */
void kept_ask(struct kept_requests *kept, struct kept *asked);
/* The oldest of `asked`, of which there must be one, has its answer. */
void kept_answered(struct kept_requests *kept, bool accepted);
/* No answers will come any more: each request of `asked` counts as accepted, since the program was
 * not told otherwise. */
void kept_unanswered(struct kept_requests *kept);

#endif
