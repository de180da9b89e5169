#include "on-change-facts.h"

#include "../../common/text.h"
#include "../../zones/address.h"
#include "../../zones/image.h"
#include "../../zones/record.h"
#include "../../zones/zone.h"
#include "../limits.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

/* Before the next word of a fact: the first one follows the "=". */
static const char *separator(const struct text *text)
{
    return text->length > 0 && text->octets[text->length - 1] != '=' ? " " : "";
}

/* The name may be in a zone below this one; its addresses are that zone's. */
static void add_server(struct text *text, const struct kept *kept, const struct kept_zone *zone,
                       const char *server)
{
    struct records records;
    records_init(&records);
    if (kept_zone_of(kept, server) == zone)
        image_find(kept->image, server, &records);
    size_t cursor = 0;
    bool any = false;
    struct record record;
    while (records_next(&records, &cursor, &record)) {
        if (record.type != RECORD_A && record.type != RECORD_AAAA)
            continue;
        char address[ADDRESS_TEXT_MAX];
        text_add(text, "%s%s=%s", separator(text), server, address_text(address, &record.address));
        any = true;
    }
    if (!any)
        text_add(text, "%s%s", separator(text), server);
    records_fini(&records);
}

static void add_prefix(const uint8_t octets[KEPT_PREFIX_OCTETS], void *context)
{
    struct address address = {.family = AF_INET6};
    memcpy(address.octets, octets, KEPT_PREFIX_OCTETS);
    char text[ADDRESS_TEXT_MAX];
    text_add(context, "%s%s/64", separator(context), address_text(text, &address));
}

void on_change_facts(char *facts[static ON_CHANGE_FACTS], const struct kept *kept,
                     const struct kept_zone *zone, const char *directory, uint32_t serial)
{
    struct text texts[ON_CHANGE_FACTS] = {0};
    text_add(&texts[0], "PHONEBOOK_ZONE=%s", zone->zone->name);
    text_add(&texts[1], "PHONEBOOK_SERIAL=%u", serial);
    text_add(&texts[2], "PHONEBOOK_DIRECTORY=%s", directory);
    text_add(&texts[3], "PHONEBOOK_NAMESERVERS=");
    for (size_t i = 0; i < zone->zone->n_nameservers; i++)
        add_server(&texts[3], kept, zone, zone->zone->nameservers[i]);
    text_add(&texts[4], "PHONEBOOK_PREFIXES=");
    kept_prefixes(zone, ON_CHANGE_PREFIXES_MAX, add_prefix, &texts[4]);
    for (size_t i = 0; i < ON_CHANGE_FACTS; i++)
        facts[i] = text_take(&texts[i]);
}
