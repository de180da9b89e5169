/* The doors: the three listening sockets `publish`, `list` and `control`, the source of each, and
 * its copy at the keeper. If `control` cannot be opened, the others still work.
 *
 * A socket from the supervisor has precedence, because the supervisor holds it itself. A socket
 * that phonebookd made is held by the keeper. So clients can wait in it while no phonebookd runs.
 * The path keeps its inode, on which a bind mount of the path, for example in a container, depends.
 * The keeper's socket is used if the path still has its inode; otherwise we make a new one. */
#ifndef PHONEBOOKD_DOORS_H
#define PHONEBOOKD_DOORS_H

#include "../limits.h"
#include "keeper-client.h"
#include "listener.h"

#include <stdbool.h>
#include <stddef.h>

enum { DOOR_PUBLISH, DOOR_LIST, DOOR_CONTROL, DOORS };

struct door {
    const char *name; /* file name of the socket in the runtime directory */
    char path[SOCKET_PATH_MAX];
    bool too_long; /* the path is too long for a socket */
    int handed;    /* from the supervisor, or -1 */
    int kept;      /* from the keeper, or -1 */
    bool open;
    struct listener listener;
};

struct doors {
    struct door all[DOORS];
    bool kept; /* the keeper has our sockets, and none of the supervisor's */
};

void doors_init(struct doors *doors, const char *directory);
/* Takes over a listening socket that the keeper gives back, with its text. */
void doors_take(struct doors *doors, int fd, const char *text, size_t length);
/* Starts to listen. 0 or -errno, which is logged. It is only a warning if we are not a member of
 * the socket's group, for example because a directory service was not ready when we were
 * started. */
int door_open(struct door *door, uv_loop_t *loop, const struct listener_options *config,
              void (*accepted)(void *owner, int fd), void *owner);
/* When `publish` and `list` are open: gives the keeper the sockets that we made, and makes it drop
 * those that the supervisor's replace. */
void doors_keep(struct doors *doors, struct keeper *keeper);
void doors_hold(struct doors *doors, bool on); /* see listener_hold() */
/* A socket that the keeper holds stays at its path. */
void doors_close(struct doors *doors);

#endif
