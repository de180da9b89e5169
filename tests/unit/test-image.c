/* Images, compared with files that cdb-file writes from the same entries. */
#include "../../zones/cdb-file.h"
#include "../../zones/image.h"
#include "compiled.h"
#include "shown.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SERIAL = 1700000000, OWNERS = 64 };

/* ---- records ---- */

static void add_address(struct records *records, const char *owner, const char *text)
{
    struct address address;
    assert_true(address_parse(&address, text));
    records_add_addresses(records, owner, &address, 1, 60);
}

/* Records of one owner: "SOA", "NS", "PTR", "-" or addresses, with blanks between them. */
static struct records made(const char *owner, const char *words)
{
    char *copy = strdup(words);
    struct records records;
    records_init(&records);
    char *rest;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (strcmp(word, "SOA") == 0)
            records_add_soa(&records, owner, "ns.a", "hostmaster.a", 5, 7);
        else if (strcmp(word, "NS") == 0)
            records_add_ns(&records, owner, "ns.a", 60);
        else if (strcmp(word, "PTR") == 0)
            records_add_ptr(&records, owner, "www.a", 60);
        else if (strcmp(word, "-") == 0)
            records_add_placeholder(&records, owner, 5);
        else
            add_address(&records, owner, word);
    }
    free(copy);
    return records;
}

static void set(struct image_changes *changes, const char *owner, const char *words)
{
    struct records records = made(owner, words);
    assert_true(image_changes_set(changes, owner, &records));
    records_fini(&records);
}

static bool same(const struct image *image, const char *owner, const char *words)
{
    struct records records = made(owner, words);
    bool is = image_same(image, owner, &records);
    records_fini(&records);
    return is;
}

/* All our records, in their order, as text. */
static void holds(const struct image *image, const char *expected)
{
    struct records records;
    records_init(&records);
    for (size_t i = 0; i < image->n_ours; i++) {
        struct cdb_names names;
        struct record record;
        image_record(image, i, &names, &record);
        records_add(&records, &record);
    }
    shown_are(&records, 0, expected);
    records_fini(&records);
}

/* ---- the file that it should be ---- */

static void is_file(const struct image *image, const struct image_frame *frame)
{
    int fd = memfd_create("data.cdb", MFD_CLOEXEC);
    size_t slots = image->entries.n * 2 * CDB_SLOT;
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    for (size_t i = 0; i < image->n_ours; i++) {
        struct cdb_names names;
        struct record record;
        image_record(image, i, &names, &record);
        cdb_add_record(&entries, &record, frame->serial, false);
    }
    struct cdb_file file;
    assert_int_equal(cdb_file_start(&file, fd, 0), 0);
    assert_int_equal(cdb_file_add(&file, &entries, frame->serial), 0);
    for (size_t i = 0; i < frame->n_images; i++)
        assert_int_equal(cdb_file_add(&file, &frame->images[i]->entries, frame->serial), 0);
    assert_int_equal(cdb_file_finish(&file), 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), image_length(image));
    uint8_t *octets = malloc(image_length(image));
    assert_non_null(octets);
    assert_int_equal(pread(fd, octets, image_length(image), 0), image_length(image));
    assert_memory_equal(octets, image->entries.octets, image->entries.length);
    if (slots > 0)
        assert_memory_equal(octets + image->entries.length, image->slots, slots);
    free(octets);
    cdb_file_fini(&file);
    cdb_entries_fini(&entries);
    close(fd);
}

/* ---- tests ---- */

struct scene {
    struct image image;
    struct image_changes changes;
    struct image_frame frame;
};

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.frame.serial = SERIAL};
    image_init(&scene->image);
    image_changes_init(&scene->changes);
}

static void scene_fini(struct scene *scene)
{
    image_fini(&scene->image);
    image_changes_fini(&scene->changes);
}

