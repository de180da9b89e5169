#include "command-json.h"

#include "../common/plain.h"
#include "../common/text.h"
#include "../include/phonebook.h"
#include "command-holding.h"

#include <string.h>

/* An interface's name may contain any octets; invalid ones become U+FFFD. */
static void json_string(struct text *out, const char *text, size_t length)
{
    text_add(out, "\"");
    while (length) {
        size_t n = utf8_length(text, length);
        if (n == 0)
            text_add(out, "\\ufffd");
        else if (*text == '"' || *text == '\\')
            text_add(out, "\\%c", *text);
        else if (utf8_is_control(text, n)) /* up to U+00BF the last octet is the code point */
            text_add(out, "\\u%04x", (unsigned char)text[n - 1]);
        else
            text_put(out, text, n);
        text += n ? n : 1;
        length -= n ? n : 1;
    }
    text_add(out, "\"");
}

static void json_text(struct text *out, const char *key, const char *text)
{
    text_add(out, "\"%s\":", key);
    json_string(out, text, strlen(text));
    text_add(out, ",");
}

static void json_number(struct text *out, const char *key, long long number)
{
    if (number < 0)
        text_add(out, "\"%s\":null,", key);
    else
        text_add(out, "\"%s\":%lld,", key, number);
}

/* ADDRESS(REASON) */
static void json_withheld(struct text *out, const char *item, size_t length)
{
    const char *open = memchr(item, '(', length);
    size_t address = open ? (size_t)(open - item) : length;
    size_t reason = open ? length - address - 1 : 0;
    if (reason && item[length - 1] == ')')
        reason--;
    text_add(out, "{\"address\":");
    json_string(out, item, address);
    text_add(out, ",\"reason\":");
    json_string(out, open ? open + 1 : "", reason);
    text_add(out, "}");
}

static void json_list(struct text *out, const char *key, const char *items,
                      void (*item)(struct text *, const char *, size_t))
{
    text_add(out, "\"%s\":[", key);
    while (*items) {
        size_t length = strcspn(items, ",");
        item(out, items, length);
        items += length;
        if (*items == ',') {
            items++;
            text_add(out, ",");
        }
    }
    text_add(out, "]");
}

static void json_or_null(struct text *out, const char *key, const char *text)
{
    text_add(out, ",\"%s\":", key);
    if (*text)
        json_string(out, text, strlen(text));
    else
        text_add(out, "null");
}

static void json_processes(struct text *out, const struct holding *holding)
{
    text_add(out, ",\"processes\":%s", holding->known ? "[" : "null");
    for (size_t i = 0; i < holding->n; i++) {
        const struct holding_process *process = &holding->all[i];
        text_add(out, "%s{\"pid\":%d,\"command\":", i > 0 ? "," : "", process->pid);
        json_string(out, process->name, strlen(process->name));
        text_add(out, "}");
    }
    text_add(out, "%s", holding->known ? "]" : "");
}

void json_entry(struct text *out, const struct phonebook_entry *entry,
                const struct holding *holding)
{
    text_add(out, "{");
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
    text_add(out, ",");
    json_list(out, "withheld", entry->withheld, json_withheld);
    json_or_null(out, "rule", entry->rule);
    json_or_null(out, "reason", entry->reason);
    if (holding)
        json_processes(out, holding);
    text_add(out, "}\n");
}
