#include "address-sum.h"

#include "../../common/fnv.h"
#include "../../zones/address.h"

static bool counts(const struct address *address)
{
    enum address_class class = address_class(address);
    return !(address->state & ADDRESS_TENTATIVE) &&
           (class == ADDRESS_GLOBAL || class == ADDRESS_PRIVATE);
}

static uint64_t add(uint64_t sum, const struct address *address)
{
    sum = fnv_add(sum, &address->family, sizeof address->family);
    return fnv_add(sum, address->octets, sizeof address->octets);
}

uint64_t address_sum(const struct namespace *namespace)
{
    uint64_t sum = FNV_BASIS;
    for (size_t i = 0; i < namespace->now.n_links; i++) {
        const struct link *link = &namespace->now.links[i];
        for (size_t j = 0; link->up && j < link->n_addresses; j++)
            if (counts(&link->addresses[j]))
                sum = add(sum, &link->addresses[j]);
    }
    return sum;
}
