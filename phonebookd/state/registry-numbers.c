#include "registry.h"

int registration_compare_age(const struct registration *a, const struct registration *b)
{
    uint64_t left = a->holder->socket, right = b->holder->socket;

    if (a->since != b->since)
        return a->since < b->since ? -1 : 1;
    return (left > right) - (left < right);
}

unsigned registry_number_holders(const struct listing *listing)
{
    const struct claim *oldest = listing->claims, *c;
    unsigned n = 0;

    while (oldest && oldest->next)
        oldest = oldest->next;
    for (c = oldest; c; c = c->previous)
        c->registration->holder->number = 0;
    for (c = oldest; c; c = c->previous)
        if (c->registration->holder->number == 0)
            c->registration->holder->number = ++n;
    return n;
}
