#include "publishers.h"

#include <string.h>

#include "findings.h"
#include "inifile.h"

_Static_assert(PEOPLE_MAX == 64, "the texts say so");

static bool is_number(const char *word)
{
    return strspn(word, "0123456789") == strlen(word);
}

/* The last one, (uint32_t)-1, stands for "none" (chown(2)). */
static bool read_number(const char *word, uint32_t *id)
{
    long long number;

    if (inifile_number(word, 0, (long long)UINT32_MAX - 1, &number))
        return false;
    *id = (uint32_t)number;
    return true;
}

static bool find_user(struct findings *findings, const char *word, uint32_t *id)
{
    return findings_user(findings, word, id) || read_number(word, id);
}

static bool find_group(struct findings *findings, const char *word, uint32_t *id)
{
    return findings_group(findings, word, id) || read_number(word, id);
}

/* Of one that is not found. */
static enum publishers_outcome outcome_of(const char *word)
{
    return is_number(word) ? PUBLISHERS_WRONG : PUBLISHERS_UNKNOWN;
}

static enum publishers_outcome
add(struct findings *findings, uint32_t ids[static PEOPLE_MAX], size_t *n, const char *name,
    bool (*find)(struct findings *findings, const char *name, uint32_t *id))
{
    if (*n == PEOPLE_MAX)
        return PUBLISHERS_WRONG;
    if (!find(findings, name, &ids[*n]))
        return outcome_of(name);
    ++*n;
    return PUBLISHERS_OK;
}

static const char *explain(enum publishers_outcome outcome, bool is_group, bool full)
{
    if (full)
        return is_group ? "is a group too many: there can be 64"
                        : "is a user too many: there can be 64";
    if (outcome == PUBLISHERS_WRONG)
        return is_group ? "can be no group: that is a name, or a number up to 4294967294"
                        : "can be no user: that is a name, or a number up to 4294967294";
    return is_group ? "is no group of this system now, and stands for nobody until it is"
                    : "is no user of this system now, and stands for nobody until it is; a group "
                      "has \"@\" in front";
}

enum publishers_outcome publishers_add(struct people *people, struct findings *findings,
                                       const char *word, const char **why)
{
    bool is_group = *word == '@';
    bool full = (is_group ? people->n_gids : people->n_uids) == PEOPLE_MAX;
    enum publishers_outcome outcome =
        is_group ? add(findings, people->gids, &people->n_gids, word + 1, find_group)
                 : add(findings, people->uids, &people->n_uids, word, find_user);

    if (outcome != PUBLISHERS_OK)
        *why = explain(outcome, is_group, full);
    return outcome;
}

enum publishers_outcome publishers_group(struct findings *findings, const char *word, uint32_t *gid)
{
    if (strpbrk(word, " \t:"))
        return PUBLISHERS_WRONG;
    return find_group(findings, word, gid) ? PUBLISHERS_OK : outcome_of(word);
}
