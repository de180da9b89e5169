/* Waits for a second dump before something that is missing counts as gone. Pure.
 *
 * Addresses often disappear for some milliseconds: when a DHCP client renews its lease, a network
 * manager reads its configuration again, a virtual address moves, or a link goes down and up. A
 * resolver that asks in this moment would keep the negative answer for seconds. So a link or
 * address counts if at least one of the last two dumps shows it: a new one at once, and a missing
 * one until the second dump lacks it too. The second dump follows NETWATCH_LOOK_AGAIN_MS after the
 * first.
 *
 * The rule applies to each name of a link: to the existence of the link, to its being up, and to
 * each usable address, so an address that becomes tentative again counts as missing. A link that
 * was created again with the same name is the same link. There is one exception: if a name has
 * passed to another link that existed before (two links exchange their names), only that link's
 * addresses count, at once: the former ones would be wrong for its other names. A deprecated
 * address is not missing. */
#ifndef PHONEBOOKD_SECOND_LOOK_H
#define PHONEBOOKD_SECOND_LOOK_H

#include "interfaces.h"

#include <stdbool.h>

/* Moves the result of a dump into the namespace (`found` is empty afterwards). True if the valid
 * state has changed. *again: something that still counts was missing, so the namespace must be
 * dumped again. If memory or a limit of snapshots prevents keeping it, it is gone at once. */
bool second_look_take(struct namespace *namespace, struct snapshot *found, bool *again);

#endif
