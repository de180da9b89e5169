/* Numbers as octets: "be" has the most significant octet first (DNS), "le" the least (cdb). put_*()
 * return the address after the number. Pure. */
#ifndef COMMON_OCTETS_H
#define COMMON_OCTETS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t *put_be16(uint8_t *to, uint16_t number)
{
    number = htobe16(number);
    return (uint8_t *)memcpy(to, &number, sizeof number) + sizeof number;
}

static inline uint8_t *put_be32(uint8_t *to, uint32_t number)
{
    number = htobe32(number);
    return (uint8_t *)memcpy(to, &number, sizeof number) + sizeof number;
}

static inline uint8_t *put_be64(uint8_t *to, uint64_t number)
{
    number = htobe64(number);
    return (uint8_t *)memcpy(to, &number, sizeof number) + sizeof number;
}

static inline uint8_t *put_le32(uint8_t *to, uint32_t number)
{
    number = htole32(number);
    return (uint8_t *)memcpy(to, &number, sizeof number) + sizeof number;
}

static inline uint32_t get_be32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static inline uint32_t get_le32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

#endif
