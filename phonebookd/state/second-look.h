/* What a dump lacks for the first time may be a passing state, and still counts. Pure.
 *
 * A DHCP client that renews its lease, a network manager that reads its configuration again, a
 * virtual address that moves, a link that goes down and up: each takes an address away and sets it
 * again some milliseconds later. A resolver that asks in between keeps the negative answer for
 * seconds. So what counts is what at least one of the last two dumps shows: what is new counts at
 * once, what is gone when the second dump lacks it too. The second follows NETWATCH_LOOK_AGAIN_MS
 * after the first.
 *
 * That is so for each name that a link has: the link, that it is up, and each address that it can
 * be reached at; one that is tentative again is lost. A link that was made again under its name is
 * the same link. Where a name leads to another link that was there before (two links that exchange
 * their names), the addresses of that one count at once, and the former ones no more: they would be
 * wrong for its other names. Deprecation is no loss. */
#ifndef PHONEBOOKD_SECOND_LOOK_H
#define PHONEBOOKD_SECOND_LOOK_H

#include "interfaces.h"

#include <stdbool.h>

/* Takes the content of what a dump found (it is left empty) into the namespace. True where what
 * counts is not as it was. *again: something is lacking that still counts, and the namespace is to
 * be dumped again. Where memory or a limit of snapshots forbids to keep that, it is gone at
 * once. */
bool second_look_take(struct namespace *namespace, struct snapshot *found, bool *again);

#endif
