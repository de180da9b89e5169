#include "interfaces.h"

#include "../../common/array.h"
#include "../../zones/zone.h"
#include "../limits.h"

#include <netinet/in.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SEARCHED_PLAINLY = 16 }; /* if there are more, finish makes an index */

struct snapshot_name {
    const char *name; /* the link's */
    uint32_t link;    /* links[link] */
    bool alternative;
};

/* Snapshots. */

void snapshot_init(struct snapshot *snapshot)
{
    memset(snapshot, 0, sizeof *snapshot);
}

static void link_fini(struct link *link)
{
    for (size_t i = 0; i < link->n_names; i++)
        free(link->names[i]);
    free(link->names);
    free(link->addresses);
}

void snapshot_fini(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_links; i++)
        link_fini(&snapshot->links[i]);
    free(snapshot->links);
    free(snapshot->names);
    snapshot_init(snapshot);
}

static int compare_links(const void *a, const void *b)
{
    const struct link *left = a, *right = b;
    return (left->index > right->index) - (left->index < right->index);
}

static struct link *link_of_index(struct snapshot *snapshot, int index)
{
    if (snapshot->n_links == 0)
        return NULL;
    struct link *last = &snapshot->links[snapshot->n_links - 1];
    if (last->index == index)
        return last;
    if (snapshot->unsorted)
        qsort(snapshot->links, snapshot->n_links, sizeof(struct link), compare_links);
    snapshot->unsorted = false;
    struct link key = {.index = index};
    return bsearch(&key, snapshot->links, snapshot->n_links, sizeof(struct link), compare_links);
}

static void add_name(struct snapshot *snapshot, struct link *link, const char *name)
{
    char **added = array_append(&link->names, link->n_names, sizeof *added);
    if (!added || !(*added = strdup(name))) {
        snapshot->failed = SNAPSHOT_NO_MEMORY;
        return;
    }
    link->n_names++;
    snapshot->n_names++;
}

/* Adds a link that has no name yet. Returns NULL if that failed. */
static struct link *append_link(struct snapshot *snapshot, int index)
{
    if (snapshot->n_links == NAMESPACE_LINKS_MAX) {
        snapshot->failed = SNAPSHOT_TOO_LARGE;
        return NULL;
    }
    struct link *link = array_append(&snapshot->links, snapshot->n_links, sizeof *link);
    if (!link) {
        snapshot->failed = SNAPSHOT_NO_MEMORY;
        return NULL;
    }
    snapshot->n_links++;
    *link = (struct link){.index = index};
    if (snapshot->n_links > 1 && link[-1].index > index)
        snapshot->unsorted = true;
    snapshot->n_lacking++;
    return link;
}

void snapshot_add_link(struct snapshot *snapshot, int index, bool up, const char *name)
{
    if (snapshot->failed)
        return;
    struct link *link = snapshot->n_lacking > 0 ? link_of_index(snapshot, index) : NULL;
    if (!link || link->n_names > 0)
        link = append_link(snapshot, index);
    if (!link)
        return;
    link->up = up;
    snapshot->n_lacking--;
    add_name(snapshot, link, name);
}

void snapshot_add_altname(struct snapshot *snapshot, int index, const char *name)
{
    struct link *link = snapshot->failed ? NULL : link_of_index(snapshot, index);
    size_t octets = strlen(name) + 1;
    if (!link || link->n_names == 0)
        return;
    if (snapshot->n_names - (snapshot->n_links - snapshot->n_lacking) >= NAMESPACE_ALTNAMES_MAX ||
        snapshot->n_octets + octets > NAMESPACE_ALTNAME_OCTETS_MAX) {
        snapshot->n_names_cut++;
        return;
    }
    snapshot->n_octets += octets;
    add_name(snapshot, link, name);
}

size_t snapshot_lacking(const struct snapshot *snapshot, int *indices, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < snapshot->n_links && n < snapshot->n_lacking; i++) {
        if (snapshot->links[i].n_names > 0)
            continue;
        if (n < room)
            indices[n] = snapshot->links[i].index;
        n++;
    }
    return n;
}

static void drop_lacking(struct snapshot *snapshot)
{
    size_t n = 0;
    for (size_t i = 0; i < snapshot->n_links; i++) {
        struct link *link = &snapshot->links[i];
        if (link->n_names > 0) {
            snapshot->links[n++] = *link;
            continue;
        }
        snapshot->n_addresses -= link->n_addresses;
        link_fini(link);
    }
    snapshot->n_links = n;
    snapshot->n_lacking = 0;
}

