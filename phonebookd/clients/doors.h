/* The two listening sockets, `publish` and `list`: where each comes from, and what the keeper is
 * told of them.
 *
 * One of the supervisor goes before one of the keeper: it is the supervisor's to hold. The keeper
 * holds what a phonebookd made, so that clients wait in it while there is none, and so that the
 * path leads to the same socket afterwards: where it was bind-mounted, as into a container, only
 * the inode counts. It is used where the path still has that inode. Else we make one. */
#ifndef PHONEBOOKD_DOORS_H
#define PHONEBOOKD_DOORS_H

#include "keeper-client.h"
#include "listener.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

enum { DOOR_PUBLISH, DOOR_LIST, DOORS };

struct door {
    const char *name; /* of the socket, in the runtime directory */
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    bool too_long; /* no socket's path can be so long */
    int handed;    /* the supervisor's, or -1 */
    int kept;      /* the keeper's, or -1 */
    bool open;
    struct listener listener;
};

struct doors {
    struct door all[DOORS];
    bool kept; /* the keeper holds what it is to hold of them */
};

void doors_init(struct doors *doors, const char *directory);
/* A listening socket that the keeper gives back, with its text; takes it. */
void doors_take(struct doors *doors, int fd, const char *text, size_t length);
/* Listens. 0 or -errno, which is logged. That a supervisor has not made us a member of the group
 * that the socket is to have, as before a directory service was there, is no reason to serve
 * nobody: that is a warning. */
int door_open(struct door *door, uv_loop_t *loop, const struct listener_options *config,
              void (*accepted)(void *owner, int fd), void *owner);
/* Gives the keeper those that we made, when both are open. It is told to drop what it has in the
 * place of the supervisor's. */
void doors_keep(struct doors *doors, struct keeper *keeper);
void doors_hold(struct doors *doors, bool on); /* as listener_hold() */
/* What the keeper holds stays at its path. */
void doors_close(struct doors *doors);

#endif
