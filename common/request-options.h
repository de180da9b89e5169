/* What a request says beside NAME INTERFACE, as both ends, the registry and the keeper's texts have
 * it: one KEY=VALUE each (phonebook-protocol(7)). The next option is a field here, a row of the
 * table in request-options.c, and whoever acts on it. Pure. */
#ifndef COMMON_REQUEST_OPTIONS_H
#define COMMON_REQUEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_ID_MAX INT64_C(999999999999999999)

enum {
    REQUEST_TTL_MAX = 0x7fffffff, /* RFC 2181, 8 */
    REQUEST_WAIT_MAX = 3600,      /* seconds */
    REQUEST_LINGER_MAX = 86400,   /* seconds; a zone's own limit may be less */
    REQUEST_WORD_MAX = 255,       /* octets of a value that is no number */
    REQUEST_OPTIONS_MAX = 512,    /* octets of all as text, NUL included */
};

/* A value that is no number: octets of somebody else's text, without a NUL at the end. */
struct option_word {
    const char *at; /* NULL where it is not given */
    size_t length;
};

/* Each number is -1 where it is not given. */
struct request_options {
    int64_t ttl;                 /* seconds */
    int64_t wait;                /* seconds, at least 1; about the answer, not the registration */
    int64_t linger;              /* seconds, at least 1 */
    int64_t id;                  /* any number; the answer has it too */
    struct option_word wait_for; /* a zone, or "all": where `wait` is to be over */
};
extern const struct request_options no_request_options;

/* Adds what KEY=VALUE gives; a value that is no number stays part of `word`. NULL, or why it cannot
 * stand here, a static text. */
const char *request_options_take(struct request_options *options, const char *word, size_t length);

/* NULL, or what is out of its limits, a static text. */
const char *request_options_check(const struct request_options *options);

/* " KEY=VALUE" for each that is given. */
void request_options_format(char text[static REQUEST_OPTIONS_MAX],
                            const struct request_options *options);

/* Those that a registration has for as long as it lasts. */
struct request_options request_options_lasting(const struct request_options *options);
/* Are these equal? */
bool request_options_same(const struct request_options *a, const struct request_options *b);

#endif