void snapshot_add_address(struct snapshot *snapshot, int index, const struct address *address)
{
    struct link *link = snapshot->failed ? NULL : link_of_index(snapshot, index);
    if (!link && !snapshot->failed)
        link = append_link(snapshot, index);
    if (!link)
        return;
    if (snapshot->n_addresses == NAMESPACE_ADDRESSES_MAX) {
        snapshot->failed = SNAPSHOT_TOO_LARGE;
        return;
    }
    struct address *added = array_append(&link->addresses, link->n_addresses, sizeof *added);
    if (!added) {
        snapshot->failed = SNAPSHOT_NO_MEMORY;
        return;
    }
    link->n_addresses++;
    *added = *address;
    snapshot->n_addresses++;
}

static int compare_addresses(const void *a, const void *b)
{
    const struct address *left = a, *right = b;
    int order = address_compare(left, right);
    order = order ? order : left->state - right->state;
    return order ? order : left->bits - right->bits;
}

/* A name of its own sorts before an equal alternative name. */
static int compare_names(const void *a, const void *b)
{
    const struct snapshot_name *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : left->alternative - right->alternative;
}

static void build_names(struct snapshot *snapshot)
{
    struct snapshot_name *next = calloc(snapshot->n_names, sizeof *next);
    if (!next) {
        snapshot->failed = SNAPSHOT_NO_MEMORY;
        return;
    }
    snapshot->names = next;
    for (size_t i = 0; i < snapshot->n_links; i++) {
        const struct link *link = &snapshot->links[i];
        for (size_t j = 0; j < link->n_names; j++)
            *next++ = (struct snapshot_name){link->names[j], (uint32_t)i, j > 0};
    }
    qsort(snapshot->names, snapshot->n_names, sizeof *snapshot->names, compare_names);
}

/* Keeps the first LINK_ADDRESSES_MAX addresses of each family, which are sorted. Returns how many
 * are left out. */
static size_t cut_addresses(struct link *link)
{
    size_t kept = 0, of_family = 0;
    for (size_t i = 0; i < link->n_addresses; i++) {
        if (i > 0 && link->addresses[i].family != link->addresses[i - 1].family)
            of_family = 0;
        if (of_family++ < LINK_ADDRESSES_MAX)
            link->addresses[kept++] = link->addresses[i];
    }
    size_t cut = link->n_addresses - kept;
    link->n_addresses = kept;
    return cut;
}

void snapshot_finish(struct snapshot *snapshot)
{
    if (snapshot->failed)
        return;
    if (snapshot->unsorted)
        qsort(snapshot->links, snapshot->n_links, sizeof(struct link), compare_links);
    snapshot->unsorted = false;
    if (snapshot->n_lacking > 0)
        drop_lacking(snapshot);
    for (size_t i = 0; i < snapshot->n_links; i++) {
        struct link *link = &snapshot->links[i];
        if (link->n_addresses > 1)
            qsort(link->addresses, link->n_addresses, sizeof(struct address), compare_addresses);
        if (link->n_addresses > LINK_ADDRESSES_MAX)
            snapshot->n_cut += cut_addresses(link);
    }
    snapshot->n_addresses -= snapshot->n_cut;
    if (snapshot->n_names > NAMES_SEARCHED_PLAINLY)
        build_names(snapshot);
}

/* IPv4 addresses come first. */
struct link_part link_part(const struct link *link, unsigned families)
{
    size_t high = link->n_addresses;
    if (families == (ZONE_IPV4 | ZONE_IPV6))
        return (struct link_part){0, high};
    size_t low = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (link->addresses[middle].family == AF_INET)
            low = middle + 1;
        else
            high = middle;
    }
    return families == ZONE_IPV4 ? (struct link_part){0, low}
                                 : (struct link_part){low, link->n_addresses - low};
}

struct link_part link_part_join(struct link_part a, struct link_part b)
{
    size_t first = a.first < b.first ? a.first : b.first;
    if (a.n == 0 || b.n == 0)
        return a.n == 0 ? b : a;
    return (struct link_part){
        first, (a.first + a.n > b.first + b.n ? a.first + a.n : b.first + b.n) - first};
}

struct link_part link_part_common(struct link_part a, struct link_part b)
{
    size_t first = a.first > b.first ? a.first : b.first;
    size_t end = a.first + a.n < b.first + b.n ? a.first + a.n : b.first + b.n;
    return (struct link_part){first, end > first ? end - first : 0};
}

