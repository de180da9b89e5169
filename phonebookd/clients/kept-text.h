/* The text of a registration that the keeper stores. Pure.
 *
 *     SECONDS REQUEST [IN_PART]
 *
 * SECONDS is when the registration began, on CLOCK_BOOTTIME, which nobody can set; former versions
 * stored seconds since 1970. REQUEST is the request line without its newline. The text's subject,
 * which the keeper compares, is everything before the options, so that a renewal replaces the text
 * of the registration that it renews. IN_PART follows if a rule for names excluded the registration
 * from a zone. The next phonebookd does not apply these rules to accepted registrations, and would
 * publish the name in that zone otherwise. */
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
/* Returns the length, and the length of the subject in *subject; 0 if the request is invalid. */
size_t kept_text_write(char text[static KEEP_TEXT_MAX], const struct kept_text *kept,
                       size_t *subject);
/* NULL, or the mistake in the text (a static text). */
const char *kept_text_read(struct kept_text *kept, const char *text, size_t length);
/* The start of the request in an arbitrary text; if it cannot be found, the whole text. */
const char *kept_text_request(const char *text, size_t length);

#endif