/* Makes the changes in place and in another image; both must be the same. */
static void make(struct scene *scene, const char *expected)
{
    size_t max = image_length_max(&scene->image, &scene->changes, &scene->frame);
    struct image other;
    image_init(&other);
    assert_int_equal(image_make(&other, &scene->image, &scene->changes, &scene->frame), 0);
    assert_int_equal(image_make(&scene->image, &scene->image, &scene->changes, &scene->frame), 0);
    assert_true(image_length(&scene->image) <= max);
    is_file(&scene->image, &scene->frame);
    is_file(&other, &scene->frame);
    assert_true(image_equal(&scene->image, &other));
    holds(&scene->image, expected);
    image_fini(&other);
    image_changes_clear(&scene->changes);
    assert_int_equal(image_changes_count(&scene->changes), 0);
    scene->frame.serial++;
}

static void an_image_follows_its_changes(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    assert_int_equal(image_length(&scene.image), 0);
    make(&scene, "");
    assert_int_equal(image_length(&scene.image), CDB_HEADER);
    set(&scene.changes, "m.a", "10.0.0.1");
    make(&scene, "m.a 10.0.0.1");
    set(&scene.changes, "a", "SOA NS 10.0.0.9"); /* in front */
    make(&scene, "SOA a; NS a ns.a; a 10.0.0.9; m.a 10.0.0.1");
    set(&scene.changes, "z.a", "10.0.0.2 fd00::2"); /* behind */
    make(&scene, "SOA a; NS a ns.a; a 10.0.0.9; m.a 10.0.0.1; z.a 10.0.0.2; z.a fd00::2");
    set(&scene.changes, "m.a", "fd00::1 fd00::2 fd00::3"); /* in the middle, longer, */
    make(&scene, "SOA a; NS a ns.a; a 10.0.0.9; m.a fd00::1; m.a fd00::2; m.a fd00::3; "
                 "z.a 10.0.0.2; z.a fd00::2");
    set(&scene.changes, "m.a", "fd00::2"); /* and shorter */
    set(&scene.changes, "n.a", "10.0.0.3");
    make(&scene, "SOA a; NS a ns.a; a 10.0.0.9; m.a fd00::2; n.a 10.0.0.3; z.a 10.0.0.2; "
                 "z.a fd00::2");
    set(&scene.changes, "z.a", "");
    set(&scene.changes, "a", "");
    set(&scene.changes, "nobody.a", "");
    make(&scene, "m.a fd00::2; n.a 10.0.0.3");
    set(&scene.changes, "m.a", "");
    set(&scene.changes, "n.a", "");
    make(&scene, "");
    scene_fini(&scene);
}

/* "*.x" and "x" have the same key in data.cdb. */
static void a_wildcard_is_an_owner_of_its_own(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    set(&scene.changes, "*.x.a", "10.0.0.1");
    set(&scene.changes, "x.a", "10.0.0.2");
    set(&scene.changes, "-.x.a", "10.0.0.3");
    set(&scene.changes, "*.a", "10.0.0.4");
    make(&scene, "*.a 10.0.0.4; x.a 10.0.0.2; *.x.a 10.0.0.1; -.x.a 10.0.0.3");
    assert_true(same(&scene.image, "*.x.a", "10.0.0.1"));
    assert_true(same(&scene.image, "x.a", "10.0.0.2"));
    set(&scene.changes, "x.a", "");
    make(&scene, "*.a 10.0.0.4; *.x.a 10.0.0.1; -.x.a 10.0.0.3");
    assert_true(same(&scene.image, "x.a", ""));
    set(&scene.changes, "*.x.a", "10.0.0.5 10.0.0.6");
    set(&scene.changes, "x.a", "-");
    make(&scene, "*.a 10.0.0.4; - x.a; *.x.a 10.0.0.5; *.x.a 10.0.0.6; -.x.a 10.0.0.3");
    scene_fini(&scene);
}