static bool links_equal(const struct link *a, const struct link *b)
{
    if (a->index != b->index || a->up != b->up || a->n_names != b->n_names ||
        a->n_addresses != b->n_addresses)
        return false;
    for (size_t i = 0; i < a->n_names; i++) {
        if (strcmp(a->names[i], b->names[i]) != 0)
            return false;
    }
    for (size_t i = 0; i < a->n_addresses; i++) {
        if (compare_addresses(&a->addresses[i], &b->addresses[i]) != 0)
            return false;
    }
    return true;
}

static bool snapshots_equal(const struct snapshot *a, const struct snapshot *b)
{
    if (a->n_links != b->n_links || a->n_names != b->n_names || a->n_addresses != b->n_addresses)
        return false;
    for (size_t i = 0; i < a->n_links; i++) {
        if (!links_equal(&a->links[i], &b->links[i]))
            return false;
    }
    return true;
}

/* Searches without an index. A name of its own counts before an equal alternative name. */
static const struct link *search_plainly(const struct snapshot *snapshot, const char *name)
{
    const struct link *found = NULL;
    for (size_t i = 0; i < snapshot->n_links; i++) {
        const struct link *link = &snapshot->links[i];
        for (size_t j = 0; j < link->n_names; j++) {
            if (strcmp(link->names[j], name) != 0)
                continue;
            if (j == 0)
                return link;
            found = found ? found : link;
        }
    }
    return found;
}

