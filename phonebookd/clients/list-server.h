/* Serves the `list` socket. Each client gets the list, then end of file. Each line is valid at some
 * time after the client connected.
 *
 * Happy path: a reader with a place waits for its next slice of the list. In each loop turn one
 * slice is written, for the reader that has waited longest and for all readers that wait for the
 * same slice. Each is sent from the same memory, and then the reader waits for its next slice. So a
 * reader waits for at most one slice of each other reader.
 *
 * LIST_READERS_ROOT, _PER_USER and _MAX limit the readers (places.h). A reader can be replaced when
 * it is older than LIST_TIMEOUT_S.
 *
 * Failure modes: a reader that reads nothing for LIST_TIMEOUT_S, or for which there is no place or
 * no memory, gets a last line without LF as a sign. */
#ifndef PHONEBOOKD_LIST_SERVER_H
#define PHONEBOOKD_LIST_SERVER_H

#include "list-slices.h"
#include "owners.h"
#include "places.h"

#include <uv.h>

struct list_reader;
TAILQ_HEAD(list_reader_list, list_reader);

struct list_server {
    uv_loop_t *loop;
    uv_idle_t turn; /* active while a reader waits */
    struct list_slices slices;
    struct owners *owners;           /* not owned; NULL: each uid is its own owner */
    struct places places;            /* of readers */
    struct list_reader_list waiting; /* for a slice; the one that has waited longest is first */
    unsigned n_readers;
};

void list_server_init(struct list_server *server, uv_loop_t *loop,
                      const struct list_source *source);

/* Takes over an accepted non-blocking socket. */
void list_server_add(struct list_server *server, int fd);

/* The content of the list may have changed: readers that connect from now on get nothing older. */
void list_server_changed(struct list_server *server);

/* Ends all readers; the memory is freed with the close callbacks. */
void list_server_close(struct list_server *server);

#endif
