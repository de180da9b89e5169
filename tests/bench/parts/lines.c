#include "lines.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROOM_FOR_MUTATIONS = 64 };

struct text {
    char *octets;
    size_t length;
    uint64_t *state;
};

/* xorshift64* */
uint32_t lines_random(uint64_t *state, uint32_t below)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return (uint32_t)((x * UINT64_C(2685821657736338717)) >> 33) % below;
}

static uint32_t below(struct text *text, uint32_t n)
{
    return lines_random(text->state, n);
}

static bool one_in(struct text *text, uint32_t n)
{
    return below(text, n) == 0;
}

static void put(struct text *text, char octet)
{
    if (text->length < LINES_LENGTH_MAX - ROOM_FOR_MUTATIONS)
        text->octets[text->length++] = octet;
}

static void put_text(struct text *text, const char *from)
{
    while (*from)
        put(text, *from++);
}

static char pick(struct text *text, const char *of)
{
    return of[below(text, (uint32_t)strlen(of))];
}

__attribute__((format(printf, 2, 3))) static void put_format(struct text *text, const char *format,
                                                             ...)
{
    va_list arguments;
    va_start(arguments, format);
    char line[128];
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put_text(text, line);
}

/* Any octet but the end of a line. */
static char any_octet(struct text *text)
{
    char octet;
    do
        octet = (char)below(text, 256);
    while (octet == '\n');
    return octet;
}

/* ---- fields ---- */

static void put_escape(struct text *text)
{
    switch (below(text, 6)) {
    case 0:
        put_format(text, "\\%o", below(text, 256));
        break;
    case 1:
        put_format(text, "\\%o", below(text, 2048)); /* beyond 0377, and four digits */
        break;
    case 2:
        put(text, '\\');
        put(text, pick(text, "\\.:*89aZ-"));
        break;
    case 3:
        put_format(text, "\\%u%c", below(text, 8), pick(text, "89x.\\"));
        break;
    case 4:
        put(text, '\\');
        put(text, any_octet(text));
        break;
    default:
        put_format(text, "\\%03o", below(text, 256));
    }
}

static void put_label(struct text *text)
{
    uint32_t kind = below(text, 40), length = 1 + below(text, 8);
    if (kind == 0)
        length = 61 + below(text, 4);
    else if (kind == 1)
        length = 20 + below(text, 40);
    else if (kind == 2)
        length = 0;
    for (uint32_t i = 0; i < length; i++) {
        if (kind == 3 && one_in(text, 4))
            put_escape(text);
        else if (kind == 4 && one_in(text, 4))
            put(text, any_octet(text));
        else
            put(text, pick(text, "abcdefghijklmnopqrstuvwxyz0123456789-_ABCXYZ"));
    }
}

static void put_name(struct text *text)
{
    uint32_t kind = below(text, 24), labels = 1 + below(text, 4);
    if (kind == 0)
        return;
    if (kind == 1) { /* about as long as a name can be */
        for (uint32_t i = 0, n = 3 + below(text, 2); i < n; i++)
            put_format(text, "%063u.", below(text, 1000));
        put_format(text, "%0*u", (int)(56 + below(text, 10)), below(text, 1000));
        return;
    }
    if (kind == 2)
        put(text, '.');
    if (kind == 3 || kind == 4)
        put_text(text, "*.");
    if (kind == 5)
        put_text(text, "\\052.");
    if (kind == 6)
        put_text(text, "*");
    for (uint32_t i = 0; i < labels; i++) {
        put_label(text);
        if (i + 1 < labels)
            put(text, '.');
    }
    if (kind == 7)
        put_text(text, one_in(text, 2) ? "." : "..");
    if (kind == 8 && one_in(text, 2))
        put(text, '\\');
}

static void put_number(struct text *text)
{
    static const char *const odd[] = {"4294967295",
                                      "4294967296",
                                      "4294967297",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "18446744073709551617",
                                      "99999999999999999999999999",
                                      "2147483648",
                                      "00",
                                      "007",
                                      "-1",
                                      "+1",
                                      " 5",
                                      "1 2",
                                      "0x10",
                                      "1e3",
                                      "a"};
    switch (below(text, 8)) {
    case 0:
        return;
    case 1:
        put_text(text, odd[below(text, sizeof odd / sizeof *odd)]);
        return;
    case 2:
        put_format(text, "%u%c", below(text, 1000), any_octet(text));
        return;
    case 3:
        put_text(text, "0");
        return;
    default:
        put_format(text, "%u", below(text, 1U << below(text, 31)));
    }
}

static void put_address(struct text *text)
{
    uint32_t kind = below(text, 12);
    if (kind == 0)
        return;
    uint32_t n = 4;
    if (kind == 1)
        n = below(text, 8);
    for (uint32_t i = 0; i < n; i++) {
        if (kind == 2 && one_in(text, 3))
            put_number(text);
        else
            put_format(text, "%u", below(text, kind == 3 ? 1000 : 256));
        if (i + 1 < n || kind == 4)
            put(text, kind == 5 && one_in(text, 3) ? any_octet(text) : '.');
    }
    if (kind == 6)
        put(text, any_octet(text));
}

