#include "derived.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

void derived_set_init(struct derived_set *set)
{
    set->by_name = NULL;
    TAILQ_INIT(&set->changed);
}

static void keep(void *pointer)
{
    (void)pointer;
}

static void free_derived(void *freed)
{
    struct derived *derived = freed;
    tdestroy(derived->pointers, free);
    tdestroy(derived->by_age, keep);
    tdestroy(derived->by_name, free);
    free(derived);
}

void derived_set_fini(struct derived_set *set)
{
    tdestroy(set->by_name, free_derived);
    derived_set_init(set);
}

/* glibc and musl pass the key as the first argument; in tsearch() it is also a member of the
 * tree. */
static int compare_name(const void *name, const void *derived)
{
    return strcmp(name, ((const struct derived *)derived)->name);
}

static int compare_names(const void *a, const void *b)
{
    return compare_name(((const struct derived *)a)->name, b);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

struct derived *derived_find(const struct derived_set *set, const char *name)
{
    struct derived *const *found = tfind(name, &set->by_name, compare_name);
    return found ? *found : NULL;
}

static struct derived *get(struct derived_set *set, const char *name)
{
    struct derived *derived = derived_find(set, name);
    size_t size = strlen(name) + 1;
    if (derived)
        return derived;
    derived = calloc(1, sizeof *derived + size);
    if (!derived)
        return NULL;
    memcpy(derived->name, name, size);
    if (tsearch(derived, &set->by_name, compare_names))
        return derived;
    free(derived);
    return NULL;
}

bool derived_count(struct derived_set *set, const char *name, int change)
{
    struct derived *derived = get(set, name);
    if (!derived)
        return false;
    if (derived->n_below == (change > 0 ? 0 : 1))
        derived_change(set, derived);
    derived->n_below += (size_t)change;
    return true;
}

static bool add_pointer(struct derived *derived, const char *name)
{
    char *text = strdup(name),
         **node = text ? tsearch(text, &derived->pointers, compare_texts) : NULL;
    if (node && *node == text) {
        derived->n_pointers++;
        return true;
    }
    free(text);
    return node;
}

static void remove_pointer(struct derived *derived, const char *name)
{
    char **node = tfind(name, &derived->pointers, compare_texts);
    if (!node)
        return;
    char *text = *node;
    tdelete(text, &derived->pointers, compare_texts);
    free(text);
    derived->n_pointers--;
}

bool derived_point(struct derived_set *set, const char *owner, const char *name, bool has)
{
    struct derived *derived = get(set, owner);
    if (!derived)
        return false;
    if (has == (tfind(name, &derived->pointers, compare_texts) != NULL))
        return true;
    derived_change(set, derived);
    if (has)
        return add_pointer(derived, name);
    remove_pointer(derived, name);
    return true;
}

struct search {
    const char *name, *next; /* `next`: the first text after `name`, of those compared so far */
};

/* Never returns 0, so tfind(3) descends to a leaf. The last node at which it turned left is the
 * next one. */
static int look_behind(const void *key, const void *text)
{
    struct search *search = (struct search *)key;
    if (strcmp(search->name, text) >= 0)
        return 1;
    search->next = text;
    return -1;
}

const char *derived_next_pointer(const struct derived *derived, const char *name)
{
    struct search search = {.name = name};
    tfind(&search, &derived->pointers, look_behind);
    return search.next;
}

/* ---- in groups ---- */

static int compare_pointer_names(const void *a, const void *b)
{
    const struct pointer *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static int compare_pointer_ages(const void *a, const void *b)
{
    const struct pointer *left = a, *right = b;
    int order = strcmp(left->group, right->group);
    if (order == 0)
        order = registration_compare_age(left->age, right->age);
    return order ? order : strcmp(left->name, right->name);
}

static struct pointer *new_pointer(const char *name, const char *group,
                                   const struct registration_age *age)
{
    size_t size = strlen(name) + 1;
    struct pointer *pointer = malloc(sizeof *pointer + size);
    if (!pointer)
        return NULL;
    pointer->group = group;
    pointer->age = *age;
    memcpy(pointer->name, name, size);
    return pointer;
}

static bool add_oldest(struct derived *derived, struct pointer *pointer)
{
    if (!tsearch(pointer, &derived->by_name, compare_pointer_names))
        return false;
    if (!tsearch(pointer, &derived->by_age, compare_pointer_ages)) {
        tdelete(pointer, &derived->by_name, compare_pointer_names);
        return false;
    }
    derived->n_grouped++;
    return true;
}

static void remove_oldest(struct derived *derived, struct pointer *pointer)
{
    tdelete(pointer, &derived->by_name, compare_pointer_names);
    tdelete(pointer, &derived->by_age, compare_pointer_ages);
    free(pointer);
    derived->n_grouped--;
}

bool derived_point_oldest(struct derived_set *set, const char *owner, const char *name,
                          const char *group, const struct registration_age *age)
{
    static const struct registration_age any;
    struct derived *derived = get(set, owner);
    struct pointer *made = new_pointer(name, group, age ? age : &any);
    if (!derived || !made) {
        free(made);
        return false;
    }
    struct pointer *const *node = tfind(made, &derived->by_name, compare_pointer_names);
    struct pointer *found = node ? *node : NULL;
    if (found ? age && registration_compare_age(found->age, *age) == 0 : !age) {
        free(made);
        return true;
    }
    derived_change(set, derived);
    if (found)
        remove_oldest(derived, found);
    bool added = true;
    if (age)
        added = add_oldest(derived, made);
    if (!age || !added)
        free(made);
    return added;
}

struct group_search {
    const char *group;
    const struct pointer *next; /* the first after the group, of those compared so far */
};

/* As look_behind(). */
static int look_behind_group(const void *key, const void *pointer)
{
    struct group_search *search = (struct group_search *)key;
    if (search->group && strcmp(search->group, ((const struct pointer *)pointer)->group) >= 0)
        return 1;
    search->next = pointer;
    return -1;
}

const struct pointer *derived_next_oldest(const struct derived *derived, const char *group)
{
    struct group_search search = {.group = group};
    tfind(&search, &derived->by_age, look_behind_group);
    return search.next;
}

/* ---- changes ---- */

void derived_change(struct derived_set *set, struct derived *derived)
{
    if (!derived->changed)
        TAILQ_INSERT_TAIL(&set->changed, derived, queued);
    derived->changed = true;
}

static void change(const void *node, VISIT which, void *set)
{
    if (which == postorder || which == leaf)
        derived_change(set, *(struct derived *const *)node);
}

void derived_change_all(struct derived_set *set)
{
    twalk_r(set->by_name, change, set);
}

struct derived *derived_take(struct derived_set *set)
{
    struct derived *derived = TAILQ_FIRST(&set->changed);
    if (!derived)
        return NULL;
    TAILQ_REMOVE(&set->changed, derived, queued);
    derived->changed = false;
    return derived;
}

void derived_took(struct derived_set *set, struct derived *derived)
{
    if (derived->changed || derived->n_below > 0 || derived->n_pointers > 0 ||
        derived->n_grouped > 0)
        return;
    tdelete(derived, &set->by_name, compare_names);
    free_derived(derived);
}
