/* An image of data.cdb as a state machine: changes are noted and taken back, and made in place or
 * in another image, with and without static files. After each make, it has the octets of a file
 * written from scratch, and the same records for each owner as a plain list. Each octet is an
 * operation (enum act); the octets after it are its arguments. */
#include "../../zones/cdb-file.h"
#include "../../zones/image-file.h"
#include "../unit/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum act { ACT_SET, ACT_UNSET, ACT_MAKE, ACT_MAKE_OTHER, ACT_AGAIN, ACT_STATIC, ACT_END, ACTS };

enum {
    OWNERS_MAX = 48,
    LABELS_MAX = 4,
    STEPS_MAX = 200,
    MANY = 300, /* records of an owner: more than a search tries slots */
    SERIAL = 1700000000,
};

static const char *const labels[] = {"a", "b", "aa", "a-", "-", "_", "0", "arpa"};

/* An owner, and the records (a set of bits) that it has in the image, and shall have. */
struct owner {
    char name[64];
    uint8_t has, pending;
    bool is_pending;
};

struct world {
    struct owner owners[OWNERS_MAX];
    size_t n;
    struct image image, other;
    struct image_changes changes;
    struct image_frame frame;
};

static const struct static_image *const *static_files(void)
{
    static const char text[] = ".arpa:192.0.2.1:ns\n+a:192.0.2.2\n+*.a.b:192.0.2.3\n'b:text\n";
    static const struct static_image *images[2];
    size_t refused;
    for (size_t i = 0; i < 2 && !images[i]; i++) {
        char *copy = malloc(sizeof text);
        require(copy);
        memcpy(copy, text, sizeof text);
        images[i] = static_image_new(copy, sizeof text - 1, require_no_line, NULL, &refused);
        require(images[i]);
    }
    return images;
}

/* ---- a plain list ---- */

static void add_records(struct records *records, const struct owner *owner, uint8_t set)
{
    struct address address = {.family = 2, .octets = {10, 0, 0, set}};
    if (set & 1)
        records_add_soa(records, owner->name, "ns.a", "h.a", set, 5);
    if (set & 2)
        records_add_ns(records, owner->name, "ns.a", set);
    if (set & 4)
        records_add_addresses(records, owner->name, &address, 1, set);
    if (set & 8)
        records_add_ptr(records, owner->name, "target.a", set);
    if (set & 16)
        records_add_placeholder(records, owner->name, set);
    for (int i = 0; set >= 250 && i < MANY; i++)
        records_add_addresses(records, owner->name, &address, 1, (uint32_t)i);
}

/* The first octet gives the number of labels, and whether it is a wildcard. */
static const uint8_t *read_owner(struct world *world, const uint8_t *bytes, const uint8_t *end,
                                 struct owner **owner)
{
    uint8_t first = bytes < end ? *bytes++ : 0;
    char name[64] = "", longer[64];
    for (int i = 0; i <= first % LABELS_MAX; i++) {
        snprintf(longer, sizeof longer, "%.40s%s%s", labels[(bytes < end ? *bytes++ : 0) % 8],
                 i ? "." : "", name);
        strcpy(name, longer);
    }
    if (first & 128) {
        snprintf(longer, sizeof longer, "*.%.60s", name);
        strcpy(name, longer);
    }
    for (*owner = world->owners; *owner < world->owners + world->n; ++*owner)
        if (strcmp((*owner)->name, name) == 0)
            return bytes;
    if (world->n == OWNERS_MAX)
        *owner = &world->owners[first % OWNERS_MAX];
    else
        strcpy(world->owners[world->n++].name, name);
    return bytes;
}

/* By labels from the right; "arpa" is the last of all. */
static int compare_names(const char *a, const char *b)
{
    const char *a_end = a + strlen(a), *b_end = b + strlen(b);
    bool first = true;
    for (; a_end > a && b_end > b; first = false) {
        const char *a_label = a_end, *b_label = b_end;
        while (a_label > a && a_label[-1] != '.')
            a_label--;
        while (b_label > b && b_label[-1] != '.')
            b_label--;
        char one[64];
        snprintf(one, sizeof one, "%.*s", (int)(a_end - a_label), a_label);
        char other[64];
        snprintf(other, sizeof other, "%.*s", (int)(b_end - b_label), b_label);
        if (strcmp(one, other) != 0 && first && !strcmp(one, "arpa"))
            return 1;
        if (strcmp(one, other) != 0 && first && !strcmp(other, "arpa"))
            return -1;
        if (strcmp(one, other) != 0)
            return strcmp(one, other);
        a_end = a_label > a ? a_label - 1 : a;
        b_end = b_label > b ? b_label - 1 : b;
    }
    return (a_end > a) - (b_end > b);
}

static int compare_owners(const void *a, const void *b)
{
    return compare_names(((const struct owner *)a)->name, ((const struct owner *)b)->name);
}

/* ---- what is to be so ---- */

