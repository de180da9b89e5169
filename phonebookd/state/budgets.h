/* The costs of the names in a database, per owner (accounts.h) and in all: their addresses, and the
 * time for looking at them when they change. Limits ensure that no user makes the builds slow for
 * the others. Pure.
 *
 * Addresses are counted twice. `held` is the number of addresses that the names had at their last
 * looks; by it a new registration is judged. `used` is the number of them that publishing looks at.
 * It never exceeds the limits (limits.h), even if `held` grows; names that came first get their
 * share first. For uid 0 only the limit of the whole database applies.
 *
 * Names that publishing has to look at wait in a list of their owner (listings.h). An owner who has
 * used too much time has to wait with his own names: see budgets_charge(). */
#ifndef PHONEBOOKD_BUDGETS_H
#define PHONEBOOKD_BUDGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct listing;
TAILQ_HEAD(listing_list, listing);
TAILQ_HEAD(budget_list, budget);

struct database_budget {
    char *name; /* owned */
    size_t n_users;
    size_t held, used;
    /* owners with names to be looked at, and other owners who still owe time */
    struct budget_list waiting;
};

/* An owner's part of a database. */
struct budget {
    struct database_budget *database;
    uint32_t owner;
    size_t n_names; /* the budget exists while the owner has names, or owes time */
    size_t held, used;
    struct listing_list touched; /* names to be looked at, oldest first */
    struct listing_list wanting; /* names that would show more addresses if the budget had room */
    uint64_t paid; /* the time when all used time is paid, in ns on the caller's clock */
    bool waits;    /* it is in database_budget::waiting */
    TAILQ_ENTRY(budget) waiting;
};

struct budgets {
    void *by_name;  /* a tsearch(3) tree of struct database_budget */
    void *by_owner; /* a tsearch(3) tree of struct budget */
};
void budgets_fini(struct budgets *budgets);

/* The budget of a database, or NULL if it has no names. */
struct database_budget *budgets_find(const struct budgets *budgets, const char *database);

/* Counts a new name of this owner in the database; NULL if memory ran out. */
struct budget *budgets_enter(struct budgets *budgets, const char *database, uint32_t owner);
/* Removes a name, whose addresses must no longer be counted. */
void budgets_leave(struct budgets *budgets, struct budget *budget);

/* One of the names had `before` addresses and has `after` now. */
void budget_change(struct budget *budget, size_t before, size_t after);

enum budget_verdict { BUDGET_FINE, BUDGET_USER, BUDGET_DATABASE };
/* Which limit does `held` exceed: the user's or the database's? */
enum budget_verdict budget_judge(const struct budget *budget);

/* How many more addresses may be looked at. */
size_t budget_left(const struct budget *budget);
/* `before` addresses of a name were looked at, now `after` are: at most budget_left() more. */
void budget_use(struct budget *budget, size_t before, size_t after);

/* To be called when a first name of this budget has to be looked at. */
void budget_wait(struct budget *budget);
/* When names of the database may be looked at: 0: now, UINT64_MAX: never. This is the earliest time
 * for an owner; `all` ignores what owners owe. `now` is in ns. */
uint64_t budgets_due(const struct budgets *budgets, const char *database, uint64_t now, bool all);
/* The owner whose turn it is, or NULL: among owners whose names may be looked at now, the one who
 * has waited longest. The turn ends with budgets_charge(). */
struct budget *budgets_next(struct budgets *budgets, const char *database, uint64_t now, bool all);
/* Ends the owner's turn, in which looking at his names took `cost` ns of processor time. He owes
 * BUDGET_SHARE times as much time. His names wait when he owes more than the equivalent of
 * BUDGET_BURST_MS of processor time. Afterwards he is last in the queue, and the budget may be
 * freed. */
void budgets_charge(struct budgets *budgets, struct budget *budget, uint64_t now, uint64_t cost);

#endif
