/* The network namespaces of the clients, with their links and addresses as of the last dumps. Pure.
 *
 * netwatch fills it, publishing reads it. A namespace is identified by its cookie (socket(7),
 * SO_NETNS_COOKIE: never reused while the system runs); its nsid is only a handle for the kernel. A
 * link is looked up by namespace and name each time it is needed, so nothing has to be done when an
 * interface is renamed, deleted or created again. */
#ifndef PHONEBOOKD_INTERFACES_H
#define PHONEBOOKD_INTERFACES_H

#include "../../zones/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum { NAMESPACE_OWN = -1 }; /* nsid of phonebookd's own namespace */

struct link {
    int index;
    bool up;      /* IFF_UP; the addresses of a link that is down are not shown */
    char **names; /* owned; the first is its name, the others are alternative names */
    size_t n_names;
    struct address *addresses; /* owned; sorted by address_compare(), then by state */
    size_t n_addresses;
};

/* A run of consecutive entries of link::addresses. */
struct link_part {
    size_t first, n;
};
/* The link's addresses of these families (a set of zone_family). */
struct link_part link_part(const struct link *link, unsigned families);
/* The union and the intersection of two parts of one link, each made by family. */
struct link_part link_part_join(struct link_part a, struct link_part b);
struct link_part link_part_common(struct link_part a, struct link_part b);

/* The result of a dump: built by netwatch, passed to second_look_take(). */
struct snapshot {
    struct link *links; /* owned; sorted by index after snapshot_finish() */
    size_t n_links;
    size_t n_addresses;          /* of all links */
    size_t n_names;              /* of all links */
    size_t n_octets;             /* of all alternative names, including a NUL each */
    size_t n_cut;                /* addresses left out because of LINK_ADDRESSES_MAX */
    size_t n_names_cut;          /* alternative names left out because of NAMESPACE_ALTNAMES_MAX */
    size_t n_lacking;            /* links known only by their addresses: see snapshot_lacking() */
    struct snapshot_name *names; /* owned; sorted for a search; NULL if there are few */
    bool unsorted;               /* a link came after one with a higher index */
    /* if set, the snapshot is unusable */
    enum { SNAPSHOT_WELL, SNAPSHOT_NO_MEMORY, SNAPSHOT_TOO_LARGE } failed;
};
void snapshot_init(struct snapshot *snapshot);
void snapshot_fini(struct snapshot *snapshot);
/* Add links first, then their addresses. Links may come in any order; the kernel dumps them by
 * rising index, which is fastest. Alternative names beyond a limit are left out, and the links
 * stay; which ones are left out depends only on the order in which they are added. */
void snapshot_add_link(struct snapshot *snapshot, int index, bool up, const char *name);
void snapshot_add_altname(struct snapshot *snapshot, int index, const char *name);
void snapshot_add_address(struct snapshot *snapshot, int index, const struct address *address);
/* Finds indices that have addresses and no link; the caller may add these links. Those that are not
 * added (because the link was deleted meanwhile) are dropped with their addresses. Writes up to
 * `room` indices, and returns how many there are. */
size_t snapshot_lacking(const struct snapshot *snapshot, int *indices, size_t room);
void snapshot_finish(struct snapshot *snapshot);

/* In a finished snapshot: the link with this name, otherwise the one with this alternative name, or
 * NULL. */
const struct link *snapshot_link(const struct snapshot *snapshot, const char *name);
/* In a finished snapshot: the link with this index, or NULL. */
const struct link *snapshot_link_of_index(const struct snapshot *snapshot, int index);

struct namespace
{
    uint64_t cookie;
    int32_t nsid;
    uint64_t inode;     /* inode number of the nsfs file, as `ls -l /proc/PID/ns/net` shows it */
    uint32_t owner;     /* the owner it is charged to (accounts.h): that of its first connection */
    unsigned n_holders; /* its connections; counted by netwatch_acquire() and netwatch_release() */
    bool known;         /* a dump has succeeded */
    /* the valid state: the last dump, and entries missing in it for the first time */
    struct snapshot now;
    uint64_t changes; /* number of changes of `now` */
    void *named;      /* a tsearch(3) tree of struct interface */

