#include "command-json.h"

#include "../include/phonebook.h"

#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 sequence at the start of `octets`, or 0 where it is none (RFC 3629, 4). */
static size_t utf8_length(const unsigned char *octets, size_t length)
{
    unsigned char lead = octets[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (n == 0 || n > length || lead > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((octets[i] & 0xc0) != 0x80)
            return 0;
    if (n >= 3) {
        unsigned char second = octets[1];
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
            return 0;
    }
    return n;
}

/* U+0080 to U+009F in UTF-8: what terminals with eight bits take as commands. */
static bool is_c1(const unsigned char *octets, size_t length)
{
    return length == 2 && octets[0] == 0xc2 && octets[1] < 0xa0;
}

/* An interface's name can be any octets; those that are no text become U+FFFD. */
static void json_string(FILE *out, const char *text, size_t length)
{
    const unsigned char *octets = (const unsigned char *)text;
    putc('"', out);
    while (length) {
        size_t n = utf8_length(octets, length);
        if (n == 0)
            fputs("\\ufffd", out);
        else if (*octets == '"' || *octets == '\\')
            fprintf(out, "\\%c", *octets);
        else if (*octets < 0x20 || *octets == 0x7f)
            fprintf(out, "\\u%04x", *octets);
        else if (is_c1(octets, n))
            fprintf(out, "\\u%04x", octets[1]);
        else
            fwrite(octets, 1, n, out);
        octets += n ? n : 1;
        length -= n ? n : 1;
    }
    putc('"', out);
}

static void json_text(FILE *out, const char *key, const char *text)
{
    fprintf(out, "\"%s\":", key);
    json_string(out, text, strlen(text));
    putc(',', out);
}

static void json_number(FILE *out, const char *key, long long number)
{
    if (number < 0)
        fprintf(out, "\"%s\":null,", key);
    else
        fprintf(out, "\"%s\":%lld,", key, number);
}

/* ADDRESS(REASON) */
static void json_withheld(FILE *out, const char *item, size_t length)
{
    const char *open = memchr(item, '(', length);
    size_t address = open ? (size_t)(open - item) : length;
    size_t reason = open ? length - address - 1 : 0;
    if (reason && item[length - 1] == ')')
        reason--;
    fputs("{\"address\":", out);
    json_string(out, item, address);
    fputs(",\"reason\":", out);
    json_string(out, open ? open + 1 : "", reason);
    putc('}', out);
}

static void json_list(FILE *out, const char *key, const char *items,
                      void (*item)(FILE *, const char *, size_t))
{
    fprintf(out, "\"%s\":[", key);
    while (*items) {
        size_t length = strcspn(items, ",");
        item(out, items, length);
        items += length;
        if (*items == ',') {
            items++;
            putc(',', out);
        }
    }
    putc(']', out);
}

void json_entry(FILE *out, const struct phonebook_entry *entry)
{
    putc('{', out);
    json_text(out, "name", entry->name);
    json_text(out, "interface", entry->interface);
    json_number(out, "namespace", entry->netns);
    json_number(out, "uid", entry->uid);
    json_number(out, "pid", entry->pid);
    json_number(out, "since", entry->since);
    json_text(out, "state", entry->state);
    json_list(out, "addresses", entry->addresses, json_string);
    putc(',', out);
    json_list(out, "withheld", entry->withheld, json_withheld);
    fputs("}\n", out);
}
