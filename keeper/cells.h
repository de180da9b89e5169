/* Octets of any number, in a chain of small cells of one size: so a short text takes little memory,
 * and what one text gives back fits every other.
 *
 * All memory is mapped at start and costs nothing until it is touched. A chain is known by the
 * index of its first cell; 0 is none. */
#ifndef KEEPER_CELLS_H
#define KEEPER_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELL_OCTETS = 60 };

struct cell {
    uint32_t next; /* of the same chain; 0: it is the last */
    uint8_t bytes[CELL_OCTETS];
};

struct cells {
    struct cell *all; /* [limit + 1] */
    uint64_t limit;
    uint32_t free; /* a chain of those that were used and are not any more */
    uint32_t last; /* the highest that was ever used */
};

/* How many cells so many octets take. */
#define CELLS_FOR(octets) (((octets) + CELL_OCTETS - 1) / CELL_OCTETS)

/* Memory of `count` times `size` octets that is taken from the system when it is touched; NULL
 * where there is no address space for it. */
void *cells_map(uint64_t count, size_t size);
void cells_unmap(void *memory, uint64_t count, size_t size); /* nothing where it is NULL */

/* 0 or -errno. */
int cells_init(struct cells *cells, uint64_t limit);
void cells_fini(struct cells *cells);

/* Stores a copy of at least one octet. The caller never has more in store than `limit` cells. */
uint32_t cells_store(struct cells *cells, const uint8_t *bytes, size_t length);
void cells_free(struct cells *cells, uint32_t chain);

/* `length` is at most what was stored. */
void cells_read(const struct cells *cells, uint32_t chain, uint8_t *bytes, size_t length);
bool cells_begin_with(const struct cells *cells, uint32_t chain, const uint8_t *bytes,
                      size_t length);

#endif