static void reverse_zones_come_last(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    set(&scene.changes, "10.in-addr.arpa", "SOA NS");
    set(&scene.changes, "1.0.0.10.in-addr.arpa", "PTR");
    set(&scene.changes, "zone", "SOA NS");
    make(&scene, "SOA zone; NS zone ns.a; SOA 10.in-addr.arpa; NS 10.in-addr.arpa ns.a; "
                 "PTR 1.0.0.10.in-addr.arpa www.a");
    scene_fini(&scene);
}

static void a_change_to_the_same_records_is_recognized(void **state)
{
    struct records records = made("b.a", "10.0.0.1 fd00::1");
    (void)state;
    struct scene scene;
    scene_init(&scene);
    set(&scene.changes, "a", "SOA NS");
    set(&scene.changes, "b.a", "10.0.0.1 fd00::1");
    assert_true(same(&scene.image, "b.a", ""));
    assert_false(same(&scene.image, "b.a", "10.0.0.1 fd00::1"));
    make(&scene, "SOA a; NS a ns.a; b.a 10.0.0.1; b.a fd00::1");
    assert_true(same(&scene.image, "a", "SOA NS")); /* with any serial */
    assert_false(same(&scene.image, "a", "SOA"));
    assert_false(same(&scene.image, "a", "NS"));
    assert_false(same(&scene.image, "a", "SOA NS NS"));
    assert_true(same(&scene.image, "b.a", "10.0.0.1 fd00::1"));
    assert_false(same(&scene.image, "b.a", "10.0.0.1 fd00::2"));
    assert_false(same(&scene.image, "b.a", "fd00::1 10.0.0.1"));
    assert_false(same(&scene.image, "b.a", ""));
    assert_true(same(&scene.image, "aa.a", ""));
    assert_true(same(&scene.image, "c.a", ""));
    assert_false(same(&scene.image, "c.a", "10.0.0.1"));
    struct records other;
    records_init(&other);
    records_add_addresses(&other, "b.a", &(struct address){.family = 2, .octets = {10, 0, 0, 1}}, 1,
                          61);
    assert_false(image_same(&scene.image, "b.a", &other)); /* another ttl */
    records_fini(&other);
    records.failed = true;
    assert_false(image_same(&scene.image, "b.a", &records));
    assert_false(image_changes_set(&scene.changes, "b.a", &records));
    assert_int_equal(image_changes_count(&scene.changes), 0);
    records_fini(&records);
    scene_fini(&scene);
}

static void records_are_found_in_images_and_changes(void **state)
{
    (void)state;
    struct records records;
    records_init(&records);
    struct scene scene;
    scene_init(&scene);
    image_find(&scene.image, "b.a", &records);
    assert_false(image_changes_find(&scene.changes, "b.a", &records));
    image_changes_unset(&scene.changes, "b.a");
    set(&scene.changes, "a", "SOA NS 10.0.0.1 -");
    set(&scene.changes, "b.a", "10.0.0.1 fd00::1");
    assert_true(image_changes_find(&scene.changes, "b.a", &records));
    assert_false(image_changes_find(&scene.changes, "c.a", &records));
    shown_are(&records, 0, "b.a 10.0.0.1; b.a fd00::1");
    make(&scene, "SOA a; NS a ns.a; a 10.0.0.1; - a; b.a 10.0.0.1; b.a fd00::1");
    records_clear(&records);
    image_find(&scene.image, "a", &records);
    image_find(&scene.image, "*.a", &records);
    image_find(&scene.image, "b.a", &records);
    shown_are(&records, 0, "SOA a; NS a ns.a; a 10.0.0.1; - a; b.a 10.0.0.1; b.a fd00::1");
    records_fini(&records);
    scene_fini(&scene);
}

