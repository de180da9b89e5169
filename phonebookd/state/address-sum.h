/* A number that changes with the addresses at which other hosts can reach this host. Pure. */
#ifndef PHONEBOOKD_ADDRESS_SUM_H
#define PHONEBOOKD_ADDRESS_SUM_H

#include "interfaces.h"

#include <stdint.h>

/* Sums the usable addresses of links that are up, except loopback and link-local addresses:
 * containers that start and stop change only such addresses on the host's interfaces. Two different
 * sets of addresses have the same sum with a probability of 1 in 2^64. */
uint64_t address_sum(const struct namespace *namespace);

#endif
