/* The owner to whom a client is charged (state/accounts.h): its uid, or the user to whom
 * /etc/subuid gives a range with this uid. Otherwise a user with a range would count as many users.
 *
 * A thread reads the file and looks its users up, at the start and after a change. owners_find()
 * checks for changes, at most once per second. Until the thread is done, the former content counts.
 * Failure modes: a file that cannot be read counts as empty, and is tried again. If the system does
 * not know the user of a range, each uid in it is charged to itself. If the lookup of a range's
 * user failed, the range counts as one user, its first uid, and the lookup is repeated. A range of
 * root, for example for a container manager, counts as its first uid too, because root is exempt
 * from all limits, and his containers must not be. */
#ifndef PHONEBOOKD_OWNERS_H
#define PHONEBOOKD_OWNERS_H

#include "../../common/nss-kind.h"
#include "../state/subuids.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <uv.h>

/* The result of a thread. */
struct owners_reading {
    struct subuids subuids;
    struct stat status; /* the file's status when it was read; zero: it was not read */
    int error;          /* -errno if it could not be read */
    bool unanswered;    /* the lookup of some user failed */
};

struct owners {
    const char *path; /* not owned */
    uv_loop_t *loop;
    int (*find)(void *context, enum nss_kind kind, const char *name, uint32_t *id);
    void *context;
    /* `next` belongs to the thread until the state is OWNERS_READ */
    struct owners_reading now, next;
    uv_work_t work;
    bool working, closed;
    uv_mutex_t mutex; /* guards `state` */
    uv_cond_t read;
    enum { OWNERS_AT_REST, OWNERS_READING, OWNERS_READ } state;
    /* ms on the loop's clock; `ask_again` is for unanswered questions */
    uint64_t look_again, ask_again;
    bool has_nobody;
    uint32_t nobody;
};

/* `path` is /etc/subuid. `find` is called on a thread, as nss_find(). Starts to read. */
void owners_init(struct owners *owners, const char *path, uv_loop_t *loop,
                 int (*find)(void *context, enum nss_kind kind, const char *name, uint32_t *id),
                 void *context);
/* For the start: waits for the end of the first reading, at most OWNERS_START_WAIT_MS. */
void owners_wait(struct owners *owners);
/* Ignores what is being read; the memory is freed when the loop has ended. */
void owners_close(struct owners *owners);
void owners_fini(struct owners *owners);

/* With `owners` NULL each uid is its own owner. */
uint32_t owners_find(struct owners *owners, uint32_t uid);

/* Is it the overflow uid (user_namespaces(7)), in a user namespace without all users? Then several
 * users may have it. */
bool owners_is_nobody(const struct owners *owners, uint32_t uid);

#endif
