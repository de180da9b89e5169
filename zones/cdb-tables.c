#include "cdb-tables.h"

#include "../common/octets.h"

#include <endian.h>
#include <string.h>

/* After this many taken slots in a row, we note where each run of taken slots ends. Clients can
 * choose names that all have the same hash: without the notes, 65,536 such names took two
 * seconds. */
enum { RUN_MAX = 256 };

/* next[i] is i if the slot is free; otherwise a later slot, and all slots between are taken. */
static void note_free(uint32_t *next, const struct cdb_slot *slots, uint32_t n_slots)
{
    for (uint32_t i = 0; i < n_slots; i++)
        next[i] = !slots[i].at ? i : i + 1 == n_slots ? 0 : i + 1;
}

/* Makes each slot on the way point twice as far. */
static uint32_t find_free(uint32_t *next, uint32_t slot)
{
    while (next[slot] != slot)
        slot = next[slot] = next[next[slot]];
    return slot;
}

void cdb_table_fill(struct cdb_slot *slots, const struct cdb_place *places, uint32_t n,
                    uint32_t *next)
{
    uint32_t n_slots = 2 * n;
    memset(slots, 0, n_slots * sizeof *slots);
    bool noted = false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = (places[i].hash >> 8) % n_slots, run = 0;
        while (!noted && slots[slot].at) {
            slot = slot + 1 == n_slots ? 0 : slot + 1;
            if (++run == RUN_MAX) {
                note_free(next, slots, n_slots);
                noted = true;
            }
        }
        if (noted) {
            slot = find_free(next, slot);
            next[slot] = slot + 1 == n_slots ? 0 : slot + 1;
        }
        slots[slot] = (struct cdb_slot){htole32(places[i].hash), htole32(places[i].at)};
    }
}

void cdb_tables_count(uint32_t counts[static CDB_TABLES], const struct cdb_place *places, size_t n)
{
    memset(counts, 0, CDB_TABLES * sizeof *counts);
    for (size_t i = 0; i < n; i++)
        counts[places[i].hash % CDB_TABLES]++;
}

void cdb_tables_counted(uint32_t counts[static CDB_TABLES], const uint8_t header[static CDB_HEADER])
{
    for (size_t i = 0; i < CDB_TABLES; i++)
        counts[i] = get_le32(header + i * CDB_SLOT + 4) / 2;
}

void cdb_tables_pick(struct cdb_place *sorted, const uint32_t counts[static CDB_TABLES],
                     const bool picked[static CDB_TABLES], const struct cdb_place *places, size_t n)
{
    size_t next[CDB_TABLES], at = 0;
    for (size_t i = 0; i < CDB_TABLES; i++) {
        next[i] = at;
        at += picked[i] ? counts[i] : 0;
    }
    for (size_t i = 0; i < n; i++)
        if (picked[places[i].hash % CDB_TABLES])
            sorted[next[places[i].hash % CDB_TABLES]++] = places[i];
}

void cdb_tables_sort(struct cdb_place *sorted, uint32_t counts[static CDB_TABLES],
                     const struct cdb_place *places, size_t n)
{
    bool all[CDB_TABLES];
    memset(all, true, sizeof all);
    cdb_tables_count(counts, places, n);
    cdb_tables_pick(sorted, counts, all, places, n);
}

/* ---- tables that stay ---- */

/* The highest position first, because what is above it has to be found by its former position. */
static void shift(struct cdb_slot *slots, size_t n_slots, const struct cdb_shift *shifts, size_t n)
{
    while (n-- > 0)
        for (size_t i = 0; i < n_slots; i++) {
            uint32_t at = le32toh(slots[i].at);
            slots[i].at = htole32(at >= shifts[n].from ? at + shifts[n].by : at);
        }
}

static void move(struct cdb_slot *to, const struct cdb_slot *from, size_t n_slots,
                 const struct cdb_shift *shifts, size_t n)
{
    memmove(to, from, n_slots * sizeof *to);
    shift(to, n_slots, shifts, n);
}

/* Those that move down from first to last, and then those that move up from last to first, so that
 * none is overwritten before it has moved. */
void cdb_tables_move(struct cdb_slot *slots, const uint32_t before[static CDB_TABLES],
                     const uint32_t after[static CDB_TABLES],
                     const bool left_out[static CDB_TABLES], const struct cdb_shift *shifts,
                     size_t n)
{
    size_t from = 0, to = 0;
    for (size_t i = 0; i < CDB_TABLES; i++) {
        if (!left_out[i] && to <= from)
            move(slots + to, slots + from, 2 * (size_t)before[i], shifts, n);
        from += 2 * (size_t)before[i];
        to += 2 * (size_t)after[i];
    }
    for (size_t i = CDB_TABLES; i-- > 0;) {
        from -= 2 * (size_t)before[i];
        to -= 2 * (size_t)after[i];
        if (!left_out[i] && to > from)
            move(slots + to, slots + from, 2 * (size_t)before[i], shifts, n);
    }
}

void cdb_tables_header(uint8_t header[static CDB_HEADER], uint32_t at,
                       const uint32_t counts[static CDB_TABLES])
{
    for (size_t i = 0; i < CDB_TABLES; i++) {
        header = put_le32(put_le32(header, at), 2 * counts[i]);
        at += 2 * counts[i] * CDB_SLOT;
    }
}
