/* What the keeper takes from itself the power to do, once it is listening: it has no capability,
 * reaches no file any more, and makes the system calls of a list only. If the kernel lacks Landlock
 * or seccomp, or refuses it, one line says so, and the keeper goes on without. */
#ifndef KEEPER_SANDBOX_H
#define KEEPER_SANDBOX_H

#include <stdbool.h>

/* `path` is that of the socket that we made, and will remove, or NULL. False, with errno, if the
 * kernel refuses what every kernel has. */
bool sandbox_enter(const char *path);

#endif
