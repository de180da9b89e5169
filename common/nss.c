#include "nss.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>

/* Octets of a user's or group's entry, with the names of all members. */
enum { ENTRY_MIN = 1 << 12, ENTRY_MAX = 1 << 24 };

/* Both return as getpwnam_r(3) and getgrnam_r(3) do: 0 also if the name is unknown. */
static int ask_for_user(const char *name, char *buffer, size_t room, uint32_t *id, int *found)
{
    struct passwd entry, *user = NULL;
    int error = getpwnam_r(name, &entry, buffer, room, &user);
    *found = user != NULL;
    if (user)
        *id = user->pw_uid;
    return error;
}

static int ask_for_group(const char *name, char *buffer, size_t room, uint32_t *id, int *found)
{
    struct group entry, *group = NULL;
    int error = getgrnam_r(name, &entry, buffer, room, &group);
    *found = group != NULL;
    if (group)
        *id = group->gr_gid;
    return error;
}

/* getpwnam(3) lists these results for an unknown name. */
static int outcome_of(int error, int found)
{
    if (found)
        return 0;
    switch (error) {
    case 0:
    case ENOENT:
    case ESRCH:
    case EBADF:
    case EPERM:
        return -ENOENT;
    }
    return -error;
}

int nss_find(enum nss_kind kind, const char *name, uint32_t *id)
{
    int error = ERANGE, found = 0;
    for (size_t room = ENTRY_MIN; error == ERANGE && room <= ENTRY_MAX; room *= 2) {
        char *buffer = malloc(room);
        if (!buffer)
            return -ENOMEM;
        error = kind == NSS_USER ? ask_for_user(name, buffer, room, id, &found)
                                 : ask_for_group(name, buffer, room, id, &found);
        free(buffer);
    }
    return outcome_of(error, found);
}
