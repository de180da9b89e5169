#include "living.h"

#include <netinet/in.h>

static bool prefix_same(const struct address_prefix *a, const struct address_prefix *b)
{
    return a->bits == b->bits && address_compare(&a->address, &b->address) == 0;
}

static bool is_known(const struct living *living, const struct address_prefix *prefix)
{
    for (size_t i = 0; i < living->n; i++)
        if (prefix_same(&living->prefixes[i], prefix))
            return true;
    return false;
}

/* The length 128 of a single address, such as one from DHCPv6, is not that of its network. */
static struct address_prefix prefix_of(const struct address *address)
{
    struct address_prefix prefix = {.address = *address};
    prefix.address.state = prefix.address.bits = 0;
    address_prefix_cut(&prefix, address->bits == 0 || address->bits == 128 ? LIVING_HOST_BITS
                                                                           : address->bits);
    return prefix;
}

void living_set(struct living *living, const struct address *addresses, size_t n)
{
    living->n = 0;
    for (size_t i = 0; i < n && living->n < FIT_RECORDS_MAX; i++) {
        if (addresses[i].family != AF_INET6)
            continue;
        struct address_prefix prefix = prefix_of(&addresses[i]);
        if (!is_known(living, &prefix))
            living->prefixes[living->n++] = prefix;
    }
}

bool living_same(const struct living *a, const struct living *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!prefix_same(&a->prefixes[i], &b->prefixes[i]))
            return false;
    return true;
}

bool living_has(const struct living *living, const struct address *address)
{
    if (!living || living->n == 0 || address->family == AF_INET)
        return true;
    for (size_t i = 0; i < living->n; i++)
        if (address_within(address, &living->prefixes[i]))
            return true;
    return false;
}
