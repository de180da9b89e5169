#include "address-sum.h"

#include "../../zones/address.h"

static const uint64_t basis = 0xcbf29ce484222325, prime = 0x100000001b3; /* FNV-1a */

static bool counts(const struct address *address)
{
    enum address_class class = address_class(address);

    return !(address->state & ADDRESS_TENTATIVE) &&
           (class == ADDRESS_GLOBAL || class == ADDRESS_PRIVATE);
}

static uint64_t add(uint64_t sum, const struct address *address)
{
    sum = (sum ^ address->family) * prime;
    for (int i = 0; i < ADDRESS_OCTETS_MAX; i++)
        sum = (sum ^ address->octets[i]) * prime;
    return sum;
}

uint64_t address_sum(const struct namespace *namespace)
{
    uint64_t sum = basis;

    for (size_t i = 0; i < namespace->now.n_links; i++) {
        const struct link *link = &namespace->now.links[i];

        for (size_t j = 0; link->up && j < link->n_addresses; j++)
            if (counts(&link->addresses[j]))
                sum = add(sum, &link->addresses[j]);
    }
    return sum;
}
