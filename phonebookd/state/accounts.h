/* What each uid holds, so that no user can take everything from the others. Pure.
 *
 * Every connection and registration is charged to the uid that SO_PEERCRED names, from its creation
 * to its end. uid 0 is counted but never refused. */
#ifndef PHONEBOOKD_ACCOUNTS_H
#define PHONEBOOKD_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum account_kind { ACCOUNT_CONNECTIONS, ACCOUNT_REGISTRATIONS, ACCOUNT_KINDS };

struct account {
    uint32_t uid;
    size_t held[ACCOUNT_KINDS];
};

struct accounts {
    void *by_uid; /* a tsearch(3) tree of struct account; one exists while it holds something */
    size_t total[ACCOUNT_KINDS];
};

void accounts_init(struct accounts *accounts);
void accounts_fini(struct accounts *accounts);

/* The most that one uid may hold of this kind (limits.h). */
size_t account_limit(enum account_kind kind);

/* Charges one more to the uid. False, with nothing charged, where that is above the limit or memory
 * ran out. */
bool accounts_charge(struct accounts *accounts, uint32_t uid, enum account_kind kind);
/* Charges without asking for the limit: for what a former phonebookd had accepted. */
bool accounts_charge_taken(struct accounts *accounts, uint32_t uid, enum account_kind kind);
void accounts_release(struct accounts *accounts, uint32_t uid, enum account_kind kind);

#endif
