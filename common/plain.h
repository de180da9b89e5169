/* Text of others on its way to a terminal or a log. An interface's name may be nearly any octets:
 * the kernel allows them, and so do requests. Pure. */
#ifndef COMMON_PLAIN_H
#define COMMON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of the UTF-8 sequence at the start of `text` (RFC 3629, 4), or 0 where it is none;
 * 0 < length. */
size_t utf8_length(const char *text, size_t length);

/* Is the sequence, of `length` octets, a control character: C0, DEL, or C1 (U+0080 to U+009F,
 * ECMA-48, 8.3), which a terminal obeys as it obeys an escape sequence? */
bool utf8_is_control(const char *text, size_t length);

/* Replaces by "?" each octet of a control character, and each that belongs to no UTF-8 sequence: a
 * terminal that does not read UTF-8 takes a lone 0x80 to 0x9f for a C1 control. */
void plain_utf8(char *text, size_t length);

/* Replaces by "?" each octet that is no printable ASCII. */
void plain_ascii(char *text, size_t length);

#endif
