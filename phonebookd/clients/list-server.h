/* Answers on the `list` socket: whoever connects is sent the list, each line as it is at some
 * moment after that, then end of file.
 *
 * Happy path: a reader that has a place waits for its slice of the list; each turn of the loop one
 * slice is written, for whoever has waited longest and all who wait for the same; each is sent from
 * where it lies, and then the next one is waited for. So nobody is overtaken by more than one slice
 * of each other reader.
 *
 * Places: uid 0 has LIST_READERS_ROOT of its own, any other owner (owners.h) LIST_READERS_PER_USER,
 * and all others together LIST_READERS_MAX. Where all are taken, whoever has most gives one up to a
 * user who has fewer; else the one who has had his longest makes way, once that is longer than
 * LIST_TIMEOUT_S.
 *
 * Failure modes: one who has not read a piece for LIST_TIMEOUT_S, has no place, or for whom there
 * is no memory is left with a last line that no LF ends, so that it can tell. */
#ifndef PHONEBOOKD_LIST_SERVER_H
#define PHONEBOOKD_LIST_SERVER_H

#include "list-slices.h"
#include "owners.h"

#include <uv.h>

struct list_reader;
TAILQ_HEAD(list_reader_list, list_reader);

struct list_server {
    uv_loop_t *loop;
    uv_idle_t turn; /* active while somebody waits */
    struct list_slices slices;
    struct owners *owners;           /* not owned; NULL: each uid is its own */
    struct list_reader_list readers; /* in the order in which they came */
    struct list_reader_list waiting; /* for a slice; longest first */
    unsigned n_readers;
};

void list_server_init(struct list_server *server, uv_loop_t *loop,
                      const struct list_source *source);

/* Takes an accepted socket, which does not block. */
void list_server_add(struct list_server *server, int fd);

/* What the list says may have changed: readers that come from now on get nothing older. */
void list_server_changed(struct list_server *server);

/* Ends those who still read; memory goes with the close callbacks. */
void list_server_close(struct list_server *server);

#endif
