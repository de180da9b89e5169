/* The text by which the keeper keeps a registration. Pure.
 *
 *     SECONDS REQUEST [IN_PART]
 *
 * SECONDS is when the registration began, on CLOCK_BOOTTIME, which nobody sets; former phonebookds
 * stored seconds since 1970. REQUEST is its line without the end of line. The subject, which the
 * keeper compares, is all before the keys, so that a renewal replaces what it renews. Where a rule
 * for names kept a registration out of a zone, IN_PART is behind that: else the next phonebookd,
 * which does not ask such rules for what was accepted, would let it in. */
#ifndef PHONEBOOKD_KEPT_TEXT_H
#define PHONEBOOKD_KEPT_TEXT_H

#include "../../keeper/protocol.h"
#include "../../publish-client/request.h"
#include "../state/registry.h"

struct kept_text {
    struct request request;
    int64_t since;
    bool in_part;
};

struct kept_text kept_text_of(const struct registration *registration);
/* Its length, and that of its subject; 0 where the request is none. */
size_t kept_text_write(char text[static KEEP_TEXT_MAX], const struct kept_text *kept,
                       size_t *subject);
/* NULL, or what is wrong with the text (a static text). */
const char *kept_text_read(struct kept_text *kept, const char *text, size_t length);
/* Where the request begins in a text that may be any; all of it where that is not to be seen. */
const char *kept_text_request(const char *text, size_t length);

#endif