    /* Used by second-look only. */
    bool doubted;         /* `now` has more than the last dump */
    struct snapshot last; /* then: the last dump */

    /* Used by netwatch only. */
    bool dirty;           /* marked: it may have changed since the last dump */
    bool audited;         /* marked only by the audit */
    uint64_t rests_until; /* no dump before this time; ms on the loop's clock */
    unsigned failures;    /* failed dumps in a row */
    uint32_t dumps_begun; /* number of dumps begun; may wrap around */
    uint32_t dumps_done;  /* number of the last dump that succeeded */
    bool cut_said;        /* we have logged that some of its addresses or names are ignored */
    struct namespace *dirty_before, *dirty_after; /* neighbours in the queue of marked ones */
};

/* The number of the first dump that will show all changes up to now; and: has this dump, or a later
 * one, succeeded? */
uint32_t namespace_next_dump(const struct namespace *namespace);
bool namespace_has_dumped(const struct namespace *namespace, uint32_t number);

/* A named interface in a namespace, whether it exists there or not. It is kept while it has
 * visitors (registrations). When its link changes, its visitors are told one by one
 * (interfaces_next_to_hear()); a visitor who was not told yet has a `seen` other than `state`. */
struct visitor {
    struct interface *interface; /* NULL: none */
    uint32_t seen;
    TAILQ_ENTRY(visitor) beside;
};
TAILQ_HEAD(interface_list, interface);
/* The interfaces with visitors who were not told yet. */
struct stale_interfaces {
    struct interface_list list;
    bool news; /* the link of one has changed since the owner last cleared this */
};
struct interface {
    char *name; /* owned */
    struct namespace *namespace;
    TAILQ_HEAD(, visitor) visitors; /* those who were not told yet come first */
    uint32_t state;                 /* counts the changes of its link */
    bool stale;                     /* it is in `stale_ones` */
    struct stale_interfaces *stale_ones;
    TAILQ_ENTRY(interface) queued;
};
/* Makes `visitor` a visitor of this interface. When the link of the interface changes, the
 * interface is added to `stale`, which must outlive it. False if memory ran out. */
bool interface_enter(struct visitor *visitor, struct namespace *namespace, const char *name,
                     struct stale_interfaces *stale);
void interface_leave(struct visitor *visitor);
/* Returns a visitor who was not told yet that the link of his interface has changed, and counts him
 * as told; or NULL. */
struct visitor *interfaces_next_to_hear(struct stale_interfaces *stale);

struct interfaces {
    void *by_cookie, *by_nsid; /* tsearch(3) trees of struct namespace */
    size_t n_namespaces;
};
void interfaces_init(struct interfaces *interfaces);
void interfaces_fini(struct interfaces *interfaces);

struct namespace *interfaces_find(const struct interfaces *interfaces, uint64_t cookie);
struct namespace *interfaces_find_nsid(const struct interfaces *interfaces, int32_t nsid);
/* A new namespace: n_holders is 0, and it is not known. NULL if memory ran out. */
struct namespace *interfaces_add(struct interfaces *interfaces, uint64_t cookie, int32_t nsid);
void interfaces_remove(struct interfaces *interfaces, struct namespace *namespace);
/* `visit` must not add or remove namespaces. */
void interfaces_each(const struct interfaces *interfaces,
                     void (*visit)(struct namespace *namespace, void *context), void *context);

/* Moves the content of the snapshot into the namespace (the snapshot is empty afterwards), which is
 * known then. True if it differs from before, or the namespace was not known. Interfaces whose
 * links changed become stale; if the namespace was not known, all do. */
bool interfaces_replace(struct namespace *namespace, struct snapshot *take);

/* snapshot_link() in `now`. */
const struct link *namespace_link(const struct namespace *namespace, const char *name);

#endif
