#include "owner-key.h"

#include <string.h>

/* The first octet of a key. */
enum { FORWARD, REVERSE };

/* Each label ends in NUL, which no label contains, so a name comes before the names that begin with
 * it. */
static uint8_t *put_label(uint8_t *to, const void *label, size_t length)
{
    memcpy(to, label, length);
    to[length] = 0;
    return to + length + 1;
}

static void finish(struct owner_key *key, const uint8_t *end)
{
    static const char arpa[] = "arpa"; /* with its NUL */
    key->length = (size_t)(end - key->octets);
    key->octets[0] = key->length > sizeof arpa && !memcmp(key->octets + 1, arpa, sizeof arpa)
                         ? REVERSE
                         : FORWARD;
}

void owner_key_of(struct owner_key *key, const char *owner)
{
    size_t end = strlen(owner), start = end;
    uint8_t *to = &key->octets[1];
    for (;; end = --start) {
        while (start > 0 && owner[start - 1] != '.')
            start--;
        to = put_label(to, owner + start, end - start);
        if (start == 0)
            break;
    }
    finish(key, to);
}

void owner_key_of_entry(struct owner_key *key, const struct cdb_entry *entry)
{
    uint8_t labels[NAME_LABELS_MAX], n = 0; /* the beginning of each label */
    uint8_t *to = &key->octets[1];
    for (uint8_t at = 0; entry->key[at]; at += (uint8_t)(entry->key[at] + 1))
        labels[n++] = at;
    while (n > 0) {
        const uint8_t *label = entry->key + labels[--n];
        to = put_label(to, label + 1, label[0]);
    }
    if (entry->value[2] == CDB_WILDCARD)
        to = put_label(to, "*", 1);
    finish(key, to);
}

int owner_key_compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}
