/* FNV-1a of 64 bits (draft-eastlake-fnv), to notice that data has changed. It is no protection
 * against an attacker: anybody can make two octet strings with the same sum. Pure. */
#ifndef COMMON_FNV_H
#define COMMON_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

/* The sum of the octets summed so far and these. A sum begins as FNV_BASIS. */
static inline uint64_t fnv_add(uint64_t sum, const void *octets, size_t n)
{
    const uint8_t *next = octets;
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ next[i]) * UINT64_C(0x100000001b3);
    return sum;
}

#endif
