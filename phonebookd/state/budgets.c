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
    database->name = strdup(name);
    if (database->name && tsearch(database, &budgets->by_name, compare_names))
        return database;
    free(database->name);
    free(database);
    return NULL;
}

static struct database_budget *find_database(const struct budgets *budgets, const char *name)
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
    if (tsearch(budget, &budgets->by_owner, compare_owners)) {
        database->n_users++;
        return budget;
    }
    free(budget);
    return NULL;
}

struct budget *budgets_enter(struct budgets *budgets, const char *name, uint32_t owner)
{
    struct database_budget *database = find_database(budgets, name);
    struct budget key = {.owner = owner}, **found, *budget;

    if (!database)
        database = new_database(budgets, name);
    if (!database)
        return NULL;
    key.database = database;
    found = tfind(&key, &budgets->by_owner, compare_owners);
    budget = found ? *found : new_budget(budgets, database, owner);
    if (budget)
        budget->n_names++;
    else if (database->n_users == 0)
        free_database(budgets, database);
    return budget;
}

void budgets_leave(struct budgets *budgets, struct budget *budget)
{
    if (--budget->n_names > 0)
        return;
    tdelete(budget, &budgets->by_owner, compare_owners);
    if (--budget->database->n_users == 0)
        free_database(budgets, budget->database);
    free(budget);
}

void budget_change(struct budget *budget, size_t before, size_t after)
{
    budget->held += after - before; /* modulo, as unsigned numbers do */
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

static void begin(const void *node, VISIT which, void *database)
{
    struct budget *budget = *(struct budget *const *)node;

    if ((which == postorder || which == leaf) && budget->database == database)
        budget->used = 0;
}

void budgets_begin(struct budgets *budgets, const char *name)
{
    struct database_budget *database = find_database(budgets, name);

    if (!database)
        return;
    database->used = 0;
    twalk_r(budgets->by_owner, begin, database);
}

size_t budget_left(const struct budget *budget)
{
    size_t user = limit_of(budget) - budget->used;
    size_t database = DATABASE_ADDRESSES_MAX - budget->database->used;

    return user < database ? user : database;
}

void budget_use(struct budget *budget, size_t n)
{
    budget->used += n;
    budget->database->used += n;
}
