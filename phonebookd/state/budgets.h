/* How many addresses the names of a database have: those of each owner (accounts.h), and all of
 * them, so that no user makes the builds long for the others. Pure.
 *
 * Two counts: `held` is what the names had when each was last looked at, and decides whether a new
 * registration is taken. `used` is what a collection has looked at so far: it stays within the
 * limits (limits.h), whatever has become of `held`. uid 0 has the limit of the database alone. */
#ifndef PHONEBOOKD_BUDGETS_H
#define PHONEBOOKD_BUDGETS_H

#include <stddef.h>
#include <stdint.h>

struct database_budget {
    char *name; /* owned */
    size_t n_users;
    size_t held, used;
};

/* Of an owner in a database. */
struct budget {
    struct database_budget *database;
    uint32_t owner;
    size_t n_names; /* it exists while there are any */
    size_t held, used;
};

struct budgets {
    void *by_name;  /* a tsearch(3) tree of struct database_budget */
    void *by_owner; /* another, of struct budget */
};

/* One name more of this owner in the database; NULL where memory ran out. */
struct budget *budgets_enter(struct budgets *budgets, const char *database, uint32_t owner);
/* One less, which holds nothing any more. */
void budgets_leave(struct budgets *budgets, struct budget *budget);

/* A name of it had `before` addresses and has `after` now. */
void budget_change(struct budget *budget, size_t before, size_t after);

enum budget_verdict { BUDGET_FINE, BUDGET_USER, BUDGET_DATABASE };
/* Whose limit is below what is held? */
enum budget_verdict budget_judge(const struct budget *budget);

/* A collection of this database begins: nothing is used yet. */
void budgets_begin(struct budgets *budgets, const char *database);
/* How many addresses of one more name may be looked at. */
size_t budget_left(const struct budget *budget);
void budget_use(struct budget *budget, size_t n); /* at most budget_left() */

#endif
