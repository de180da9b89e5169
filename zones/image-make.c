#include "image.h"

#include "../common/array.h"
#include "../common/octets.h"
#include "owner-key.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A part of our entries in the next image, either from a change or from the last image. */
struct piece {
    const struct image_change *change; /* NULL: from the last image */
    /* in the source: number and position of the first entry, number and length of all */
    uint32_t first, n, at, length;
    uint32_t to_first, to_at;
};

struct making {
    struct image *next;
    const struct image *last;
    const struct image_changes *changes;
    const struct image_frame *frame;
    struct piece *pieces; /* owned; in the order of the file */
    size_t n_pieces;
    size_t n, n_ours;                /* entries of the next image */
    uint64_t length, length_of_ours; /* of the header with all entries, and with our entries */
    uint32_t *serials;               /* owned; of the next image */
    size_t n_serials;                /* at first an upper limit, then exact */
    struct cdb_shift *shifts;        /* owned; of the entries that stay */
    size_t n_shifts;
    uint32_t up;                 /* how far up the last of them moves */
    uint32_t before[CDB_TABLES]; /* entries of each table of the last image */
    bool is_changed[CDB_TABLES]; /* a table that is filled anew */
};

/* Filling all tables takes as long as shifting the slots of all tables this many times. */
enum { FEW_CHANGES = 16 };

/* ---- planning ---- */

static void add_piece(struct making *m, struct piece piece)
{
    if (piece.n == 0)
        return;
    piece.to_first = (uint32_t)m->n;
    piece.to_at = (uint32_t)m->length;
    m->pieces[m->n_pieces++] = piece;
    m->n += piece.n;
    m->length += piece.length;
}

/* Keeps the last image's entries from `first` up to `end`. */
static void keep(struct making *m, size_t first, size_t end)
{
    const struct cdb_entries *entries = &m->last->entries;
    if (first == end)
        return;
    size_t at = entries->places[first].at;
    size_t to = end < entries->n ? entries->places[end].at : entries->length;
    add_piece(m, (struct piece){.first = (uint32_t)first,
                                .n = (uint32_t)(end - first),
                                .at = (uint32_t)at,
                                .length = (uint32_t)(to - at)});
}

/* A change to be sorted. It contains eight octets of its owner's key, after the part that all keys
 * share, so that most comparisons need no other memory. */
struct ordered {
    uint64_t head;
    const struct image_change *change;
};

static int compare_owners(const void *a, const void *b, void *octets)
{
    const struct ordered *left = a, *right = b;
    const struct image_change *one = left->change, *other = right->change;
    if (left->head != right->head)
        return left->head < right->head ? -1 : 1;
    return owner_key_compare((const uint8_t *)octets + one->key, one->key_length,
                             (const uint8_t *)octets + other->key, other->key_length);
}

static size_t count_common(const struct image_changes *changes)
{
    const struct image_change *first = changes->changes;
    size_t n = changes->n > 0 ? first->key_length : 0;
    for (size_t i = 1; i < changes->n; i++) {
        const struct image_change *change = &changes->changes[i];
        size_t at = 0;
        while (at < n && at < change->key_length &&
               changes->octets[change->key + at] == changes->octets[first->key + at])
            at++;
        n = at;
    }
    return n;
}

static uint64_t head_of(const struct image_changes *changes, const struct image_change *change,
                        size_t common)
{
    size_t length = change->key_length - common;
    uint64_t head = 0;
    memcpy(&head, changes->octets + change->key + common,
           length < sizeof head ? length : sizeof head);
    return be64toh(head);
}

static size_t put_in_order(const struct image_changes *changes, struct ordered *order)
{
    size_t n = 0, common = count_common(changes);
    bool in_order = true; /* if so, sorting is not needed */
    for (size_t i = 0; i < changes->n; i++) {
        const struct image_change *change = &changes->changes[i];
        if (change->taken_back)
            continue;
        order[n] = (struct ordered){head_of(changes, change, common), change};
        if (n > 0 && compare_owners(&order[n - 1], &order[n], changes->octets) > 0)
            in_order = false;
        n++;
    }
    if (!in_order)
        qsort_r(order, n, sizeof *order, compare_owners, changes->octets);
    return n;
}

