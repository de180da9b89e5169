/* Stores octet strings of any length as chains of small cells of one size. A short text takes
 * little memory, and freed cells fit every other text. Pure.
 *
 * All memory is mapped at the start, and costs nothing until it is touched. A chain is identified
 * by the index of its first cell; 0 means none. */
#ifndef KEEPER_CELLS_H
#define KEEPER_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELL_OCTETS = 60 };

struct cell {
    uint32_t next; /* the next cell of the chain, or 0 */
    uint8_t bytes[CELL_OCTETS];
};

struct cells {
    struct cell *all; /* [limit + 1] */
    uint64_t limit;
    uint32_t free; /* the chain of cells that are free again */
    uint32_t last; /* the highest cell that was ever used */
};

/* The number of cells that this many octets take. */
#define CELLS_FOR(octets) (((octets) + CELL_OCTETS - 1) / CELL_OCTETS)

/* Maps `count` times `size` octets; the system provides the memory as it is touched. NULL if there
 * is no address space for it. */
void *cells_map(uint64_t count, size_t size);
void cells_unmap(void *memory, uint64_t count, size_t size); /* NULL is fine */

/* 0 or -errno. */
int cells_init(struct cells *cells, uint64_t limit);
void cells_fini(struct cells *cells);

/* Stores a copy of at least one octet. The caller must never store more than `limit` cells. */
uint32_t cells_store(struct cells *cells, const uint8_t *bytes, size_t length);
void cells_free(struct cells *cells, uint32_t chain);

/* `length` is at most the length that was stored. */
void cells_read(const struct cells *cells, uint32_t chain, uint8_t *bytes, size_t length);
bool cells_begin_with(const struct cells *cells, uint32_t chain, const uint8_t *bytes,
                      size_t length);

#endif
