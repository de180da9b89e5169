/* A line of the list socket: each text of the entry points into the line. */
#include "../../include/phonebook.h"
#include "../unit/require.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_text(const char *text, const char *line, size_t length)
{
    require(*text == '\0' || (text >= line && text + strlen(text) <= line + length));
    require(strpbrk(text, " \t") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *line = malloc(length + 1);
    require(line != NULL);
    if (length)
        memcpy(line, bytes, length);
    line[length] = '\0';
    struct phonebook_entry entry;
    if (phonebook_entry_parse(&entry, line) == 0) {
        require(*entry.name != '\0');
        check_text(entry.name, line, length);
        check_text(entry.interface, line, length);
        check_text(entry.state, line, length);
        check_text(entry.addresses, line, length);
        check_text(entry.withheld, line, length);
        check_text(entry.rule, line, length);
        require(entry.netns >= -1 && entry.uid >= -1 && entry.pid >= -1 && entry.since >= -1);
        require(entry.number >= -1 && entry.socket >= -1);
    }
    free(line);
    return 0;
}
