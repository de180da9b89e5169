/* The options of a request: the words after NAME INTERFACE, each KEY=VALUE (phonebook-protocol(7)).
 * Clients, phonebookd's registry and the texts that the keeper stores share this format. A new
 * option needs a field here, a row in the table of request-options.c, and code that acts on it.
 * Pure. */
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
    REQUEST_WORD_MAX = 255,       /* octets of a value that is a word */
    REQUEST_OPTIONS_MAX = 512,    /* octets of all options as text, NUL included */
};

/* A value that is a word: it points into the caller's text, and has no NUL at its end. */
struct option_word {
    const char *at; /* NULL if not given */
    size_t length;
};

/* The family of the addresses to be shown. */
enum request_family { REQUEST_BOTH, REQUEST_IPV4, REQUEST_IPV6 };

/* May an address point back to the name? UNSAID means the same as YES: the zones decide. */
enum request_ptr { REQUEST_PTR_UNSAID, REQUEST_PTR_YES, REQUEST_PTR_NO };

/* A number that is not given is -1, a choice 0. */
struct request_options {
    int64_t ttl;    /* seconds */
    int64_t wait;   /* seconds, at least 1; for this answer only, not kept with the registration */
    int64_t linger; /* seconds, at least 1 */
    int64_t id;     /* any number; the answer repeats it */
    int64_t family; /* a choice: enum request_family */
    int64_t ptr;    /* a choice: enum request_ptr */
    int64_t withdraw;            /* a choice: 1 ends the registration */
    struct option_word wait_for; /* `wait` ends when the name is live in this zone, or in "all" */
};
extern const struct request_options no_request_options;

/* Adds the option KEY=VALUE. A value that is a word points into `word` afterwards. Returns NULL, or
 * why the option is refused (a static text). */
const char *request_options_take(struct request_options *options, const char *word, size_t length);

/* Returns NULL, or which option is out of its limits (a static text). */
const char *request_options_check(const struct request_options *options);

/* Writes " KEY=VALUE" for each option that is given. */
void request_options_format(char text[static REQUEST_OPTIONS_MAX],
                            const struct request_options *options);

/* The options that are kept with a registration as long as it lasts. */
struct request_options request_options_lasting(const struct request_options *options);
/* Are all options equal? */
bool request_options_same(const struct request_options *a, const struct request_options *b);

#endif
