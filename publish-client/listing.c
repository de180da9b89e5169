/* Parses the lines of the list socket (phonebook.h). Pure. */
#include "../common/number.h"
#include "../include/phonebook.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static void take_field(struct phonebook_entry *entry, const char *key, const char *value)
{
    const struct {
        const char *key;
        const char **text;
        long long *number;
    } fields[] = {
        {"name", &entry->name, NULL},         {"interface", &entry->interface, NULL},
        {"namespace", NULL, &entry->netns},   {"uid", NULL, &entry->uid},
        {"pid", NULL, &entry->pid},           {"since", NULL, &entry->since},
        {"state", &entry->state, NULL},       {"addresses", &entry->addresses, NULL},
        {"withheld", &entry->withheld, NULL}, {"rule", &entry->rule, NULL},
        {"reason", &entry->reason, NULL},     {"number", NULL, &entry->number},
        {"socket", NULL, &entry->socket},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].key, key) != 0)
            continue;
        if (fields[i].text)
            *fields[i].text = value;
        else
            *fields[i].number = number_of(value, strlen(value), LLONG_MAX);
        return;
    }
}

int phonebook_entry_parse(struct phonebook_entry *entry, char *line)
{
    *entry = (struct phonebook_entry){"", "", "", "", "", -1, -1, -1, -1, "", "", -1, -1};
    char *rest = line;
    for (char *field = strsep(&rest, " \t"); field; field = strsep(&rest, " \t")) {
        char *equals = strchr(field, '=');
        if (!equals) {
            if (*field)
                return -EPROTO;
            continue; /* several blanks */
        }
        *equals = '\0';
        take_field(entry, field, equals + 1);
    }
    return *entry->name ? 0 : -EPROTO;
}
