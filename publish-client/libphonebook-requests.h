/* The requests of a connection that have no answer yet, oldest first, as the lines that are sent.
 * Pure.
 *
 * Happy path: each line has an id, one more than the line before, and the answer has the same. The
 * daemon answers in the order of the requests, so an answer with another id is one that comes again
 * (a phonebookd that was killed behind an answer leaves its request to the next,
 * phonebook-protocol(7)), or was asked for by an earlier user of the connection.
 *
 * Failure modes: a phonebookd that is older than ids refuses them (`syntax`), and answers without.
 * So the first request is sent alone where there was none, and the others after its answer: where
 * that is such a refusal, all are sent without ids, and their answers are told apart by their order
 * alone. An error without id, from a phonebookd that knows ids, is its last word on the
 * connection. */
#ifndef PUBLISH_CLIENT_LIBPHONEBOOK_REQUESTS_H
#define PUBLISH_CLIENT_LIBPHONEBOOK_REQUESTS_H

#include "request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUESTS_ROOM = 64 * REQUEST_LINE_MAX };

struct requests {
    enum { IDS_TRIED, IDS_KNOWN, IDS_REFUSED } ids;
    int64_t next_id;
    size_t n;
    size_t length, sent; /* octets of `lines` */
    char lines[REQUESTS_ROOM];
};

/* `id` of the first: more than any that was used on this connection. */
void requests_init(struct requests *requests, int64_t id);

/* Adds a copy with an id of its own; false where there is no room for it. */
bool requests_add(struct requests *requests, const struct request *request);

/* What may be sent now; *length is 0 where that is nothing. */
const char *requests_unsent(const struct requests *requests, size_t *length);
void requests_note_sent(struct requests *requests, size_t length);

/* True where `reply` answers the oldest request, which is removed then. */
bool requests_answer(struct requests *requests, const struct reply *reply);

void requests_remove_all(struct requests *requests);

#endif
