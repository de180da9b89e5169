#include "budgets.h"

#include "../limits.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *left, const void *right)
{
    const struct database_budget *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static int compare_owners(const void *left, const void *right)
{
    const struct budget *a = left, *b = right;
    int order = a->database == b->database ? 0 : compare_names(a->database, b->database);
    return order ? order : (a->owner > b->owner) - (a->owner < b->owner);
}

static void free_database(struct budgets *budgets, struct database_budget *database)
{
    tdelete(database, &budgets->by_name, compare_names);
    free(database->name);
    free(database);
}

static struct database_budget *new_database(struct budgets *budgets, const char *name)
{
    struct database_budget *database = calloc(1, sizeof *database);
    if (!database)
        return NULL;
    TAILQ_INIT(&database->waiting);
    database->name = strdup(name);
    if (database->name && tsearch(database, &budgets->by_name, compare_names))
        return database;
    free(database->name);
    free(database);
    return NULL;
}

struct database_budget *budgets_find(const struct budgets *budgets, const char *name)
{
    struct database_budget key = {.name = (char *)name};
    struct database_budget **found = tfind(&key, &budgets->by_name, compare_names);
    return found ? *found : NULL;
}

static struct budget *new_budget(struct budgets *budgets, struct database_budget *database,
                                 uint32_t owner)
{
    struct budget *budget = calloc(1, sizeof *budget);
    if (!budget)
        return NULL;
    *budget = (struct budget){.database = database, .owner = owner};
    TAILQ_INIT(&budget->touched);
    TAILQ_INIT(&budget->wanting);
    if (tsearch(budget, &budgets->by_owner, compare_owners)) {
        database->n_users++;
        return budget;
    }
    free(budget);
    return NULL;
}

struct budget *budgets_enter(struct budgets *budgets, const char *name, uint32_t owner)
{
    struct database_budget *database = budgets_find(budgets, name);
    struct budget key = {.owner = owner};
    if (!database)
        database = new_database(budgets, name);
    if (!database)
        return NULL;
    key.database = database;
    struct budget **found = tfind(&key, &budgets->by_owner, compare_owners);
    struct budget *budget = found ? *found : new_budget(budgets, database, owner);
    if (budget)
        budget->n_names++;
    else if (database->n_users == 0)
        free_database(budgets, database);
    return budget;
}

static void leave_queue(struct budget *budget)
{
    if (budget->waits)
        TAILQ_REMOVE(&budget->database->waiting, budget, waiting);
    budget->waits = false;
}

static void free_budget(struct budgets *budgets, struct budget *budget)
{
    leave_queue(budget);
    tdelete(budget, &budgets->by_owner, compare_owners);
    if (--budget->database->n_users == 0)
        free_database(budgets, budget->database);
    free(budget);
}

/* The budget of an owner who owes time is kept; otherwise he could get rid of his debt by giving
 * his names up for a moment. */
void budgets_leave(struct budgets *budgets, struct budget *budget)
{
    if (--budget->n_names > 0)
        return;
    if (budget->paid == 0)
        free_budget(budgets, budget);
    else
        budget_wait(budget);
}

static void free_database_alone(void *database)
{
    free(((struct database_budget *)database)->name);
    free(database);
}

void budgets_fini(struct budgets *budgets)
{
    tdestroy(budgets->by_owner, free);
    tdestroy(budgets->by_name, free_database_alone);
    *budgets = (struct budgets){.by_name = NULL};
}

void budget_change(struct budget *budget, size_t before, size_t after)
{
    budget->held += after - before; /* unsigned arithmetic, modulo */
    budget->database->held += after - before;
}

static size_t limit_of(const struct budget *budget)
{
    return budget->owner == 0 ? DATABASE_ADDRESSES_MAX : USER_ADDRESSES_MAX;
}

enum budget_verdict budget_judge(const struct budget *budget)
{
    if (budget->owner != 0 && budget->held > USER_ADDRESSES_MAX)
        return BUDGET_USER;
    return budget->database->held > DATABASE_ADDRESSES_MAX ? BUDGET_DATABASE : BUDGET_FINE;
}

size_t budget_left(const struct budget *budget)
{
    size_t user = limit_of(budget) - budget->used;
    size_t database = DATABASE_ADDRESSES_MAX - budget->database->used;
    return user < database ? user : database;
}

void budget_use(struct budget *budget, size_t before, size_t after)
{
    budget->used += after - before;
    budget->database->used += after - before;
}

void budget_wait(struct budget *budget)
{
    if (!budget->waits)
        TAILQ_INSERT_TAIL(&budget->database->waiting, budget, waiting);
    budget->waits = true;
}

/* Returns the time at which the owner owes so little that his names need not wait; 0: now. */
static uint64_t due(const struct budget *budget, uint64_t now, bool all)
{
    const uint64_t burst = (uint64_t)BUDGET_BURST_MS * 1000000 * BUDGET_SHARE;
    if (TAILQ_EMPTY(&budget->touched))
        return UINT64_MAX;
    return all || budget->paid <= now + burst ? 0 : budget->paid - burst;
}

uint64_t budgets_due(const struct budgets *budgets, const char *name, uint64_t now, bool all)
{
    const struct database_budget *database = budgets_find(budgets, name);
    const struct budget *budget = database ? TAILQ_FIRST(&database->waiting) : NULL;
    uint64_t first = UINT64_MAX;
    for (; budget && first > 0; budget = TAILQ_NEXT(budget, waiting))
        if (due(budget, now, all) < first)
            first = due(budget, now, all);
    return first;
}

/* The budget of an owner without touched names leaves the queue. If he has no names at all, it is
 * freed when he has paid. */
static void let_go(struct budgets *budgets, struct budget *budget, uint64_t now)
{
    if (budget->n_names > 0)
        leave_queue(budget);
    else if (budget->paid <= now)
        free_budget(budgets, budget);
}

struct budget *budgets_next(struct budgets *budgets, const char *name, uint64_t now, bool all)
{
    struct database_budget *database = budgets_find(budgets, name);
    struct budget *budget = database ? TAILQ_FIRST(&database->waiting) : NULL, *next;
    for (; budget; budget = next) {
        next = TAILQ_NEXT(budget, waiting);
        if (due(budget, now, all) == 0) {
            budget->n_names++; /* because all of them may go during its turn */
            return budget;
        }
        if (TAILQ_EMPTY(&budget->touched))
            let_go(budgets, budget, now);
    }
    return NULL;
}

void budgets_charge(struct budgets *budgets, struct budget *budget, uint64_t now, uint64_t cost)
{
    if (budget->paid < now)
        budget->paid = now;
    budget->paid += cost * BUDGET_SHARE;
    leave_queue(budget);
    if (!TAILQ_EMPTY(&budget->touched))
        budget_wait(budget);
    budgets_leave(budgets, budget);
}
