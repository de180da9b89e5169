/* The network namespaces that clients live in, their links and addresses, as of the last dumps.
 * Pure.
 *
 * netwatch fills it, the publisher reads it. A namespace is known by its cookie (socket(7),
 * SO_NETNS_COOKIE: never used twice while the system runs); the nsid is only the kernel's handle to
 * it. A link is found by (namespace, name) every time it is asked for: an interface that is
 * renamed, deleted or created again needs no bookkeeping. */
#ifndef PHONEBOOKD_INTERFACES_H
#define PHONEBOOKD_INTERFACES_H

#include "../../zones/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum { NAMESPACE_OWN = -1 }; /* nsid of the namespace that phonebookd itself runs in */

struct link {
    int index;
    bool up;      /* IFF_UP: a link that is down shows nothing, whatever addresses it keeps */
    char **names; /* owned; the name first, then alternative names */
    size_t n_names;
    struct address *addresses; /* owned; sorted by address_compare(), then by state */
    size_t n_addresses;
};

/* What one dump found: built by netwatch, handed to second_look_take(). */
struct snapshot {
    struct link *links; /* owned; sorted by index once snapshot_finish() has run */
    size_t n_links;
    size_t n_addresses;          /* of all links */
    size_t n_names;              /* of all links */
    size_t n_octets;             /* of alternative names, their ends included */
    size_t n_cut;                /* addresses left out: see LINK_ADDRESSES_MAX */
    size_t n_names_cut;          /* alternative names left out: see NAMESPACE_ALTNAMES_MAX */
    size_t n_lacking;            /* links without a name: see snapshot_lacking() */
    struct snapshot_name *names; /* owned; sorted, to search in; NULL where they are few */
    bool unsorted;               /* a link came after one with a higher index */
    enum { SNAPSHOT_WELL, SNAPSHOT_NO_MEMORY, SNAPSHOT_TOO_LARGE } failed; /* not to be used */
};
void snapshot_init(struct snapshot *snapshot);
void snapshot_fini(struct snapshot *snapshot);
/* Links first, then their addresses. Any order of links is right; that of rising indices, in which
 * the kernel dumps, is quick. Alternative names beyond a bound are left out, and the links stay:
 * which of them depends on the order in which they are added, and on nothing else. */
void snapshot_add_link(struct snapshot *snapshot, int index, bool up, const char *name);
void snapshot_add_altname(struct snapshot *snapshot, int index, const char *name);
void snapshot_add_address(struct snapshot *snapshot, int index, const struct address *address);
/* The indices that have addresses and no link, which may be added yet; those that are not (the link
 * was deleted meanwhile) are dropped with their addresses. Returns how many there are, and has
 * written up to `room` of them. */
size_t snapshot_lacking(const struct snapshot *snapshot, int *indices, size_t room);
void snapshot_finish(struct snapshot *snapshot);

/* Of a finished one: the link that has this name, else the one that has it as an alternative name,
 * or NULL. */
const struct link *snapshot_link(const struct snapshot *snapshot, const char *name);
/* Of a finished one: the link of this index, or NULL. */
const struct link *snapshot_link_of_index(const struct snapshot *snapshot, int index);

struct namespace
{
    uint64_t cookie;
    int32_t nsid;
    uint64_t inode;      /* of the nsfs file: what `ls -l /proc/PID/ns/net` shows */
    uint32_t owner;      /* whom it is charged to (accounts.h): the first connection's */
    unsigned n_holders;  /* connections of it; netwatch_acquire() and _release() count */
    bool known;          /* at least one dump has succeeded */
    struct snapshot now; /* what counts: the last dump, and what that lacks for the first time */
    void *named;         /* a tsearch(3) tree of struct interface */

    /* second-look's own. */
    bool doubted;         /* `now` has more than the last dump found */
    struct snapshot last; /* which then is this */

    /* netwatch's own. */
    bool dirty;           /* something may have changed since the last dump */
    bool audited;         /* dirty only because the audit wants to look */
    uint64_t rests_until; /* no dump before; ms on the loop's clock */
    unsigned failures;    /* dumps that failed in a row */
    uint32_t dumps_begun; /* so many; they may wrap around */
    uint32_t dumps_done;  /* the number of the last that succeeded */
    bool cut_said;        /* that not all of its addresses and names are looked at */
    struct namespace *dirty_before, *dirty_after; /* the queue of dirty ones */
};

/* The number of the dump with which all that had happened by now is known, and whether that was. */
uint32_t namespace_next_dump(const struct namespace *namespace);
bool namespace_has_dumped(const struct namespace *namespace, uint32_t number);

/* An interface as registrations name it, whether it is there or not. It exists while somebody is at
 * it. Its link, and whoever has not heard since: those whose `seen` is another state. */
struct visitor {
    struct interface *interface; /* NULL: none */
    uint32_t seen;
    TAILQ_ENTRY(visitor) beside;
};
TAILQ_HEAD(interface_list, interface);
struct interface {
    char *name; /* owned */
    struct namespace *namespace;
    TAILQ_HEAD(, visitor) visitors; /* those who have not heard come first */
    uint32_t state;                 /* counts the changes of its link */
    bool stale;                     /* in `stale_ones` */
    struct interface_list *stale_ones;
    TAILQ_ENTRY(interface) queued;
};
/* The visitor is at this interface from now on; where its link changes, that is put into
 * `stale`, which outlives it. False where memory ran out. */
bool interface_enter(struct visitor *visitor, struct namespace *namespace, const char *name,
                     struct interface_list *stale);
void interface_leave(struct visitor *visitor);
/* One who has not heard that his interface's link has changed, and has now; or NULL. */
struct visitor *interfaces_next_to_hear(struct interface_list *stale);

struct interfaces {
    void *by_cookie, *by_nsid; /* tsearch(3) trees of struct namespace */
    size_t n_namespaces;
};
void interfaces_init(struct interfaces *interfaces);
void interfaces_fini(struct interfaces *interfaces);

struct namespace *interfaces_find(const struct interfaces *interfaces, uint64_t cookie);
struct namespace *interfaces_find_nsid(const struct interfaces *interfaces, int32_t nsid);
/* A new namespace with n_holders 0, not known; NULL where memory ran out. */
struct namespace *interfaces_add(struct interfaces *interfaces, uint64_t cookie, int32_t nsid);
void interfaces_remove(struct interfaces *interfaces, struct namespace *namespace);
/* `visit` must not add or remove namespaces. */
void interfaces_each(const struct interfaces *interfaces,
                     void (*visit)(struct namespace *namespace, void *context), void *context);

/* Takes the snapshot's content (it is left empty) in place of the namespace's old one, which makes
 * the namespace known. True where they differ, or where it was not known. The interfaces whose
 * links are not as they were become stale; where it was not known, all. */
bool interfaces_replace(struct namespace *namespace, struct snapshot *take);

/* snapshot_link() of what counts. */
const struct link *namespace_link(const struct namespace *namespace, const char *name);

#endif
