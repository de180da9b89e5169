/* What phonebookd and its keeper have of each other: hands what the keeper says to the connections
 * and the doors, and says whether the keeper has what is to outlive us. */
#ifndef PHONEBOOKD_KEEPER_OWNER_H
#define PHONEBOOKD_KEEPER_OWNER_H

#include "connection.h"
#include "doors.h"
#include "keeper-client.h"
#include "leaving.h"

#include <stdbool.h>
#include <uv.h>

struct keeper_owner_ops {
    void (*taking)(void *owner); /* something is taken over: a start may take long */
    void (*over)(void *owner);   /* after keeper_owner_leave(): it is time to end */
};

struct keeper_owner {
    struct keeper *keeper;
    char *path; /* of its socket; owned */
    bool kept;  /* a keeper holds our names, */
    bool left;  /* and will go on to do so, since we are about to end */
    struct connections *connections;
    struct doors doors;
    struct leaving leaving;
    const struct keeper_owner_ops *ops;
    void *owner;
};

/* Looks for the keeper in this directory, and takes over what it holds; doors_init() was called.
 * False where phonebookd cannot go on, which is logged. */
bool keeper_owner_start(struct keeper_owner *keeping, uv_loop_t *loop, const char *directory,
                        struct connections *connections, const struct keeper_owner_ops *ops,
                        void *owner);
void keeper_owner_keep_doors(struct keeper_owner *keeping); /* they are open now */
/* over() follows, or is called in it: `kept` says then whether names and doors outlive us. */
void keeper_owner_leave(struct keeper_owner *keeping);
/* Closes the conversation, and the doors. */
void keeper_owner_close(struct keeper_owner *keeping);
/* To be called when the loop has run the close callbacks. */
void keeper_owner_fini(struct keeper_owner *keeping);

#endif