static void cut_into_pieces(struct making *m, const struct ordered *order, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct image_change *change = order[i].change;
        struct image_owner owner = {.entry = cdb_entry_of(m->changes->octets + change->at),
                                    .hash = change->entry_hash};
        size_t end, first = image_locate(m->last, &owner, kept, &end);
        keep(m, kept, first);
        add_piece(m, (struct piece){.change = change, .n = change->n, .length = change->length});
        m->n_serials += change->n_soas;
        kept = end;
    }
    keep(m, kept, m->last->n_ours);
    m->n_ours = m->n;
    m->length_of_ours = m->length;
}

static int plan(struct making *m)
{
    size_t n = image_changes_count(m->changes);
    struct ordered *order = malloc((n + 1) * sizeof *order);
    m->pieces = malloc((2 * n + 1) * sizeof *m->pieces);
    m->length = CDB_HEADER;
    m->n_serials = m->last->entries.n_serials;
    if (order && m->pieces)
        cut_into_pieces(m, order, put_in_order(m->changes, order));
    free(order);
    for (size_t i = 0; i < m->frame->n_images; i++) {
        const struct cdb_entries *entries = &m->frame->images[i]->entries;
        m->n += entries->n;
        m->length += entries->length;
        m->n_serials += entries->n_serials;
    }
    if (!order || !m->pieces)
        return -ENOMEM;
    return m->length + (uint64_t)m->n * 2 * CDB_SLOT > UINT32_MAX ? -EFBIG : 0;
}

/* Allocates all memory, so that nothing can fail afterwards. */
static int get_memory(struct making *m)
{
    struct image *next = m->next;
    struct cdb_entries *entries = &next->entries;
    m->serials = malloc((m->n_serials + 1) * sizeof *m->serials);
    m->shifts = malloc((m->n_pieces + 1) * sizeof *m->shifts);
    if (m->serials && m->shifts &&
        array_grow(&entries->octets, &entries->room, (size_t)m->length, 1) &&
        array_grow(&entries->places, &entries->n_room, m->n + 1, sizeof *entries->places) &&
        array_grow(&next->slots, &next->slots_room, 2 * m->n + 1, sizeof *next->slots) &&
        array_grow(&next->scratch, &next->scratch_room, 2 * m->n + 1, sizeof *next->scratch))
        return 0;
    return -ENOMEM;
}

/* ---- serials, whose places are found before anything moves ---- */

static void note_soas(struct making *m, const struct piece *piece)
{
    const uint8_t *octets = m->changes->octets + piece->change->at;
    for (size_t at = 0; at < piece->length;) {
        struct cdb_entry entry = cdb_entry_of(octets + at);
        at += cdb_entry_size(&entry);
        uint32_t serial;
        if (cdb_value_serial(entry.value, entry.value_length, &serial))
            m->serials[m->n_serials++] = (uint32_t)(piece->to_at + at - CDB_SOA_NUMBERS);
    }
}

static void note_serials(struct making *m)
{
    const uint32_t *last = m->last->entries.serials;
    size_t n = m->last->entries.n_serials;
    m->n_serials = 0;
    size_t i = 0;
    for (const struct piece *piece = m->pieces; piece < m->pieces + m->n_pieces; piece++) {
        if (piece->change) {
            if (piece->change->n_soas > 0)
                note_soas(m, piece);
            continue;
        }
        while (i < n && last[i] < piece->at)
            i++;
        for (; i < n && last[i] - piece->at < piece->length; i++)
            m->serials[m->n_serials++] = last[i] - piece->at + piece->to_at;
    }
}

/* ---- hash tables: which of them stay, found before anything moves ---- */

