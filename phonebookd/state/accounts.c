#include "accounts.h"

#include "../limits.h"

#include <search.h>
#include <stdlib.h>

void accounts_init(struct accounts *accounts)
{
    *accounts = (struct accounts){.by_uid = NULL};
}

void accounts_fini(struct accounts *accounts)
{
    tdestroy(accounts->by_uid, free);
    accounts->by_uid = NULL;
}

static int compare_uid(const void *left, const void *right)
{
    const struct account *a = left, *b = right;

    return (a->uid > b->uid) - (a->uid < b->uid);
}

size_t account_limit(enum account_kind kind)
{
    return kind == ACCOUNT_CONNECTIONS ? CONNECTIONS_PER_UID : REGISTRATIONS_PER_UID;
}

static struct account *find(const struct accounts *accounts, uint32_t uid)
{
    struct account key = {.uid = uid};
    struct account **found = tfind(&key, &accounts->by_uid, compare_uid);

    return found ? *found : NULL;
}

static struct account *find_or_add(struct accounts *accounts, uint32_t uid)
{
    struct account *account = find(accounts, uid);

    if (account)
        return account;
    account = calloc(1, sizeof *account);
    if (account)
        account->uid = uid;
    if (account && tsearch(account, &accounts->by_uid, compare_uid))
        return account;
    free(account);
    return NULL;
}

bool accounts_charge_taken(struct accounts *accounts, uint32_t uid, enum account_kind kind)
{
    struct account *account = find_or_add(accounts, uid);

    if (account) {
        account->held[kind]++;
        accounts->total[kind]++;
    }
    return account != NULL;
}

bool accounts_charge(struct accounts *accounts, uint32_t uid, enum account_kind kind)
{
    const struct account *account = find(accounts, uid);

    if (uid != 0 && account && account->held[kind] >= account_limit(kind))
        return false;
    return accounts_charge_taken(accounts, uid, kind);
}

void accounts_release(struct accounts *accounts, uint32_t uid, enum account_kind kind)
{
    struct account *account = find(accounts, uid);

    if (!account)
        return;
    account->held[kind]--;
    accounts->total[kind]--;
    for (int i = 0; i < ACCOUNT_KINDS; i++)
        if (account->held[i] > 0)
            return;
    tdelete(account, &accounts->by_uid, compare_uid);
    free(account);
}
