#include "publishers.h"

#include <grp.h>
#include <pwd.h>

#include "inifile.h"

/* The last one, (uint32_t)-1, stands for "none" (chown(2)). */
static bool read_number(const char *word, uint32_t *id)
{
    long long number;

    if (inifile_number(word, 0, (long long)UINT32_MAX - 1, &number))
        return false;
    *id = (uint32_t)number;
    return true;
}

static bool find_user(const char *word, uint32_t *id)
{
    const struct passwd *user = getpwnam(word);

    if (user)
        *id = user->pw_uid;
    return user || read_number(word, id);
}

static bool find_group(const char *word, uint32_t *id)
{
    const struct group *group = getgrnam(word);

    if (group)
        *id = group->gr_gid;
    return group || read_number(word, id);
}

_Static_assert(ZONE_PUBLISHERS_MAX == 64, "the texts say so");

const char *publishers_add(struct zone *zone, const char *word)
{
    bool is_group = *word == '@';
    size_t *n = is_group ? &zone->n_gids : &zone->n_uids;
    uint32_t *ids = is_group ? zone->gids : zone->uids;

    if (*n == ZONE_PUBLISHERS_MAX)
        return is_group ? "is a group too many: there can be 64"
                        : "is a user too many: there can be 64";
    if (is_group && !find_group(word + 1, &ids[*n]))
        return "is no group of this system";
    if (!is_group && !find_user(word, &ids[*n]))
        return "is no user of this system; a group has \"@\" in front";
    ++*n;
    return NULL;
}
