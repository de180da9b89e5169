/* A number that is another one where the addresses at which a host can be reached from other links
 * are others. Pure. */
#ifndef PHONEBOOKD_ADDRESS_SUM_H
#define PHONEBOOKD_ADDRESS_SUM_H

#include "interfaces.h"

#include <stdint.h>

/* Of links that are up, addresses that are usable and neither of the loopback nor link-local: what
 * containers that start and stop do to the host's interfaces changes nothing. It may be the same
 * for different addresses, one time in 2^64. */
uint64_t address_sum(const struct namespace *namespace);

#endif
