/* An allow list of system calls for this process (seccomp(2), libseccomp).
 *
 * What is not in the list fails with EPERM, and the first time of each call a line on standard
 * error says which it was, by number: a call that was forgotten here ends nothing. clone3(2) fails
 * with ENOSYS, so that the C library uses clone(2), whose flags can be seen. A thread that blocks
 * SIGSYS would be killed instead. */
#ifndef COMMON_CALL_FILTER_H
#define COMMON_CALL_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* Where clone(2) has its flags. */
#ifdef __s390__
enum { CLONE_FLAGS_ARGUMENT = 1 };
#else
enum { CLONE_FLAGS_ARGUMENT = 0 };
#endif

struct call_filter {
    void *list; /* libseccomp's */
    int error;  /* -errno: the first that went wrong */
};

/* From here on this call fails with ENOSYS, as if the kernel lacked it. After no_new_privs was set. 0
 * or -errno. */
int call_filter_hide(const char *name);

/* Was this program built so that it can be filtered? The run-time libraries of sanitizers make
 * calls that nobody could list. */
bool call_filter_is_built(void);

/* A list of what every one of our processes does: memory without code in it, signals, clocks,
 * descriptors, threads, the end. The names are C string literals, NULL at the end. */
void call_filter_begin(struct call_filter *filter);
/* Adds calls by name. A name that the library, or this processor, does not know is left out. */
void call_filter_allow(struct call_filter *filter, const char *const *names);
/* Adds a call where the lower 32 bits of argument `n`, counted from 0, masked, are `value`. */
void call_filter_allow_where(struct call_filter *filter, const char *name, unsigned n,
                             uint32_t mask, uint32_t value);
/* The same with two arguments, which are equal to these. */
void call_filter_allow_both(struct call_filter *filter, const char *name, uint32_t first,
                            unsigned n, uint32_t value);

/* From here on, for this thread and those that it begins: after no_new_privs was set. `program`
 * begins the line about a refused call; a static text. 0, or -errno, and nothing is filtered. Frees
 * the list. */
int call_filter_enter(struct call_filter *filter, const char *program);

#endif
