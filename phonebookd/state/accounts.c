#include "accounts.h"

#include "../limits.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *plural, *key, *total; /* the keys that set the limit for one user, and for all */
    size_t per_user;
} kinds[ACCOUNT_KINDS] = {
    [ACCOUNT_CONNECTIONS] = {"connections", "connections-per-user", "RLIMIT_NOFILE",
                             CONNECTIONS_PER_USER},
    [ACCOUNT_REGISTRATIONS] = {"registrations", "names-per-user", "names-max",
                               REGISTRATIONS_PER_USER},
    [ACCOUNT_NAMESPACES] = {"network namespaces", "namespaces-per-user",
                            "phonebookd follows no more", NAMESPACES_PER_USER},
};

void accounts_init(struct accounts *accounts)
{
    *accounts = (struct accounts){.by_owner = NULL};
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++)
        accounts_limit(accounts, kind, 0);
}

void accounts_limit(struct accounts *accounts, enum account_kind kind, size_t per_user)
{
    accounts->per_user[kind] = per_user > 0 ? per_user : kinds[kind].per_user;
}

void accounts_fini(struct accounts *accounts)
{
    tdestroy(accounts->by_owner, free);
    accounts->by_owner = NULL;
}

const char *account_key(enum account_kind kind)
{
    return kinds[kind].key;
}

static int compare_owners(const void *left, const void *right)
{
    const struct account *a = left, *b = right;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

static struct account *find(const struct accounts *accounts, uint32_t owner)
{
    struct account key = {.owner = owner};
    struct account **found = tfind(&key, &accounts->by_owner, compare_owners);
    return found ? *found : NULL;
}

static struct account *find_or_add(struct accounts *accounts, uint32_t owner)
{
    struct account *account = find(accounts, owner);
    if (account)
        return account;
    account = calloc(1, sizeof *account);
    if (!account)
        return NULL;
    account->owner = owner;
    if (!tsearch(account, &accounts->by_owner, compare_owners)) {
        free(account);
        return NULL;
    }
    return account;
}

static size_t for_users(size_t total)
{
    return total - total / ACCOUNTS_ROOT_SHARE;
}

bool accounts_are_full(const struct accounts *accounts, enum account_kind kind)
{
    return accounts->total[kind] > 0 && accounts->held[kind] >= for_users(accounts->total[kind]);
}

/* What was taken from the keeper may exceed any limit, so compare before subtracting. */
static enum account_outcome judge(const struct account_verdict *of, size_t held_by_all)
{
    size_t total = of->total ? of->total : SIZE_MAX;
    size_t others = held_by_all - of->held;
    if (of->owner == 0)
        return held_by_all < total ? ACCOUNT_FINE : ACCOUNT_FULL;
    if (of->held >= of->per_user)
        return ACCOUNT_PER_USER;
    if (held_by_all >= for_users(total))
        return ACCOUNT_FULL;
    if (of->held < ACCOUNTS_FEW)
        return ACCOUNT_FINE;
    if (held_by_all >= for_users(total) - total / ACCOUNTS_FEW_SHARE)
        return ACCOUNT_KEPT;
    return of->held < (total - others) / 2 ? ACCOUNT_FINE : ACCOUNT_SHARE;
}

struct account_verdict accounts_judge(const struct accounts *accounts, uint32_t owner,
                                      enum account_kind kind)
{
    const struct account *account = find(accounts, owner);
    size_t held = accounts->held[kind], total = accounts->total[kind];
    struct account_verdict verdict = {.kind = kind,
                                      .owner = owner,
                                      .held = account ? account->held[kind] : 0,
                                      .per_user = accounts->per_user[kind],
                                      .left = held < total ? total - held : 0,
                                      .total = total};
    verdict.outcome = judge(&verdict, held);
    return verdict;
}

struct account_verdict accounts_charge(struct accounts *accounts, uint32_t owner,
                                       enum account_kind kind)
{
    struct account_verdict verdict = accounts_judge(accounts, owner, kind);
    if (verdict.outcome == ACCOUNT_FINE && !accounts_charge_taken(accounts, owner, kind))
        verdict.outcome = ACCOUNT_NO_MEMORY;
    return verdict;
}

bool accounts_charge_taken(struct accounts *accounts, uint32_t owner, enum account_kind kind)
{
    struct account *account = find_or_add(accounts, owner);
    if (account) {
        account->held[kind]++;
        accounts->held[kind]++;
    }
    return account != NULL;
}

void accounts_release(struct accounts *accounts, uint32_t owner, enum account_kind kind)
{
    struct account *account = find(accounts, owner);
    if (!account || account->held[kind] == 0)
        return;
    account->held[kind]--;
    accounts->held[kind]--;
    for (int i = 0; i < ACCOUNT_KINDS; i++)
        if (account->held[i] > 0)
            return;
    tdelete(account, &accounts->by_owner, compare_owners);
    free(account);
}

/* ---- why ---- */

static void say_limit(char *limit, size_t room, const struct account_verdict *verdict)
{
    if (verdict->outcome == ACCOUNT_PER_USER)
        snprintf(limit, room, "the most for one user is %zu (%s)", verdict->per_user,
                 kinds[verdict->kind].key);
    else if (verdict->outcome == ACCOUNT_SHARE)
        snprintf(limit, room, "a user may hold half of what others do not hold");
    else if (verdict->outcome == ACCOUNT_KEPT)
        snprintf(limit, room, "the rest is kept for users who hold fewer than %d", ACCOUNTS_FEW);
    else
        snprintf(limit, room, "%s (%s)",
                 verdict->left > 0 ? "the rest is kept for root" : "all are held",
                 kinds[verdict->kind].total);
}

void account_why(char why[static ACCOUNT_WHY_MAX], const struct account_verdict *verdict,
                 uint32_t uid)
{
    if (verdict->outcome == ACCOUNT_NO_MEMORY) {
        snprintf(why, ACCOUNT_WHY_MAX, "out of memory");
        return;
    }
    char who[64];
    snprintf(who, sizeof who, verdict->owner == uid ? "uid %u" : "uid %u with its range (subuid)",
             verdict->owner);
    char left[64] = "";
    if (verdict->total > 0)
        snprintf(left, sizeof left, ", and %zu of %zu are left", verdict->left, verdict->total);
    char limit[80];
    say_limit(limit, sizeof limit, verdict);
    snprintf(why, ACCOUNT_WHY_MAX, "%s holds %zu %s%s: %s", who, verdict->held,
             kinds[verdict->kind].plural, left, limit);
}
