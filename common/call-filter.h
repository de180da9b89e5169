/* An allow list of system calls for this process (seccomp(2), libseccomp).
 *
 * A call that is not in the list fails with EPERM; the first one causes a line on standard error
 * with its number. So a call missing in the list does not end the process, except in a thread that
 * blocks SIGSYS. clone3(2) fails with ENOSYS, so that the C library uses clone(2), whose flags the
 * filter can check. */
#ifndef COMMON_CALL_FILTER_H
#define COMMON_CALL_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* The number of clone(2)'s argument with the flags. */
#ifdef __s390__
enum { CLONE_FLAGS_ARGUMENT = 1 };
#else
enum { CLONE_FLAGS_ARGUMENT = 0 };
#endif

struct call_filter {
    void *list; /* libseccomp's */
    int error;  /* -errno of the first failure */
};

/* From here on this call fails with ENOSYS, as if the kernel lacked it. no_new_privs must be set.
 * 0 or -errno. */
int call_filter_hide(const char *name);

/* Was this program built so that it can be filtered? With sanitizers it is not: their run-time
 * libraries make too many different calls to be listed. */
bool call_filter_is_built(void);

/* Begins a list with the calls that all our processes need: for memory that is not executable,
 * signals, clocks, descriptors, threads, and exit. */
void call_filter_begin(struct call_filter *filter);
/* Adds calls by name, up to a NULL; skips names that the library or this processor lacks. */
void call_filter_allow(struct call_filter *filter, const char *const *names);
/* Adds a call, allowed if the lower 32 bits of its argument `n` (from 0), masked, are `value`. */
void call_filter_allow_where(struct call_filter *filter, const char *name, unsigned n,
                             uint32_t mask, uint32_t value);
/* The same if argument 0 is `first` and argument `n` is `value`. */
void call_filter_allow_both(struct call_filter *filter, const char *name, uint32_t first,
                            unsigned n, uint32_t value);

/* Filters the calls of this thread and of those that it begins. no_new_privs must be set. The line
 * about a refused call begins with `program`, a static text. 0, or -errno and nothing is filtered.
 * Frees the list. */
int call_filter_enter(struct call_filter *filter, const char *program);

#endif
