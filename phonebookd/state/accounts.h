/* What each user holds, and how much more he may: so that no user can take everything from the
 * others. Pure.
 *
 * Every connection, registration and network namespace is charged to an owner, from its creation to
 * its end: to the uid that SO_PEERCRED names, or to the user whose range in /etc/subuid that uid is
 * in (clients/owners.h). One rule judges all three kinds: a new one is refused where its owner
 *
 * - holds as many as phonebookd.conf lets one user hold,
 * - would hold more than half of what the others do not hold, or
 * - holds ACCOUNTS_FEW or more, and only the last eighth is left to users.
 *
 * A sixteenth is left to uid 0, which may hold all that there is. */
#ifndef PHONEBOOKD_ACCOUNTS_H
#define PHONEBOOKD_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum account_kind { ACCOUNT_CONNECTIONS, ACCOUNT_REGISTRATIONS, ACCOUNT_NAMESPACES, ACCOUNT_KINDS };

struct account {
    uint32_t owner;
    size_t held[ACCOUNT_KINDS];
};

struct accounts {
    void *by_owner; /* a tsearch(3) tree of struct account; one exists while it holds something */
    size_t held[ACCOUNT_KINDS]; /* by all */
    /* the most that all together may hold, for the caller to set; 0: any number */
    size_t total[ACCOUNT_KINDS];
    size_t per_user[ACCOUNT_KINDS]; /* the most that one may hold, except for uid 0 */
};

/* No total, and per_user as in limits.h. */
void accounts_init(struct accounts *accounts);
/* 0: as in limits.h. */
void accounts_limit(struct accounts *accounts, enum account_kind kind, size_t per_user);
void accounts_fini(struct accounts *accounts);

enum account_outcome {
    ACCOUNT_FINE,
    ACCOUNT_PER_USER, /* accounts::per_user */
    ACCOUNT_SHARE,    /* half of what others leave */
    ACCOUNT_KEPT,     /* what is left is for users who hold few */
    ACCOUNT_FULL,     /* what is left is for uid 0, or nothing is left */
    ACCOUNT_NO_MEMORY,
};

/* With the numbers that it was judged by. */
struct account_verdict {
    enum account_outcome outcome;
    enum account_kind kind;
    uint32_t owner;
    size_t held, per_user; /* by the owner, and the most for one */
    size_t left, total;    /* of all; 0 and 0 where there is no total */
};

/* Is nothing left but the part of uid 0? */
bool accounts_are_full(const struct accounts *accounts, enum account_kind kind);
/* May the owner hold one more? */
struct account_verdict accounts_judge(const struct accounts *accounts, uint32_t owner,
                                      enum account_kind kind);
/* Charges one more to the owner where he may hold it; else nothing. */
struct account_verdict accounts_charge(struct accounts *accounts, uint32_t owner,
                                       enum account_kind kind);
/* Charges without asking: for what a former phonebookd had accepted. False where memory ran out. */
bool accounts_charge_taken(struct accounts *accounts, uint32_t owner, enum account_kind kind);
void accounts_release(struct accounts *accounts, uint32_t owner, enum account_kind kind);

/* Why it was refused: which limit, how much is held and how much is left. `uid` is who asked. */
enum { ACCOUNT_WHY_MAX = 256 };
void account_why(char why[static ACCOUNT_WHY_MAX], const struct account_verdict *verdict,
                 uint32_t uid);

/* The key of phonebookd.conf that sets accounts::per_user. */
const char *account_key(enum account_kind kind);

#endif
