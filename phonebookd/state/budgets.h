/* What the names of a database cost, those of each owner (accounts.h) and all of them, so that no
 * user makes the builds long for the others: their addresses, and the time that it takes to look at
 * them again when they change. Pure.
 *
 * Addresses have two counts: `held` is what the names had when each was last looked at, and decides
 * whether a new registration is taken. `used` is how many of them publishing looks at: it stays
 * within the limits (limits.h), whatever has become of `held`; the first to come have it. uid 0 has
 * the limit of the database alone.
 *
 * Names that publishing is to look at wait in a list of their owner's (listings.h). An owner pays
 * for the time with a wait of his own names: see budget_charge(). */
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
    struct budget_list waiting; /* whose names are to be looked at; and who owes, without a name */
};

/* Of an owner in a database. */
struct budget {
    struct database_budget *database;
    uint32_t owner;
    size_t n_names; /* it exists while there are any, or time is owed */
    size_t held, used;
    struct listing_list touched; /* what is to be looked at, oldest first */
    struct listing_list wanting; /* what would show more, had the budget room */
    uint64_t paid;               /* ns on the caller's clock: when all time is paid for */
    bool waits;                  /* in database_budget::waiting */
    TAILQ_ENTRY(budget) waiting;
};

struct budgets {
    void *by_name;  /* a tsearch(3) tree of struct database_budget */
    void *by_owner; /* another, of struct budget */
};
void budgets_fini(struct budgets *budgets);

/* What is known of a database, or NULL where nothing is. */
struct database_budget *budgets_find(const struct budgets *budgets, const char *database);

/* One name more of this owner in the database; NULL where memory ran out. */
struct budget *budgets_enter(struct budgets *budgets, const char *database, uint32_t owner);
/* One less, which holds nothing any more. */
void budgets_leave(struct budgets *budgets, struct budget *budget);

/* A name of it had `before` addresses and has `after` now. */
void budget_change(struct budget *budget, size_t before, size_t after);

enum budget_verdict { BUDGET_FINE, BUDGET_USER, BUDGET_DATABASE };
/* Whose limit is below what is held? */
enum budget_verdict budget_judge(const struct budget *budget);

/* How many addresses of one more name may be looked at. */
size_t budget_left(const struct budget *budget);
/* Of a name `before` were looked at, and `after` are now: at most budget_left() more. */
void budget_use(struct budget *budget, size_t before, size_t after);

/* To be called when a first name of it is to be looked at. */
void budget_wait(struct budget *budget);
/* When names of the database may be looked at, of the first owner whose names may, or, `all`, of
 * any: 0 is now, UINT64_MAX never. `now` in ns. */
uint64_t budgets_due(const struct budgets *budgets, const char *database, uint64_t now, bool all);
/* Whose turn it is: who has waited longest of those whose names may be looked at now; NULL where
 * nobody has. It ends with budgets_charge(). */
struct budget *budgets_next(struct budgets *budgets, const char *database, uint64_t now, bool all);
/* His turn is over, in which looking at his names took `cost` ns of processor time. A user pays
 * with BUDGET_SHARE times as much time; he may be BUDGET_BURST_MS of processor time behind before
 * his names wait for that. He is last then, and may be gone. */
void budgets_charge(struct budgets *budgets, struct budget *budget, uint64_t now, uint64_t cost);

#endif