static void records_come_back_with_all_their_fields(void **state)
{
    struct records records = made("a", "SOA NS 10.0.0.1 fd00::1 PTR -");
    (void)state;
    struct records found;
    records_init(&found);
    struct scene scene;
    scene_init(&scene);
    scene.frame.end = SERIAL + 60;
    assert_true(image_changes_set(&scene.changes, "a", &records));
    assert_true(image_changes_find(&scene.changes, "a", &found));
    assert_true(records_equal(&records, &found));
    assert_int_equal(image_make(&scene.image, NULL, &scene.changes, &scene.frame), 0);
    records_clear(&found);
    image_find(&scene.image, "a", &found);
    assert_true(records_equal(&records, &found));
    assert_true(image_same(&scene.image, "a", &records));
    records_fini(&records);
    records_fini(&found);
    scene_fini(&scene);
}

static void a_change_can_be_taken_back(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    set(&scene.changes, "b.a", "10.0.0.1");
    set(&scene.changes, "c.a", "10.0.0.1");
    set(&scene.changes, "b.a", "10.0.0.2 10.0.0.3");
    assert_int_equal(image_changes_count(&scene.changes), 2);
    image_changes_unset(&scene.changes, "c.a");
    image_changes_unset(&scene.changes, "c.a");
    image_changes_unset(&scene.changes, "d.a");
    assert_int_equal(image_changes_count(&scene.changes), 1);
    make(&scene, "b.a 10.0.0.2; b.a 10.0.0.3");
    set(&scene.changes, "c.a", "10.0.0.1");
    image_changes_unset(&scene.changes, "c.a");
    set(&scene.changes, "c.a", "10.0.0.4");
    assert_int_equal(image_changes_count(&scene.changes), 1);
    make(&scene, "b.a 10.0.0.2; b.a 10.0.0.3; c.a 10.0.0.4");
    scene_fini(&scene);
}

static void an_owner_that_changes_often_needs_little_memory(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    for (int i = 0; i < 10000; i++)
        set(&scene.changes, "b.a", i % 3 ? "10.0.0.1" : "10.0.0.1 10.0.0.2 10.0.0.3");
    assert_true(scene.changes.length < 1000);
    set(&scene.changes, "b.a", "10.0.0.1");
    make(&scene, "b.a 10.0.0.1");
    struct records records;
    records_init(&records);
    for (int i = 0; i < 200; i++) {
        add_address(&records, "c.a", "10.0.0.1");
        assert_true(image_changes_set(&scene.changes, "c.a", &records));
    }
    assert_true(scene.changes.length < 8 * (size_t)scene.changes.changes[0].length);
    records_fini(&records);
    scene_fini(&scene);
}

static void an_image_gives_its_unused_memory_back(void **state)
{
    enum { MANY = 20000 };
    (void)state;
    struct scene scene;
    scene_init(&scene);
    char owner[32];
    for (int i = 0; i < MANY; i++) {
        snprintf(owner, sizeof owner, "n%d.a", i);
        set(&scene.changes, owner, "10.0.0.1");
    }
    assert_int_equal(image_make(&scene.image, NULL, &scene.changes, &scene.frame), 0);
    size_t room = scene.image.entries.room;
    assert_true(room > MANY * 30);
    image_changes_clear(&scene.changes);
    for (int i = 1; i < MANY; i++) {
        snprintf(owner, sizeof owner, "n%d.a", i);
        set(&scene.changes, owner, "");
    }
    make(&scene, "n0.a 10.0.0.1");
    assert_true(scene.image.entries.room < room / 100);
    assert_true(scene.image.slots_room < 100);
    set(&scene.changes, "b.a", "10.0.0.1");
    make(&scene, "b.a 10.0.0.1; n0.a 10.0.0.1");
    scene_fini(&scene);
}

