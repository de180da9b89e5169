/* Why a name is not there, in the words of phonebook-protocol(7): for the list and for who waits.
 * Pure. */
#ifndef PHONEBOOKD_REASONS_H
#define PHONEBOOKD_REASONS_H

#include "registry.h"

#include <stdbool.h>

/* Why the claim's own interface has no address that its zone shows: "no-interface", "down",
 * "no-address", or zone_verdict_text() of what a person should hear first. "" where it has one, or
 * its namespace has not been looked at yet. A static text. */
const char *claim_reason(const struct claim *claim);

/* The claim's link, whether it is up or not, or NULL. */
const struct link *claim_link(const struct claim *claim);

/* Has its interface an address that is tentative, and that its zone is going to show? */
bool claim_awaits_address(const struct claim *claim);

/* Has publishing looked at the claim's listing since the claim, or its interface, has changed? */
bool claim_is_settled(const struct claim *claim);

/* ip(8) shows some interfaces with what they are on, as in "eth0@if2": the length of the name of
 * the interface that is meant, which exists, or 0. */
int registration_meant_interface(const struct registration *registration);

#endif
