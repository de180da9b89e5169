/* Any octets: a name is refused; or it becomes canonical, stays so, fits on the wire, and needs no
 * escapes in tinydns-data text. */
#include "../../zones/name.h"
#include "../unit/require.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static void check_wire(const char *name)
{
    uint8_t wire[NAME_WIRE_MAX];
    size_t length = name_to_wire(wire, name);
    require(length == strlen(name) + 2);
    size_t at = 0;
    while (wire[at]) {
        require(wire[at] <= NAME_LABEL_MAX);
        require(memcmp(wire + at + 1, name + at, wire[at]) == 0);
        at += wire[at] + 1u;
        require(at < length);
    }
    require(at == length - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    char name[NAME_TEXT_MAX + 1];
    enum name_outcome outcome = name_canonical(name, (const char *)octets, size);
    require(strlen(name_outcome_text(outcome)) > 0);
    if (outcome != NAME_OK)
        return 0;
    require(strlen(name) <= NAME_TEXT_MAX);
    require(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.*") == strlen(name));
    require(!strchr(name + 1, '*') && (name[0] == '*') == name_is_wildcard(name));
    char again[NAME_TEXT_MAX + 1];
    require(name_canonical(again, name, strlen(name)) == NAME_OK && strcmp(again, name) == 0);
    require(name_within(name, name));
    check_wire(name);
    if (name_join(again, "a", name) == NAME_OK)
        require(name_within(again, name) && !name_within(name, again));
    return 0;
}
