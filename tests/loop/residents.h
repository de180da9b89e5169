/* Residents: processes, each in a network namespace of its own and connected to the test, as
 * clients are to phonebookd. What netwatch knows of a namespace is compared with what `ip` prints
 * there.
 *
 * The host's namespaces are not touched: the program first moves into a new network namespace, and
 * the residents end with it. */
#ifndef TESTS_LOOP_RESIDENTS_H
#define TESTS_LOOP_RESIDENTS_H

#include "../../phonebookd/network/netwatch.h"
#include "clock.h"
#include "loop.h"

#include <sys/types.h>

/* Runs a group of cmocka tests; skips them, with a message, if namespaces cannot be made. */
#define residents_run(tests)                                                                       \
    (residents_possible() ? cmocka_run_group_tests(tests, NULL, NULL) : residents_skip())
bool residents_possible(void);
int residents_skip(void);

struct resident {
    pid_t pid;
    int fd;  /* our end of its connection */
    int own; /* if it has no process: the other end */
};
/* `uid` is what the process becomes; other than 0, the namespace belongs to a user namespace of its
 * own, as after `unshare -Urn`. The process runs `work`, where given, and then waits to be
 * killed. */
struct resident resident_start(uid_t uid, void (*work)(void *context), void *context);
/* One in our own namespace, without a process. */
struct resident resident_here(void);
void resident_kill(struct resident *resident);
void resident_close(struct resident *resident);

/* Runs a shell command in the resident's namespace; the command must succeed. */
void resident_run(const struct resident *resident, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A loop with a watch. Its clock is held (clock.h): all times below are of that clock. */
struct house {
    struct test_loop t;
    struct interfaces interfaces;
    struct accounts accounts;
    struct netwatch *watch;
    unsigned n_changed;
};
/* For cmocka: *state is the house. The teardown fails if a handle or a descriptor is left. */
int house_setup(void **state);
int house_teardown(void **state);
#define IN_HOUSE(name, setup) cmocka_unit_test_setup_teardown(name, setup, house_teardown)
/* Without netwatch, for tests in which it does not start. */
int house_setup_empty(void **state);

/* Acquires the resident's namespace, before its first dump. */
struct namespace *house_enter(struct house *house, const struct resident *resident, uint32_t uid);
void house_expect_known(struct house *house, const struct namespace *namespace);
/* Both, for uid 1000. */
struct namespace *house_acquire(struct house *house, const struct resident *resident);
/* loop_run() of its loop. */
unsigned house_run(struct house *house, unsigned ms);
/* As if its last dump were long ago: the next event causes a dump at once. */
void house_let_rest(struct house *house, struct namespace *namespace);
/* Runs the loop until the namespace is as `ip` shows it; fails after `limit_ms`. Returns the
 * milliseconds that this took. */
unsigned house_expect_truth(struct house *house, const struct namespace *namespace,
                            const struct resident *resident, unsigned limit_ms);

#endif
