#include "publishers.h"

#include "../../common/number.h"
#include "findings.h"

#include <errno.h>
#include <string.h>

_Static_assert(PEOPLE_MAX == 64, "the texts say so");

/* The highest number, (uint32_t)-1, stands for "none" (chown(2)). */
static bool read_number(const char *word, uint32_t *id)
{
    long long number;
    if (number_parse(word, 0, (long long)UINT32_MAX - 1, &number))
        return false;
    *id = (uint32_t)number;
    return true;
}

/* `error` is from findings_user() or findings_group(). A number need not have a name. */
static enum publishers_outcome outcome_of(int error, const char *word, uint32_t *id)
{
    if (error == 0 || read_number(word, id))
        return PUBLISHERS_OK;
    if (strspn(word, "0123456789") == strlen(word))
        return PUBLISHERS_WRONG;
    return error == -ENOENT ? PUBLISHERS_UNKNOWN : PUBLISHERS_UNANSWERED;
}

static enum publishers_outcome find_user(struct findings *findings, const char *word, uint32_t *id)
{
    return outcome_of(findings_user(findings, word, id), word, id);
}

static enum publishers_outcome find_group(struct findings *findings, const char *word, uint32_t *id)
{
    return outcome_of(findings_group(findings, word, id), word, id);
}

static enum publishers_outcome
add(struct findings *findings, uint32_t ids[static PEOPLE_MAX], size_t *n, const char *name,
    enum publishers_outcome (*find)(struct findings *findings, const char *name, uint32_t *id))
{
    enum publishers_outcome outcome =
        *n == PEOPLE_MAX ? PUBLISHERS_WRONG : find(findings, name, &ids[*n]);
    *n += outcome == PUBLISHERS_OK;
    return outcome;
}

static const char *explain(enum publishers_outcome outcome, bool is_group, bool full)
{
    if (full)
        return is_group ? "is one group too many: at most 64" : "is one user too many: at most 64";
    if (outcome == PUBLISHERS_WRONG)
        return is_group ? "cannot be a group: a group is a name, or a number up to 4294967294"
                        : "cannot be a user: a user is a name, or a number up to 4294967294";
    if (outcome == PUBLISHERS_UNANSWERED)
        return is_group ? "is a group that cannot be looked up now, and stands for nobody until it "
                          "can"
                        : "is a user who cannot be looked up now, and stands for nobody until that "
                          "is possible";
    return is_group
               ? "is not a group of this system now, and stands for nobody until it is"
               : "is not a user of this system now, and stands for nobody until it is; a group "
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
    return find_group(findings, word, gid);
}
