#include "command-json.h"

#include "../common/plain.h"
#include "../include/phonebook.h"
#include "command-holders.h"

#include <string.h>

/* An interface's name may contain any octets; invalid ones become U+FFFD. */
static void json_string(FILE *out, const char *text, size_t length)
{
    putc('"', out);
    while (length) {
        size_t n = utf8_length(text, length);
        if (n == 0)
            fputs("\\ufffd", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (utf8_is_control(text, n)) /* up to U+00BF the last octet is the code point */
            fprintf(out, "\\u%04x", (unsigned char)text[n - 1]);
        else
            fwrite(text, 1, n, out);
        text += n ? n : 1;
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

static void json_or_null(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    if (*text)
        json_string(out, text, strlen(text));
    else
        fputs("null", out);
}

static void json_processes(FILE *out, const struct holding *holding)
{
    fprintf(out, ",\"processes\":%s", holding->known ? "[" : "null");
    for (size_t i = 0; i < holding->n; i++) {
        const struct holding_process *process = &holding->all[i];
        fprintf(out, "%s{\"pid\":%d,\"command\":", i > 0 ? "," : "", process->pid);
        json_string(out, process->name, strlen(process->name));
        putc('}', out);
    }
    fputs(holding->known ? "]" : "", out);
}

void json_entry(FILE *out, const struct phonebook_entry *entry, const struct holding *holding)
{
    putc('{', out);
    json_text(out, "name", entry->name);
    json_text(out, "interface", entry->interface);
    json_number(out, "namespace", entry->netns);
    json_number(out, "uid", entry->uid);
    json_number(out, "pid", entry->pid);
    json_number(out, "since", entry->since);
    json_number(out, "number", entry->number);
    json_number(out, "socket", entry->socket);
    json_text(out, "state", entry->state);
    json_list(out, "addresses", entry->addresses, json_string);
    putc(',', out);
    json_list(out, "withheld", entry->withheld, json_withheld);
    json_or_null(out, "rule", entry->rule);
    json_or_null(out, "reason", entry->reason);
    if (holding)
        json_processes(out, holding);
    fputs("}\n", out);
}
