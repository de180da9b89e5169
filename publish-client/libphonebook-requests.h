/* The requests on a connection that have no answer yet, oldest first, as the lines that are sent.
 * Pure.
 *
 * Happy path: each line has an id, one more than the line before, and its answer has the same id.
 * The daemon answers requests in order. So an answer with another id is either a repetition (a
 * phonebookd that was killed after an answer may leave the request for the next one,
 * phonebook-protocol(7)), or belongs to a request of an earlier user of the connection.
 *
 * Failure modes: a phonebookd that is older than ids refuses them (`syntax`), and its answers have
 * none. So the first request of a connection is sent alone, and the others after its answer. If
 * that answer is such a refusal, all requests are sent without ids, and answers are matched by
 * their order. If a phonebookd that knows ids sends an error without id, it is the last message on
 * the connection. */
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

/* `id` is that of the first request, and must be more than any id used on this connection
 * before. */
void requests_init(struct requests *requests, int64_t id);

/* Adds a copy of the request, with its own id. False if there is no room. */
bool requests_add(struct requests *requests, const struct request *request);

/* Returns the text that may be sent now; *length is 0 if there is none. */
const char *requests_unsent(const struct requests *requests, size_t *length);
void requests_note_sent(struct requests *requests, size_t length);

/* True if `reply` answers the oldest request, which is then removed. */
bool requests_answer(struct requests *requests, const struct reply *reply);

void requests_remove_all(struct requests *requests);

#endif
