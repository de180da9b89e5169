#include "plain.h"

#include <string.h>

enum { ASCII_FIRST = 0x20, ASCII_DEL = 0x7f, C1_LEAD = 0xc2, C1_END = 0xa0 };

/* The length of a sequence with this first octet; 0: no sequence begins with it. */
static size_t length_by_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4) /* a continuation, an overlong form, or beyond U+10FFFF */
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The second octet shows overlong forms, surrogates, and characters beyond U+10FFFF. */
static bool second_is_allowed(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second <= 0x9f;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second <= 0x8f;
    default:
        return true;
    }
}

size_t utf8_length(const char *text, size_t length)
{
    const unsigned char *octets = (const unsigned char *)text;
    size_t n = length_by_lead(octets[0]);
    if (n == 0 || n > length || (n > 1 && !second_is_allowed(octets[0], octets[1])))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((octets[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

bool utf8_is_control(const char *text, size_t length)
{
    const unsigned char *octets = (const unsigned char *)text;
    if (length == 1)
        return octets[0] < ASCII_FIRST || octets[0] == ASCII_DEL;
    return length == 2 && octets[0] == C1_LEAD && octets[1] < C1_END;
}

void plain_utf8(char *text, size_t length)
{
    while (length > 0) {
        size_t n = utf8_length(text, length), step = n > 0 ? n : 1;
        if (n == 0 || utf8_is_control(text, n))
            memset(text, '?', step);
        text += step;
        length -= step;
    }
}

void plain_ascii(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ASCII_FIRST || (unsigned char)text[i] >= ASCII_DEL)
            text[i] = '?';
}

char *plain_copy(const char *text)
{
    char *copy = strdup(text);
    if (copy)
        plain_ascii(copy, strlen(copy));
    return copy;
}