static void static_files_are_part_of_an_image(void **state)
{
    static const char first[] = "+m.a:192.0.2.1:60\n.static:192.0.2.2:ns\n";
    static const char second[] = "=www.static:192.0.2.3\n'www.static:text\n";
    const struct static_image *images[] = {compiled(first), compiled(second)};
    (void)state;
    assert_non_null(images[0]);
    assert_non_null(images[1]);
    struct scene scene;
    scene_init(&scene);
    scene.frame.images = images;
    scene.frame.n_images = 2;
    make(&scene, "");
    set(&scene.changes, "m.a", "10.0.0.1");
    set(&scene.changes, "a", "SOA");
    make(&scene, "SOA a; m.a 10.0.0.1");
    assert_true(same(&scene.image, "m.a", "10.0.0.1")); /* static entries are not ours */
    assert_true(same(&scene.image, "www.static", ""));
    scene.frame.n_images = 1;
    set(&scene.changes, "m.a", "10.0.0.1 fd00::1 fd00::2");
    make(&scene, "SOA a; m.a 10.0.0.1; m.a fd00::1; m.a fd00::2");
    scene.frame.n_images = 2;
    set(&scene.changes, "m.a", "");
    set(&scene.changes, "z.a", "10.0.0.2");
    make(&scene, "SOA a; z.a 10.0.0.2");
    set(&scene.changes, "m.a", "10.0.0.3"); /* which is static too */
    make(&scene, "SOA a; m.a 10.0.0.3; z.a 10.0.0.2");
    set(&scene.changes, "m.a", "");
    set(&scene.changes, "z.a", "");
    make(&scene, "SOA a");
    scene.frame.n_images = 0;
    make(&scene, "SOA a");
    static_image_unref((struct static_image *)images[0]);
    static_image_unref((struct static_image *)images[1]);
    scene_fini(&scene);
}

static void images_are_equal_if_their_records_are(void **state)
{
    const struct static_image *image = compiled(".static:192.0.2.2:ns\n");
    (void)state;
    struct scene a;
    scene_init(&a);
    struct scene b;
    scene_init(&b);
    assert_true(image_equal(&a.image, &b.image));
    set(&a.changes, "a", "SOA NS");
    make(&a, "SOA a; NS a ns.a");
    assert_false(image_equal(&a.image, &b.image));
    set(&b.changes, "a", "SOA NS");
    b.frame.images = &image;
    b.frame.n_images = 1;
    b.frame.serial = 77;
    b.frame.end = SERIAL;
    make(&b, "SOA a; NS a ns.a");
    assert_true(image_equal(&a.image, &b.image));
    assert_true(image_equal(&b.image, &a.image));
    set(&b.changes, "b.a", "10.0.0.1");
    make(&b, "SOA a; NS a ns.a; b.a 10.0.0.1");
    set(&a.changes, "b.a", "10.0.0.2");
    make(&a, "SOA a; NS a ns.a; b.a 10.0.0.2");
    assert_false(image_equal(&a.image, &b.image));
    static_image_unref((struct static_image *)image);
    scene_fini(&a);
    scene_fini(&b);
}

/* A static file of 4 MB, a thousand times. */
static void an_image_beyond_4_gb_is_refused_before_anything_is_copied(void **state)
{
    enum { LINES = 1 << 16, IMAGES = 1000 };
    static const char line[] = "'a:0123456789012345678901234567890123456789\n";
    size_t length = sizeof line - 1;
    char *text = malloc(LINES * length + 1);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + i * length, line, length + 1);
    const struct static_image *images[IMAGES];
    images[0] = compiled(text);
    free(text);
    for (size_t i = 1; i < IMAGES; i++)
        images[i] = images[0];
    struct scene scene;
    scene_init(&scene);
    set(&scene.changes, "b.a", "10.0.0.1");
    make(&scene, "b.a 10.0.0.1");
    set(&scene.changes, "b.a", "10.0.0.2");
    scene.frame.images = images;
    scene.frame.n_images = IMAGES;
    assert_int_equal(image_make(&scene.image, &scene.image, &scene.changes, &scene.frame), -EFBIG);
    holds(&scene.image, "b.a 10.0.0.1");
    scene.frame.n_images = 0;
    make(&scene, "b.a 10.0.0.2");
    static_image_unref((struct static_image *)images[0]);
    scene_fini(&scene);
}

