#include "registry.h"

struct registration_age registration_age(const struct registration *registration)
{
    return (struct registration_age){
        .since = registration->since,
        .socket = registration->holder->socket,
        .serial = registration->serial,
    };
}

int registration_compare_age(struct registration_age a, struct registration_age b)
{
    if (a.since != b.since)
        return a.since < b.since ? -1 : 1;
    if (a.socket != b.socket)
        return a.socket < b.socket ? -1 : 1;
    return (a.serial > b.serial) - (a.serial < b.serial);
}

unsigned registry_number_holders(const struct listing *listing)
{
    const struct claim *oldest = listing->claims;
    while (oldest && oldest->next)
        oldest = oldest->next;
    for (const struct claim *c = oldest; c; c = c->previous)
        c->registration->holder->number = 0;
    unsigned n = 0;
    for (const struct claim *c = oldest; c; c = c->previous)
        if (c->registration->holder->number == 0)
            c->registration->holder->number = ++n;
    return n;
}
