/* The rights that the keeper gives up once it is listening: it has no capability, reaches no file
 * except its socket, and makes only listed system calls. If the kernel lacks or refuses Landlock or
 * seccomp, this is logged, and the keeper runs without it. */
#ifndef KEEPER_SANDBOX_H
#define KEEPER_SANDBOX_H

#include <stdbool.h>

/* `path` is that of the socket that we made, and will remove, or NULL. False, with errno, if the
 * kernel refuses a function that every kernel has. */
bool sandbox_enter(const char *path);

#endif
