/* Connects the keeper with the connections and the listening sockets, and ends phonebookd so that
 * its names survive.
 *
 * Happy path of the end: the keeper has everything; we announce our end; the keeper confirms that
 * it goes on holding everything. Failure modes: if a new keeper is still being given everything, we
 * wait for that. If the keeper was lost a moment ago, for example because both services are
 * restarted, we wait for the next one, and give it everything. Until the announcement, phonebookd
 * works as usual. If there is no progress for LEAVE_LIMIT_MS, or no keeper is expected, the names
 * are lost. */
#ifndef PHONEBOOKD_KEEPER_OWNER_H
#define PHONEBOOKD_KEEPER_OWNER_H

#include "connection.h"
#include "doors.h"
#include "keeper-client.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct keeper_owner_ops {
    void (*taking)(void *owner); /* a takeover goes on, so that the start may take long */
    void (*over)(void *owner);   /* after keeper_owner_leave(): phonebookd may end now */
};

struct keeper_owner {
    struct keeper *keeper;
    char *path; /* owned; of the keeper's socket */
    bool kept;  /* a keeper holds our names, */
    bool left;  /* and has confirmed that it goes on holding them after our end */
    struct connections *connections;
    struct doors doors;
    uv_timer_t timer;  /* after keeper_owner_leave(): fires for the next check */
    uint64_t limit;    /* ms on the loop's clock */
    uint64_t answered; /* connections::answered when `limit` was set */
    bool leaving;      /* over() is still to be called */
    bool asked;        /* we have announced our end, and the keeper has not answered */
    const struct keeper_owner_ops *ops;
    void *owner;
};

/* Connects to the keeper in this directory, and takes over what it holds. doors_init() must have
 * been called. False if phonebookd cannot go on; this was logged. */
bool keeper_owner_start(struct keeper_owner *keeping, uv_loop_t *loop, const char *directory,
                        struct connections *connections, const struct keeper_owner_ops *ops,
                        void *owner);
/* both listening sockets are open now */
void keeper_owner_keep_doors(struct keeper_owner *keeping);
/* over() is called afterwards, or within this call. Then `kept`: names and listening sockets
 * survive phonebookd. */
void keeper_owner_leave(struct keeper_owner *keeping);
/* Closes the connection to the keeper, and the listening sockets. */
void keeper_owner_close(struct keeper_owner *keeping);
/* To be called when the loop has run the close callbacks. */
void keeper_owner_fini(struct keeper_owner *keeping);

#endif