/* Random changes for few owners, compared with an image made from scratch. */
static void random_words(char *words, unsigned *seed)
{
    static const char *const some[] = {"10.0.0.1 ", "10.0.0.2 ", "fd00::1 ", "- ", "SOA ", "PTR "};
    int n = rand_r(seed) % 5;
    words[0] = '\0';
    while (n-- > 0)
        strcat(words, some[rand_r(seed) % (int)(sizeof some / sizeof *some)]);
}

static void random_changes_make_the_image_of_all_records(void **state)
{
    /* three of the same length; the second and the third have the same keys */
    const struct static_image *images[] = {
        compiled("+aa.s:10.1.0.1\n+bb.s:10.1.0.2\n"), compiled("+cc.s:10.1.0.1\n+bb.s:10.1.0.2\n"),
        compiled("+cc.s:10.1.0.3\n+bb.s:10.1.0.2\n"), compiled("'c.s:text\n")};
    enum { IMAGES = sizeof images / sizeof *images };
    (void)state;
    char owners[OWNERS][32];
    for (size_t i = 0; i < OWNERS; i++)
        snprintf(owners[i], sizeof owners[i], "%sn%zu%s", i % 5 ? "" : "*.", i / 2,
                 i % 3 ? i % 3 == 1 ? "" : ".z.a" : ".in-addr.arpa");
    struct scene scene;
    scene_init(&scene);
    char has[OWNERS][64] = {{0}};
    unsigned seed = 12;
    for (int round = 0; round < 500; round++) {
        int n = rand_r(&seed) % (round % 10 ? 4 : OWNERS);
        while (n-- > 0) {
            size_t i = (size_t)rand_r(&seed) % OWNERS;
            random_words(has[i], &seed);
            set(&scene.changes, owners[i], has[i]);
        }
        if (round % 3 == 0) {
            scene.frame.images = images + rand_r(&seed) % IMAGES;
            scene.frame.n_images =
                (size_t)rand_r(&seed) % (size_t)(images + IMAGES - scene.frame.images);
        }
        struct image other;
        image_init(&other);
        assert_int_equal(image_make(&other, &scene.image, &scene.changes, &scene.frame), 0);
        assert_int_equal(image_make(&scene.image, &scene.image, &scene.changes, &scene.frame), 0);
        struct scene fresh;
        scene_init(&fresh);
        for (size_t i = OWNERS; i-- > 0;)
            set(&fresh.changes, owners[i], has[i]);
        assert_int_equal(image_make(&fresh.image, NULL, &fresh.changes, &scene.frame), 0);
        is_file(&fresh.image, &scene.frame);
        is_file(&scene.image, &scene.frame);
        is_file(&other, &scene.frame);
        assert_true(image_equal(&scene.image, &fresh.image));
        assert_true(image_equal(&other, &fresh.image));
        for (size_t i = 0; i < OWNERS; i++)
            assert_true(same(&scene.image, owners[i], has[i]));
        image_changes_clear(&scene.changes);
        image_fini(&other);
        scene_fini(&fresh);
        scene.frame.serial++;
    }
    for (size_t i = 0; i < IMAGES; i++)
        static_image_unref((struct static_image *)images[i]);
    scene_fini(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_follows_its_changes),
        cmocka_unit_test(a_wildcard_is_an_owner_of_its_own),
        cmocka_unit_test(reverse_zones_come_last),
        cmocka_unit_test(a_change_to_the_same_records_is_recognized),
        cmocka_unit_test(records_are_found_in_images_and_changes),
        cmocka_unit_test(records_come_back_with_all_their_fields),
        cmocka_unit_test(a_change_can_be_taken_back),
        cmocka_unit_test(an_owner_that_changes_often_needs_little_memory),
        cmocka_unit_test(an_image_gives_its_unused_memory_back),
        cmocka_unit_test(static_files_are_part_of_an_image),
        cmocka_unit_test(images_are_equal_if_their_records_are),
        cmocka_unit_test(an_image_beyond_4_gb_is_refused_before_anything_is_copied),
        cmocka_unit_test(random_changes_make_the_image_of_all_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
