/* The requests that a program wants to be valid: all requests on a connection that were neither
 * refused nor withdrawn. phonebook_reconnect() repeats them on a new connection. Pure.
 *
 * A request waits in `asked` until its answer comes, in the order of `struct requests`. When it is
 * accepted, it moves to `wanted`, where it replaces the request with the same name and interface.
 * An accepted withdrawal removes that request. */
#ifndef PUBLISH_CLIENT_LIBPHONEBOOK_KEPT_H
#define PUBLISH_CLIENT_LIBPHONEBOOK_KEPT_H

#include "request.h"

#include <stdbool.h>
#include <sys/queue.h>

struct kept {
    STAILQ_ENTRY(kept) next;
    bool withdraws;
    struct request request; /* without the options that are about the answer only */
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
/* The oldest request of `asked` was answered. There must be one. */
void kept_answered(struct kept_requests *kept, bool accepted);
/* No more answers will come: each request of `asked` counts as accepted, because the program was
 * not told that it was refused. */
void kept_unanswered(struct kept_requests *kept);

#endif