/* Do the static entries have the same keys, order and distances as in the last image? */
static bool has_same_static(const struct making *m)
{
    const struct cdb_entries *last = &m->last->entries;
    uint32_t at = (uint32_t)image_end_of_ours(m->last);
    size_t i = m->last->n_ours;
    if (last->n - i != m->n - m->n_ours)
        return false;
    for (size_t k = 0; k < m->frame->n_images; k++) {
        const struct cdb_entries *entries = &m->frame->images[k]->entries;
        for (size_t j = 0; j < entries->n; j++, i++)
            if (last->places[i].hash != entries->places[j].hash ||
                last->places[i].at != entries->places[j].at + at)
                return false;
        at += (uint32_t)entries->length;
    }
    return true;
}

static void note_lost(struct making *m, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        m->is_changed[m->last->entries.places[i].hash % CDB_TABLES] = true;
}

static void note_shift(struct making *m, uint32_t from, uint32_t to)
{
    uint32_t up = to - from;
    if (up != m->up)
        m->shifts[m->n_shifts++] = (struct cdb_shift){from, up - m->up};
    m->up = up;
}

static void plan_tables(struct making *m)
{
    bool all = m->next != m->last || image_length(m->last) == 0 ||
               image_changes_count(m->changes) > FEW_CHANGES || !has_same_static(m);
    memset(m->is_changed, all, sizeof m->is_changed);
    if (all)
        return;
    cdb_tables_counted(m->before, m->last->entries.octets);
    size_t kept = 0;
    for (const struct piece *piece = m->pieces; piece < m->pieces + m->n_pieces; piece++) {
        if (piece->change) {
            m->is_changed[piece->change->entry_hash % CDB_TABLES] = true;
            continue;
        }
        note_lost(m, kept, piece->first);
        note_shift(m, piece->at, piece->to_at);
        kept = piece->first + piece->n;
    }
    note_lost(m, kept, m->last->n_ours);
    note_shift(m, (uint32_t)image_end_of_ours(m->last), (uint32_t)m->length_of_ours);
}

/* ---- moving what stays ---- */

static void move_octets(struct making *m, const struct piece *piece)
{
    memmove(m->next->entries.octets + piece->to_at, m->last->entries.octets + piece->at,
            piece->length);
}

static void move_places(struct making *m, const struct piece *piece)
{
    const struct cdb_place *from = m->last->entries.places + piece->first;
    struct cdb_place *to = m->next->entries.places + piece->to_first;
    uint32_t up = piece->to_at - piece->at;
    memmove(to, from, piece->n * sizeof *to);
    for (size_t i = 0; i < piece->n; i++)
        to[i].at += up;
}

/* Moves pieces within the same image: those that move down from first to last, those that move up
 * from last to first, so that none is overwritten before it has moved. */
static void move_pieces(struct making *m)
{
    for (size_t i = 0; i < m->n_pieces; i++) {
        const struct piece *piece = &m->pieces[i];
        if (!piece->change && piece->to_at <= piece->at)
            move_octets(m, piece);
        if (!piece->change && piece->to_first <= piece->first)
            move_places(m, piece);
    }
    for (size_t i = m->n_pieces; i-- > 0;) {
        const struct piece *piece = &m->pieces[i];
        if (!piece->change && piece->to_at > piece->at)
            move_octets(m, piece);
        if (!piece->change && piece->to_first > piece->first)
            move_places(m, piece);
    }
}

/* ---- adding what is new ---- */

static void add_change(struct making *m, const struct piece *piece)
{
    struct cdb_entries *entries = &m->next->entries;
    uint32_t at = piece->to_at;
    memcpy(entries->octets + at, m->changes->octets + piece->change->at, piece->length);
    for (size_t i = 0; i < piece->n; i++) {
        struct cdb_entry entry = cdb_entry_at(entries, at);
        entries->places[piece->to_first + i] = (struct cdb_place){piece->change->entry_hash, at};
        at += (uint32_t)cdb_entry_size(&entry);
    }
}