static void check_file(struct world *world, const struct image *image)
{
    int fd = memfd_create("data.cdb", MFD_CLOEXEC), same = memfd_create("same", MFD_CLOEXEC);
    size_t length = image_length(image);
    uint8_t *octets = malloc(2 * length);
    require(fd >= 0 && same >= 0 && octets);
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    struct records records;
    records_init(&records);
    qsort(world->owners, world->n, sizeof *world->owners, compare_owners);
    for (size_t i = 0; i < world->n; i++)
        add_records(&records, &world->owners[i], world->owners[i].has);
    struct record record;
    for (size_t cursor = 0; records_next(&records, &cursor, &record);) {
        if (world->frame.end)
            record_set_end(&record, record_end_label(world->frame.end));
        cdb_add_record(&entries, &record, world->frame.serial, false);
    }
    struct cdb_file file;
    require(cdb_file_start(&file, fd, 0) == 0);
    require(cdb_file_add(&file, &entries, world->frame.serial) == 0);
    for (size_t i = 0; i < world->frame.n_images; i++)
        require(cdb_file_add(&file, &world->frame.images[i]->entries, world->frame.serial) == 0);
    require(cdb_file_finish(&file) == 0);
    require(image_write_cdb(same, image) == 0);
    require(lseek(fd, 0, SEEK_END) == (off_t)length && lseek(same, 0, SEEK_END) == (off_t)length);
    require(pread(fd, octets, length, 0) == (ssize_t)length);
    require(pread(same, octets + length, length, 0) == (ssize_t)length);
    require(memcmp(octets, octets + length, length) == 0);
    cdb_file_fini(&file);
    cdb_entries_fini(&entries);
    records_fini(&records);
    free(octets);
    close(fd);
    close(same);
}

static void check_owner(const struct world *world, const struct owner *owner)
{
    struct records is;
    records_init(&is);
    struct records found;
    records_init(&found);
    add_records(&is, owner, owner->has);
    image_find(&world->image, owner->name, &found);
    require(is.length == 0 ? found.length == 0 : records_equal(&is, &found));
    require(image_same(&world->image, owner->name, &is));
    add_records(&is, owner, 2);
    require(!image_same(&world->image, owner->name, &is));
    records_clear(&is);
    records_clear(&found);
    add_records(&is, owner, owner->pending);
    require(image_changes_find(&world->changes, owner->name, &found) == owner->is_pending);
    require(!owner->is_pending || is.length == 0 || records_equal(&is, &found));
    records_fini(&is);
    records_fini(&found);
}

static void check(struct world *world)
{
    check_file(world, &world->image);
    size_t pending = 0;
    for (size_t i = 0; i < world->n; i++) {
        check_owner(world, &world->owners[i]);
        pending += world->owners[i].is_pending;
    }
    require(image_changes_count(&world->changes) == pending);
}

/* ---- operations ---- */

static void set(struct world *world, struct owner *owner, uint8_t records_set)
{
    struct records records;
    records_init(&records);
    add_records(&records, owner, records_set);
    require(image_changes_set(&world->changes, owner->name, &records));
    owner->pending = records_set;
    owner->is_pending = true;
    records_fini(&records);
}

static void make(struct world *world, struct image *next, bool again)
{
    size_t max = image_length_max(&world->image, &world->changes, &world->frame);
    world->frame.serial++;
    require(image_make(next, &world->image, &world->changes, &world->frame) == 0);
    require(image_length(next) <= max);
    for (size_t i = 0; i < world->n; i++)
        if (world->owners[i].is_pending)
            world->owners[i].has = world->owners[i].pending;
    if (next != &world->image) {
        struct image last = world->image;
        world->image = world->other;
        world->other = last;
    }
    if (!again) {
        image_changes_clear(&world->changes);
        for (size_t i = 0; i < world->n; i++)
            world->owners[i].is_pending = false;
    }
    check(world);
}

static const uint8_t *step(struct world *world, const uint8_t *bytes, const uint8_t *end)
{
    enum act act = *bytes++ % ACTS;
    struct owner *owner;
    switch (act) {
    case ACT_SET:
        bytes = read_owner(world, bytes, end, &owner);
        set(world, owner, bytes < end ? *bytes++ : 0);
        break;
    case ACT_UNSET:
        bytes = read_owner(world, bytes, end, &owner);
        image_changes_unset(&world->changes, owner->name);
        owner->is_pending = false;
        break;
    case ACT_MAKE:
        make(world, &world->image, false);
        break;
    case ACT_MAKE_OTHER:
        make(world, &world->other, false);
        break;
    case ACT_AGAIN: /* as if the file could not be written */
        make(world, &world->image, true);
        break;
    case ACT_STATIC:
        world->frame.n_images = (world->frame.n_images + 1) % 3;
        break;
    case ACT_END:
        world->frame.end = world->frame.end ? 0 : SERIAL + 3600;
        break;
    case ACTS:
        break;
    }
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct world world = {.frame = {.images = static_files(), .serial = SERIAL}};
    const uint8_t *end = bytes + length;
    image_init(&world.image);
    image_init(&world.other);
    image_changes_init(&world.changes);
    for (int i = 0; i < STEPS_MAX && bytes < end; i++)
        bytes = step(&world, bytes, end);
    make(&world, &world.image, false);
    image_fini(&world.image);
    image_fini(&world.other);
    image_changes_fini(&world.changes);
    return 0;
}
