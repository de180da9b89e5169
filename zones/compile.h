/* tinydns-data's work: a file of its lines becomes a data.cdb. */
#ifndef ZONES_COMPILE_H
#define ZONES_COMPILE_H

#include "tinydns-parse.h"

/* The serial that tinydns-data gives to the zones that name none: the time of its file, 32 bits of
 * it, and never 0. */
static inline uint32_t compile_serial(int64_t time)
{
    return (uint32_t)time ? (uint32_t)time : 1;
}

/* Who hears of lines. */
struct compile_ears {
    tinydns_refused *refused;
    tinydns_refused *doubted; /* of accepted ones (tinydns_doubt()); NULL: nobody */
    void *context;
};

/* Reads all of `from` and writes its compiled form to `to`, an empty file open for writing, or
 * nowhere where `to` is -1. 0 or -errno. Where *refused counts lines afterwards, `to` is worth
 * nothing. */
int compile(int from, int to, uint32_t serial, const struct compile_ears *ears, size_t *refused);

#endif