const struct link *snapshot_link(const struct snapshot *snapshot, const char *name)
{
    if (!snapshot->names)
        return search_plainly(snapshot, name);
    size_t low = 0, high = snapshot->n_names;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(snapshot->names[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == snapshot->n_names || strcmp(snapshot->names[low].name, name) != 0)
        return NULL;
    return &snapshot->links[snapshot->names[low].link];
}

const struct link *snapshot_link_of_index(const struct snapshot *snapshot, int index)
{
    struct link key = {.index = index};
    if (snapshot->n_links == 0)
        return NULL;
    return bsearch(&key, snapshot->links, snapshot->n_links, sizeof(struct link), compare_links);
}

const struct link *namespace_link(const struct namespace *namespace, const char *name)
{
    return snapshot_link(&namespace->now, name);
}

/* Interfaces, by the names that registrations have for them. */

static int compare_named(const void *a, const void *b)
{
    const struct interface *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static struct interface *add_interface(struct namespace *namespace, const char *name,
                                       struct stale_interfaces *stale)
{
    struct interface *interface = calloc(1, sizeof *interface);
    if (!interface)
        return NULL;
    interface->namespace = namespace;
    interface->stale_ones = stale;
    TAILQ_INIT(&interface->visitors);
    interface->name = strdup(name);
    if (interface->name && tsearch(interface, &namespace->named, compare_named))
        return interface;
    free(interface->name);
    free(interface);
    return NULL;
}

bool interface_enter(struct visitor *visitor, struct namespace *namespace, const char *name,
                     struct stale_interfaces *stale)
{
    const struct interface key = {.name = (char *)name};
    void *const *node = tfind(&key, &namespace->named, compare_named);
    visitor->interface = node ? *node : add_interface(namespace, name, stale);
    if (!visitor->interface)
        return false;
    visitor->seen = visitor->interface->state;
    TAILQ_INSERT_TAIL(&visitor->interface->visitors, visitor, beside);
    return true;
}

void interface_leave(struct visitor *visitor)
{
    struct interface *interface = visitor->interface;
    if (!interface)
        return;
    TAILQ_REMOVE(&interface->visitors, visitor, beside);
    visitor->interface = NULL;
    if (!TAILQ_EMPTY(&interface->visitors))
        return;
    if (interface->stale)
        TAILQ_REMOVE(&interface->stale_ones->list, interface, queued);
    tdelete(interface, &interface->namespace->named, compare_named);
    free(interface->name);
    free(interface);
}

static void become_stale(struct interface *interface)
{
    interface->state++;
    if (!interface->stale)
        TAILQ_INSERT_TAIL(&interface->stale_ones->list, interface, queued);
    interface->stale = true;
    interface->stale_ones->news = true;
}

struct visitor *interfaces_next_to_hear(struct stale_interfaces *stale)
{
    struct interface *interface;
    while ((interface = TAILQ_FIRST(&stale->list))) {
        struct visitor *first = TAILQ_FIRST(&interface->visitors);
        if (first->seen != interface->state) {
            first->seen = interface->state;
            TAILQ_REMOVE(&interface->visitors, first, beside);
            TAILQ_INSERT_TAIL(&interface->visitors, first, beside);
            return first;
        }
        TAILQ_REMOVE(&stale->list, interface, queued);
        interface->stale = false;
    }
    return NULL;
}

/* Two snapshots of one namespace. */
struct difference {
    const struct snapshot *before, *after;
    bool all;
};

static void compare_interface(const void *node, VISIT visit, void *closure)
{
    struct interface *interface = *(struct interface *const *)node;
    const struct difference *difference = closure;
    if (visit != postorder && visit != leaf)
        return;
    const struct link *before = snapshot_link(difference->before, interface->name);
    const struct link *after = snapshot_link(difference->after, interface->name);
    if (difference->all || !before != !after || (before && !links_equal(before, after)))
        become_stale(interface);
}

bool interfaces_replace(struct namespace *namespace, struct snapshot *take)
{
    struct difference difference = {&namespace->now, take, !namespace->known};
    bool differs = difference.all || !snapshots_equal(&namespace->now, take);
    if (differs)
        twalk_r(namespace->named, compare_interface, &difference);
    namespace->changes += differs;
    snapshot_fini(&namespace->now);
    namespace->now = *take;
    namespace->known = true;
    snapshot_init(take);
    return differs;
}

/* Namespaces. */

static int compare_cookies(const void *a, const void *b)
{
    const struct namespace *left = a, *right = b;
    return (left->cookie > right->cookie) - (left->cookie < right->cookie);
}

static int compare_nsids(const void *a, const void *b)
{
    const struct namespace *left = a, *right = b;
    return (left->nsid > right->nsid) - (left->nsid < right->nsid);
}

void interfaces_init(struct interfaces *interfaces)
{
    memset(interfaces, 0, sizeof *interfaces);
}

static void namespace_free(void *object)
{
    struct namespace *namespace = object;
    snapshot_fini(&namespace->now);
    snapshot_fini(&namespace->last);
    free(namespace);
}

static void keep(void *object)
{
    (void)object;
}

void interfaces_fini(struct interfaces *interfaces)
{
    tdestroy(interfaces->by_nsid, keep);
    tdestroy(interfaces->by_cookie, namespace_free);
    interfaces_init(interfaces);
}

struct namespace *interfaces_find(const struct interfaces *interfaces, uint64_t cookie)
{
    const struct namespace key = {.cookie = cookie};
    void *const *node = tfind(&key, &interfaces->by_cookie, compare_cookies);
    return node ? *node : NULL;
}

struct namespace *interfaces_find_nsid(const struct interfaces *interfaces, int32_t nsid)
{
    const struct namespace key = {.nsid = nsid};
    void *const *node = tfind(&key, &interfaces->by_nsid, compare_nsids);
    return node ? *node : NULL;
}

/* Puts the namespace into a tree. False if memory ran out or the tree has an equal one. */
static bool plant(void **tree, struct namespace *namespace,
                  int (*compare)(const void *a, const void *b))
{
    void **node = tsearch(namespace, tree, compare);
    return node && *node == namespace;
}

struct namespace *interfaces_add(struct interfaces *interfaces, uint64_t cookie, int32_t nsid)
{
    struct namespace *namespace = calloc(1, sizeof *namespace);
    if (!namespace)
        return NULL;
    namespace->cookie = cookie;
    namespace->nsid = nsid;
    if (!plant(&interfaces->by_cookie, namespace, compare_cookies))
        goto err;
    if (!plant(&interfaces->by_nsid, namespace, compare_nsids))
        goto err_after_cookie;
    interfaces->n_namespaces++;
    return namespace;

err_after_cookie:
    tdelete(namespace, &interfaces->by_cookie, compare_cookies);
err:
    free(namespace);
    return NULL;
}

void interfaces_remove(struct interfaces *interfaces, struct namespace *namespace)
{
    tdelete(namespace, &interfaces->by_nsid, compare_nsids);
    tdelete(namespace, &interfaces->by_cookie, compare_cookies);
    interfaces->n_namespaces--;
    namespace_free(namespace);
}

struct walk {
    void (*visit)(struct namespace *namespace, void *context);
    void *context;
};

static void walk_node(const void *node, VISIT visit, void *closure)
{
    const struct walk *walk = closure;
    if (visit == postorder || visit == leaf)
        walk->visit(*(struct namespace *const *)node, walk->context);
}

void interfaces_each(const struct interfaces *interfaces,
                     void (*visit)(struct namespace *namespace, void *context), void *context)
{
    struct walk walk = {visit, context};
    twalk_r(interfaces->by_cookie, walk_node, &walk);
}

uint32_t namespace_next_dump(const struct namespace *namespace)
{
    return namespace->dumps_begun + (namespace->dirty && !namespace->audited);
}

bool namespace_has_dumped(const struct namespace *namespace, uint32_t number)
{
    return (int32_t)(namespace->dumps_done - number) >= 0;
}
