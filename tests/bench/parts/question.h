/* DNS questions for the IPv4 addresses of a name, and their answers (RFC 1035, 4.1). */
#ifndef BENCH_PARTS_QUESTION_H
#define BENCH_PARTS_QUESTION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUESTION_MAX = 512 };

struct answer {
    bool readable; /* an answer or a denial; not a failure, not cut off */
    unsigned n;    /* addresses */
    bool has;      /* the one that was looked for is among them */
};

/* Returns the length; the name must be one that fits. */
size_t question_make(uint8_t message[static QUESTION_MAX], uint16_t id, const char *name);

/* The id of a message, -1 where it is none. */
int question_id(const uint8_t *message, size_t length);

struct answer answer_read(const uint8_t *message, size_t length, struct in_addr looked_for);

#endif