/* Adds static entries after ours. */
static void add_static(struct making *m, const struct cdb_entries *from)
{
    struct cdb_entries *entries = &m->next->entries;
    uint32_t at = (uint32_t)entries->length;
    if (from->n == 0)
        return;
    memcpy(entries->octets + at, from->octets, from->length);
    for (size_t i = 0; i < from->n; i++)
        entries->places[entries->n + i] =
            (struct cdb_place){from->places[i].hash, from->places[i].at + at};
    for (size_t i = 0; i < from->n_serials; i++)
        m->serials[m->n_serials++] = from->serials[i] + at;
    entries->n += from->n;
    entries->length += from->length;
}

static void stamp(struct cdb_entries *entries, uint32_t serial)
{
    for (size_t i = 0; i < entries->n_serials; i++)
        put_be32(entries->octets + entries->serials[i], serial);
}

static void set_serials(struct making *m)
{
    struct cdb_entries *entries = &m->next->entries;
    free(entries->serials);
    entries->serials = m->serials;
    entries->n_serials = m->n_serials;
    entries->serials_room = m->n_serials + 1;
    m->serials = NULL;
}

static void make_tables(struct making *m)
{
    struct image *image = m->next;
    struct cdb_entries *entries = &image->entries;
    struct cdb_place *sorted = image->scratch;
    uint32_t *next = (uint32_t *)(sorted + entries->n);
    struct cdb_slot *slots = image->slots;
    uint32_t counts[CDB_TABLES];
    cdb_tables_count(counts, entries->places, entries->n);
    cdb_tables_header(entries->octets, (uint32_t)entries->length, counts);
    cdb_tables_move(slots, m->before, counts, m->is_changed, m->shifts, m->n_shifts);
    cdb_tables_pick(sorted, counts, m->is_changed, entries->places, entries->n);
    for (size_t i = 0; i < CDB_TABLES; slots += 2 * (size_t)counts[i++]) {
        if (!m->is_changed[i])
            continue;
        cdb_table_fill(slots, sorted, counts[i], next);
        sorted += counts[i];
    }
}

static void give_back(struct image *image)
{
    struct cdb_entries *entries = &image->entries;
    array_trim(&entries->octets, &entries->room, entries->length, 1);
    array_trim(&entries->places, &entries->n_room, entries->n, sizeof *entries->places);
    array_trim(&image->slots, &image->slots_room, 2 * entries->n, sizeof *image->slots);
    array_trim(&image->scratch, &image->scratch_room, 2 * entries->n, sizeof *image->scratch);
}

static void carry_out(struct making *m)
{
    struct image *next = m->next;
    struct cdb_entries *entries = &next->entries;
    note_serials(m);
    plan_tables(m);
    move_pieces(m);
    for (const struct piece *piece = m->pieces; piece < m->pieces + m->n_pieces; piece++)
        if (piece->change)
            add_change(m, piece);
    next->n_ours = entries->n = m->n_ours;
    entries->length = (size_t)m->length_of_ours;
    for (size_t i = 0; i < m->frame->n_images; i++)
        add_static(m, &m->frame->images[i]->entries);
    set_serials(m);
    stamp(entries, m->frame->serial);
    make_tables(m);
    next->serial = m->frame->serial;
    next->end = m->frame->end;
    give_back(next);
}

int image_make(struct image *next, const struct image *last, const struct image_changes *changes,
               const struct image_frame *frame)
{
    static const struct image none;
    struct making m = {
        .next = next, .last = last ? last : &none, .changes = changes, .frame = frame};
    int error = plan(&m);
    /* a copy, because an analyzer thinks that memmove(3) could lose it */
    struct piece *pieces = m.pieces;
    if (error == 0)
        error = get_memory(&m);
    if (error == 0)
        carry_out(&m);
    free(pieces);
    free(m.serials);
    free(m.shifts);
    return error;
}
