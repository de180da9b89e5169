/* Compiles a file of tinydns-data lines into a data.cdb, as tinydns-data does. */
#ifndef ZONES_COMPILE_H
#define ZONES_COMPILE_H

#include "tinydns-parse.h"

/* The serial of zones whose SOA names none: the time of the file, as tinydns-data has it, in 32
 * bits and never 0. */
static inline uint32_t compile_serial(int64_t time)
{
    return (uint32_t)time ? (uint32_t)time : 1;
}

/* Called for lines with problems. */
struct compile_ears {
    tinydns_refused *refused;
    tinydns_refused *doubted; /* for accepted lines (tinydns_doubt()); may be NULL */
    void *context;
};

/* Reads all of `from` and writes the compiled file to `to`, an empty file open for writing; -1:
 * nowhere. 0 or -errno. If *refused is not 0 afterwards, the file is unusable. */
int compile(int from, int to, uint32_t serial, const struct compile_ears *ears, size_t *refused);

#endif
