/* Makes text from clients safe for a terminal or a log. Interface names, for example, may contain
 * nearly any octet: the kernel and requests allow it. Pure. */
#ifndef COMMON_PLAIN_H
#define COMMON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the UTF-8 sequence at the start of `text` (RFC 3629, 4), or 0 if it is invalid.
 * `length` must not be 0. */
size_t utf8_length(const char *text, size_t length);

/* Is this sequence a control character: C0, DEL, or C1 (U+0080 to U+009F; ECMA-48, 8.3)? A terminal
 * obeys C1 characters as it obeys escape sequences. */
bool utf8_is_control(const char *text, size_t length);

/* Replaces each octet of a control character or of invalid UTF-8 by "?". Invalid UTF-8 matters
 * because a terminal that does not read UTF-8 takes the octets 0x80 to 0x9f for C1 controls. */
void plain_utf8(char *text, size_t length);

/* Replaces each octet other than printable ASCII by "?". */
void plain_ascii(char *text, size_t length);
/* A copy, changed in the same way. Owned by the caller; NULL if memory ran out. */
char *plain_copy(const char *text);

#endif
