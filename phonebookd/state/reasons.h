/* Why a name shows no address, in the words of phonebook-protocol(7), for the list and for clients
 * that wait. Pure. */
#ifndef PHONEBOOKD_REASONS_H
#define PHONEBOOKD_REASONS_H

#include "registry.h"

#include <stdbool.h>

/* Why the claim's interface has no address that its zone shows: "no-interface", "down",
 * "no-address", or the most useful zone_verdict_text() of its addresses, which is "family" if no
 * address is of the family that was registered. "" if it has one, or publishing has not looked at
 * it yet. The answer is that of the last look, because a look is expensive and many clients may ask
 * at once. A static text. */
const char *claim_reason(const struct claim *claim);

/* Why a registration has no claim: "aside" (its connection is set aside), "no-namespace" (its
 * namespace cannot be followed) or "no-zone" (no zone takes the name). A static text. */
const char *registration_reason(const struct registration *registration);

/* The claim's link, up or down, or NULL. */
const struct link *claim_link(const struct claim *claim);

/* Does its interface have a tentative address that its zone will show? False if publishing has not
 * looked at it yet. */
bool claim_awaits_address(const struct claim *claim);

/* Has publishing looked at the listing since the claim or its interface changed? */
bool claim_is_settled(const struct claim *claim);

/* ip(8) shows some interfaces together with another one, as in "eth0@if2". If the requested name is
 * like this and the interface before the "@" exists, returns the length of that name; else 0. */
int registration_meant_interface(const struct registration *registration);

#endif