static void put_stamp(struct text *text)
{
    uint32_t kind = below(text, 4), length = kind == 0 ? below(text, 20) : 16;
    if (one_in(text, 2))
        return;
    for (uint32_t i = 0; i < length; i++) {
        if (kind == 1 && one_in(text, 8))
            put(text, any_octet(text));
        else
            put(text, pick(text, kind == 2 ? "0123456789ABCDEFabcdefgG" : "0123456789abcdef"));
    }
}

static void put_location(struct text *text)
{
    static const char *const locations[] = {"", "", "lo", "a", "abc", "\\141", " ", "x "};
    if (one_in(text, 12)) {
        put(text, any_octet(text));
        put(text, one_in(text, 2) ? '\0' : any_octet(text));
        return;
    }
    put_text(text, locations[below(text, sizeof locations / sizeof *locations)]);
}

static void put_data(struct text *text)
{
    static const uint32_t lengths[] = {0, 1, 8, 126, 127, 128, 253, 254, 255, 256, 600};
    uint32_t kind = below(text, 4), length = below(text, 24);
    if (one_in(text, 8))
        length = lengths[below(text, sizeof lengths / sizeof *lengths)];
    for (uint32_t i = 0; i < length; i++) {
        if (kind == 0 && one_in(text, 3))
            put_escape(text);
        else if (kind == 1)
            put(text, any_octet(text));
        else
            put(text, pick(text, "abcdefghijklmnopqrstuvwxyz 0123456789.,\\"));
    }
    if (one_in(text, 24))
        put(text, '\\');
}

static void put_type(struct text *text)
{
    static const uint32_t types[] = {28, 33, 65, 257, 16, 1, 13, 99, 65280, 65535, 65536 + 28};
    static const uint32_t refused[] = {0, 2, 5, 6, 12, 15, 252, 65536, 65542};
    if (one_in(text, 100))
        put_format(text, "%u", refused[below(text, sizeof refused / sizeof *refused)]);
    else if (one_in(text, 40))
        put_number(text);
    else if (one_in(text, 8))
        put_format(text, "%u", below(text, 70000));
    else
        put_format(text, "%u", types[below(text, sizeof types / sizeof *types)]);
}

/* A server: mostly without a dot. */
static void put_server(struct text *text)
{
    if (one_in(text, 3))
        put_name(text);
    else if (!one_in(text, 8))
        put_label(text);
    if (one_in(text, 40))
        put(text, '\\');
}

/* ---- lines ---- */

/* What a letter in the shapes below stands for. */
static void put_field(struct text *text, char letter)
{
    switch (letter) {
    case 'n':
        put_name(text);
        break;
    case 'i':
        put_address(text);
        break;
    case 's':
        put_server(text);
        break;
    case '#':
        put_number(text);
        break;
    case 't':
        put_stamp(text);
        break;
    case 'l':
        put_location(text);
        break;
    case 'p':
        if (one_in(text, 20))
            put_number(text);
        else
            put_format(text, "%u", below(text, 70000));
        break;
    case 'd':
        put_data(text);
        break;
    default:
        put_type(text);
    }
}

static void put_line(struct text *text)
{
    static const char *const shapes[] = {
        ".nis#tl",      "&nis#tl",    "=ni#tl", "+ni#tl",  "@nis##tl",
        "'nd#tl",       "^nn#tl",     "Cnn#tl", ":nyd#tl", "%li####",
        "Znnn######tl", "Snisp###tl", "-ni#tl", "#d",      "+ni##tl#d#n#d#n#d",
    };
    const char *shape = shapes[below(text, sizeof shapes / sizeof *shapes)];
    size_t n = strlen(shape);
    if (one_in(text, 3)) /* fields are missing, or some too many */
        n = 1 + below(text, (uint32_t)n);
    put(text, shape[0]);
    for (size_t i = 1; i < n; i++) {
        if (i > 1)
            put(text, ':');
        put_field(text, shape[i]);
    }
    if (one_in(text, 12))
        put(text, pick(text, ":: \t\r\\"));
    if (one_in(text, 24))
        put(text, pick(text, " \t\r"));
}

static void mutate(struct text *text)
{
    size_t at = below(text, (uint32_t)text->length + 1);
    switch (below(text, 5)) {
    case 0: /* another octet */
        if (at < text->length)
            text->octets[at] = any_octet(text);
        break;
    case 1: /* one less */
        if (at < text->length)
            memmove(text->octets + at, text->octets + at + 1, --text->length - at);
        break;
    case 2: /* cut off */
        text->length = at;
        break;
    default: /* one more, of those that mean something */
        memmove(text->octets + at + 1, text->octets + at, text->length++ - at);
        text->octets[at] = pick(text, "::::\\\\..* \t\r01289afZSC@+&=%#'^-");
    }
}

size_t lines_make(char line[static LINES_LENGTH_MAX], uint64_t *state)
{
    struct text text = {.octets = line, .state = state};
    put_line(&text);
    if (one_in(&text, 4))
        for (uint32_t n = 1 + below(&text, 4); n > 0; n--)
            mutate(&text);
    if (one_in(&text, 200)) /* nothing of all that */
        for (text.length = 0; text.length < 40 && !one_in(&text, 20);)
            put(&text, any_octet(&text));
    return text.length;
}
