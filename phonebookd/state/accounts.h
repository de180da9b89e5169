/* Counts what each user holds, and limits it, so that no user can take everything from the others.
 * Pure.
 *
 * Every connection, registration and network namespace is charged to an owner as long as it exists.
 * The owner is the uid from SO_PEERCRED, or the user whose range in /etc/subuid contains that uid
 * (clients/owners.h). One rule applies to all three kinds. A new one is refused if its owner
 *
 * - holds as many as phonebookd.conf allows one user,
 * - would hold more than half of the rest that the other users leave, or
 * - holds ACCOUNTS_FEW or more, and only the last eighth is left for users.
 *
 * A sixteenth is reserved for uid 0, which may hold everything. */
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
    /* a tsearch(3) tree of struct account; an account exists while it holds something */
    void *by_owner;
    size_t held[ACCOUNT_KINDS]; /* by all owners */
    /* The limit for all owners together, set by the caller; 0: none. */
    size_t total[ACCOUNT_KINDS];
    size_t per_user[ACCOUNT_KINDS]; /* the limit for one owner, except uid 0 */
};

/* Sets per_user to the defaults of limits.h, and no total. */
void accounts_init(struct accounts *accounts);
/* per_user 0: the default of limits.h. */
void accounts_limit(struct accounts *accounts, enum account_kind kind, size_t per_user);
void accounts_fini(struct accounts *accounts);

enum account_outcome {
    ACCOUNT_FINE,
    ACCOUNT_PER_USER, /* accounts::per_user is reached */
    ACCOUNT_SHARE,    /* the owner would hold more than half of the rest that the others leave */
    ACCOUNT_KEPT,     /* the rest is for users who hold few */
    ACCOUNT_FULL,     /* the rest is for uid 0, or nothing is left */
    ACCOUNT_NO_MEMORY,
};

/* An outcome, with the numbers that led to it. */
struct account_verdict {
    enum account_outcome outcome;
    enum account_kind kind;
    uint32_t owner;
    size_t held, per_user; /* the owner's number, and the limit for one owner */
    size_t left, total;    /* of the total; both 0 if there is no total */
};

/* Is nothing left but the part of uid 0? */
bool accounts_are_full(const struct accounts *accounts, enum account_kind kind);
/* May the owner hold one more? */
struct account_verdict accounts_judge(const struct accounts *accounts, uint32_t owner,
                                      enum account_kind kind);
/* Charges one more to the owner if he may hold it. */
struct account_verdict accounts_charge(struct accounts *accounts, uint32_t owner,
                                       enum account_kind kind);
/* Charges without a check, because a former phonebookd had accepted it. False if memory ran out. */
bool accounts_charge_taken(struct accounts *accounts, uint32_t owner, enum account_kind kind);
void accounts_release(struct accounts *accounts, uint32_t owner, enum account_kind kind);

/* Writes why it was refused: which limit, how much is held, how much is left. `uid` is the
 * client's. */
enum { ACCOUNT_WHY_MAX = 256 };
void account_why(char why[static ACCOUNT_WHY_MAX], const struct account_verdict *verdict,
                 uint32_t uid);

/* The key in phonebookd.conf that sets accounts::per_user. */
const char *account_key(enum account_kind kind);

#endif
