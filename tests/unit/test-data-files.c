/* Databases in directories of their own, compared with what Debian's tinydns-data makes of them. */
#include "../../zones/data-files.h"
#include "../../zones/image-file.h"
#include "../../zones/zone.h"
#include "files.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TINYDNS_DATA "/usr/sbin/tinydns-data"

enum { SERIAL = 1700000000, LOCK = 1 /* file in each database */ };

static struct data_files *opened(const char *directory)
{
    struct data_files *database;
    assert_int_equal(data_files_open(&database, directory), 0);
    return database;
}

/* Notes a record after its owner's earlier ones. */
static bool note(struct image_changes *changes, const struct record *record)
{
    struct records records;
    records_init(&records);
    image_changes_find(changes, record->owner, &records);
    records_add(&records, record);
    bool noted = image_changes_set(changes, record->owner, &records);
    records_fini(&records);
    return noted;
}

static struct image framed(const struct records *records, const struct image_frame *frame)
{
    struct image image;
    image_init(&image);
    struct image_changes changes;
    image_changes_init(&changes);
    struct record record;
    for (size_t cursor = 0; records_next(records, &cursor, &record);)
        assert_true(note(&changes, &record));
    assert_int_equal(image_make(&image, NULL, &changes, frame), 0);
    image_changes_fini(&changes);
    return image;
}

static struct image image_of_records(const struct records *records, uint32_t serial)
{
    return framed(records, &(struct image_frame){.serial = serial});
}

static int write_framed(struct data_files *database, const struct records *records,
                        const struct image_frame *frame)
{
    struct image image = framed(records, frame);
    int error = data_files_write_cdb(database, &image);
    if (error == 0)
        error = data_files_write_text(database, &image, frame->images, frame->n_images);
    image_fini(&image);
    return error;
}

static int write_records(struct data_files *database, const struct records *records,
                         uint32_t serial)
{
    return write_framed(database, records, &(struct image_frame){.serial = serial});
}

static void add_address(struct records *records, const char *owner, const char *text)
{
    struct address address;
    assert_true(address_parse(&address, text));
    records_add_addresses(records, owner, &address, 1, 60);
}

/* A zone with n names, each with one or two addresses; every tenth is a wildcard. */
static void fill(struct records *records, size_t n)
{
    struct zone zone;
    zone_init(&zone);
    strcpy(zone.name, "internal");
    zone_complete(&zone);
    records_clear(records);
    if (n == 0)
        return;
    zone_add_soa(&zone, records);
    zone_add_nameservers(&zone, records);
    for (size_t i = 2; i < n; i++) {
        char owner[64];
        snprintf(owner, sizeof owner, i % 10 ? "h%zu.internal" : "*.w%zu.internal", i);
        char text[64];
        snprintf(text, sizeof text, "10.%zu.%zu.%zu", i >> 16 & 255, i >> 8 & 255, i & 255);
        add_address(records, owner, text);
        if (i % 3 == 0 && ++i < n) {
            snprintf(text, sizeof text, "fd00::%zx", i);
            add_address(records, owner, text);
        }
    }
}

/* Runs tinydns-data on a copy of the text and compares the two compiled files. */
static void equals_tinydns_data(void **state)
{
    const char *directory = files_path(*state, "theirs");
    size_t text_length;
    char *text = files_read(files_path(*state, "db/data"), &text_length);
    size_t ours_length;
    char *ours = files_read(files_path(*state, "db/data.cdb"), &ours_length);
    if (access(TINYDNS_DATA, X_OK) < 0)
        fail_msg(TINYDNS_DATA " is not there");
    mkdir(directory, 0700);
    files_write(files_path(*state, "theirs/data"), text, text_length);
    struct stat ours_status;
    assert_int_equal(stat(files_path(*state, "db/data"), &ours_status), 0);
    struct timespec times[2];
    times[0] = times[1] = ours_status.st_mtim; /* this time is a serial */
    assert_int_equal(utimensat(AT_FDCWD, files_path(*state, "theirs/data"), times, 0), 0);
    files_run(directory, TINYDNS_DATA);
    size_t theirs_length;
    char *theirs = files_read(files_path(*state, "theirs/data.cdb"), &theirs_length);
    assert_int_equal(ours_length, theirs_length);
    assert_memory_equal(ours, theirs, ours_length);
    free(text);
    free(ours);
    free(theirs);
}

static void both_files_are_those_of_tinydns_data(void **state)
{
    static const size_t counts[] = {0, 2, 3, 5, 253, 254, 255, 256, 257, 1000, 1024, 1025, 3000};
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        fill(&records, counts[i]);
        assert_int_equal(records.count, counts[i]);
        assert_int_equal(write_records(database, &records, SERIAL + (uint32_t)i), 0);
        equals_tinydns_data(state);
    }
    records_fini(&records);
    data_files_close(database);
}

static const char *random_name(char *name, unsigned *seed)
{
    static const char octets[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t labels = 1 + (size_t)rand_r(seed) % 4, length = 0;
    for (size_t i = 0; i < labels; i++) {
        size_t n = rand_r(seed) % 8 ? 1 + (size_t)rand_r(seed) % 8 : NAME_LABEL_MAX;
        if (i)
            name[length++] = '.';
        if (length + n > NAME_TEXT_MAX)
            n = 1;
        for (size_t j = 0; j < n; j++)
            name[length++] = octets[rand_r(seed) % (sizeof octets - 1)];
    }
    name[length] = '\0';
    if (labels > 1 && rand_r(seed) % 8 == 0) {
        size_t first = strcspn(name, ".");
        memmove(name + 1, name + first, length - first + 1);
        name[0] = '*';
    }
    return name;
}

static void add_random(struct records *records, unsigned *seed)
{
    uint32_t ttl = (uint32_t)rand_r(seed) >> rand_r(seed) % 32;
    char owner[2 * NAME_TEXT_MAX];
    random_name(owner, seed);
    char target[2 * NAME_TEXT_MAX];
    do
        random_name(target, seed);
    while (name_is_wildcard(target));
    char contact[2 * NAME_TEXT_MAX];
    do
        random_name(contact, seed);
    while (name_is_wildcard(contact));
    struct address address = {.family = 2};
    switch (rand_r(seed) % 8) {
    case 0:
        records_add_soa(records, owner, target, contact, ttl, ttl / 2);
        return;
    case 1:
        records_add_ns(records, owner, target, ttl);
        return;
    case 2:
        records_add_ptr(records, owner, target, ttl);
        return;
    default:
        assert_true(address_parse(&address, rand_r(seed) % 2 ? "0.0.0.0" : "::"));
        for (size_t i = 0; i < address_length(&address); i++)
            address.octets[i] = (uint8_t)rand_r(seed);
        records_add_addresses(records, owner, &address, 1, ttl);
    }
}

static void random_records_become_the_files_of_tinydns_data(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    unsigned seed = 20;
    for (int round = 0; round < 40; round++) {
        size_t n = (size_t)rand_r(&seed) % 400;
        records_clear(&records);
        for (size_t i = 0; i < n; i++)
            add_random(&records, &seed);
        assert_int_equal(write_records(database, &records, (uint32_t)rand_r(&seed) + 1), 0);
        equals_tinydns_data(state);
    }
    records_fini(&records);
    data_files_close(database);
}

static void static_files_and_an_end_become_the_files_of_tinydns_data(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    const char text[] = ".static:192.0.2.2:ns\n=www.static:192.0.2.3\n# comment";
    char *copy = malloc(sizeof text);
    assert_non_null(copy);
    memcpy(copy, text, sizeof text);
    size_t refused;
    struct static_image *image = static_image_new(copy, sizeof text - 1, NULL, NULL, &refused);
    assert_non_null(image);
    struct records records;
    records_init(&records);
    fill(&records, 3000);
    for (int i = 0; i < 4; i++) {
        struct image_frame frame = {.images = (const struct static_image *const *)&image,
                                    .n_images = i % 2,
                                    .serial = SERIAL,
                                    .end = i / 2 ? SERIAL + 3600 : 0};
        assert_int_equal(write_framed(database, &records, &frame), 0);
        equals_tinydns_data(state);
    }
    static_image_unref(image);
    records_fini(&records);
    data_files_close(database);
}

static void data_has_a_line_for_each_record(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    records_add_soa(&records, "internal", "ns", "hostmaster.internal", 5, 5);
    records_add_ns(&records, "internal", "ns", 60); /* not ns.ns.internal */
    add_address(&records, "www.internal", "10.0.0.1");
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    size_t length;
    char *text = files_read(files_path(*state, "db/data"), &length);
    assert_string_equal(text, "Zinternal:ns:hostmaster.internal:1700000000:16384:2048:1048576:5:5\n"
                              "&internal::ns.:60\n"
                              "+www.internal:10.0.0.1:60\n");
    equals_tinydns_data(state);
    free(text);
    records_fini(&records);
    data_files_close(database);
}

static void files_are_public_and_as_old_as_their_serial(void **state)
{
    static const char *const files[] = {"a/b/data", "a/b/data.cdb"};
    mode_t mask = umask(077);
    struct data_files *database = opened(files_path(*state, "a/b"));
    struct records records;
    records_init(&records);
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    umask(mask);
    struct stat status;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(stat(files_path(*state, files[i]), &status), 0);
        assert_int_equal(status.st_mode, S_IFREG | 0644);
        assert_int_equal(status.st_mtime, SERIAL);
    }
    assert_int_equal(stat(files_path(*state, "a"), &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | 0755);
    assert_int_equal(stat(files_path(*state, "a/b"), &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | 0755);
    assert_int_equal(files_count(files_path(*state, "a/b")), LOCK + 2);
    data_files_close(database);
}

static void a_second_phonebookd_is_kept_out(void **state)
{
    struct data_files *first = opened(files_path(*state, "db")), *second;
    assert_int_equal(data_files_open(&second, files_path(*state, "db")), -EWOULDBLOCK);
    data_files_close(first);
    second = opened(files_path(*state, "db"));
    data_files_close(second);
}

/* flock(2) needs a file open for reading: a user who can read only the directory and its public
 * files cannot take our lock. */
static void nobody_else_can_open_the_lock_file(void **state)
{
    static const char *const others[] = {"db", "db/data", "db/data.cdb"};
    mode_t mask = umask(0);
    struct data_files *database = opened(files_path(*state, "db"));
    umask(mask);
    struct stat status;
    assert_int_equal(stat(files_path(*state, "db/" DATABASE_LOCK), &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    struct records records;
    records_init(&records);
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    data_files_close(database);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        int fd = open(files_path(*state, others[i]), O_RDONLY);
        assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
        database = opened(files_path(*state, "db"));
        struct data_files *second;
        assert_int_equal(data_files_open(&second, files_path(*state, "db")), -EWOULDBLOCK);
        data_files_close(database);
        close(fd);
    }
    records_fini(&records);
}

static void a_public_lock_file_is_made_private(void **state)
{
    mkdir(files_path(*state, "db"), 0755);
    files_write(files_path(*state, "db/" DATABASE_LOCK), "", 0);
    assert_int_equal(chmod(files_path(*state, "db/" DATABASE_LOCK), 06666), 0);
    data_files_close(opened(files_path(*state, "db")));
    struct stat status;
    assert_int_equal(stat(files_path(*state, "db/" DATABASE_LOCK), &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
}

/* Such a file is not followed, waited for or changed. */
static void what_is_no_lock_file_is_refused(void **state)
{
    char *lock = strdup(files_path(*state, "db/" DATABASE_LOCK));
    mkdir(files_path(*state, "db"), 0755);
    files_write(files_path(*state, "target"), "", 0);
    assert_int_equal(chmod(files_path(*state, "target"), 0644), 0);
    assert_int_equal(symlink(files_path(*state, "target"), lock), 0);
    struct data_files *database;
    assert_int_equal(data_files_open(&database, files_path(*state, "db")), -EEXIST);
    struct stat status;
    assert_int_equal(stat(files_path(*state, "target"), &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0644);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(symlink(files_path(*state, "nothing"), lock), 0);
    assert_int_equal(data_files_open(&database, files_path(*state, "db")), -EEXIST);
    assert_int_equal(access(files_path(*state, "nothing"), F_OK), -1);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(mkfifo(lock, 0600), 0);
    assert_int_equal(data_files_open(&database, files_path(*state, "db")), -EEXIST);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(mkdir(lock, 0700), 0);
    assert_int_equal(data_files_open(&database, files_path(*state, "db")), -EEXIST);
    assert_non_null(strstr(data_files_error(-EEXIST), DATABASE_LOCK));
    free(lock);
}

static void expect_owner(const char *path, uid_t owner)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, owner);
}

static void a_lock_file_of_another_user_is_refused(void **state)
{
    const char *directory = files_path(*state, "db");
    const char *lock = files_path(*state, "db/" DATABASE_LOCK);
    if (geteuid() != 0)
        skip();
    mkdir(directory, 0755);
    files_write(lock, "", 0);
    assert_int_equal(chown(lock, 4001, 4001), 0);
    struct data_files *database;
    assert_int_equal(data_files_open(&database, directory), -EEXIST);
    assert_int_equal(unlink(lock), 0);
    /* If root made it in a user's directory, that user's phonebookd can use it too. */
    assert_int_equal(chown(directory, 4001, 4001), 0);
    data_files_close(opened(directory));
    expect_owner(lock, 4001);
    data_files_close(opened(directory));
}

/* The next write makes the lock file, unless another phonebookd was quicker. */
static void a_removed_lock_file_is_made_again(void **state)
{
    struct data_files *first = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    assert_int_equal(unlink(files_path(*state, "db/" DATABASE_LOCK)), 0);
    assert_int_equal(write_records(first, &records, SERIAL), 0);
    struct data_files *second;
    assert_int_equal(data_files_open(&second, files_path(*state, "db")), -EWOULDBLOCK);
    assert_int_equal(unlink(files_path(*state, "db/" DATABASE_LOCK)), 0);
    second = opened(files_path(*state, "db"));
    assert_int_equal(write_records(first, &records, SERIAL + 1), -EWOULDBLOCK);
    assert_int_equal(write_records(second, &records, SERIAL + 1), 0);
    data_files_close(second);
    assert_int_equal(write_records(first, &records, SERIAL + 2), 0);
    records_fini(&records);
    data_files_close(first);
}

static void a_directory_that_cannot_be_made_is_an_error(void **state)
{
    files_write(files_path(*state, "file"), "", 0);
    struct data_files *database;
    assert_int_equal(data_files_open(&database, files_path(*state, "file")), -ENOTDIR);
    assert_int_equal(data_files_open(&database, files_path(*state, "file/db")), -ENOTDIR);
    assert_int_equal(data_files_open(&database, ""), -ENOENT);
    assert_int_equal(data_files_open(&database, "/proc/none/db"), -ENOENT);
}

static void temporary_files_are_removed_at_the_start(void **state)
{
    mkdir(files_path(*state, "db"), 0755);
    files_write(files_path(*state, "db/.phonebook.abcdef"), "x", 1);
    files_write(files_path(*state, "db/.phonebook."), "x", 1);
    files_write(files_path(*state, "db/.other"), "x", 1);
    struct data_files *database = opened(files_path(*state, "db"));
    assert_int_equal(files_count(files_path(*state, "db")), LOCK + 1);
    data_files_close(database);
}

static void set_time(const char *path, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void serials_always_grow(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    assert_int_equal(data_files_next_serial(database, 1000), 1000);
    assert_int_equal(data_files_next_serial(database, 1000), 1001);
    assert_int_equal(data_files_next_serial(database, 999), 1002); /* the clock stepped back */
    assert_int_equal(data_files_next_serial(database, 2000), 2000);
    assert_int_equal(data_files_next_serial(database, -1), 2001);
    assert_int_equal(data_files_next_serial(database, INT64_MAX), 2002);
    fill(&records, 10);
    assert_int_equal(write_records(database, &records, 2002), 0);
    data_files_close(database);

    /* over a restart: from the SOA, even if the files' times are lost */
    set_time(files_path(*state, "db/data"), 5);
    set_time(files_path(*state, "db/data.cdb"), 5);
    database = opened(files_path(*state, "db"));
    assert_int_equal(data_files_next_serial(database, 1000), 2003);
    data_files_close(database);

    /* from the time of data, if that is later */
    set_time(files_path(*state, "db/data"), 5000);
    database = opened(files_path(*state, "db"));
    assert_int_equal(data_files_next_serial(database, 1000), 5001);
    data_files_close(database);

    /* or of data.cdb, which may lack a SOA of ours */
    set_time(files_path(*state, "db/data.cdb"), 6000);
    database = opened(files_path(*state, "db"));
    assert_int_equal(data_files_next_serial(database, 1000), 6001);
    data_files_close(database);

    /* and from none if all of these are useless */
    set_time(files_path(*state, "db/data"), (time_t)UINT32_MAX + 7);
    files_write(files_path(*state, "db/data.cdb"), "garbage", 7);
    set_time(files_path(*state, "db/data.cdb"), -7);
    database = opened(files_path(*state, "db"));
    assert_int_equal(data_files_next_serial(database, 1000), 1000);
    data_files_close(database);

    records_fini(&records);
}

static void after_the_last_serial_comes_1(void **state)
{
    mkdir(files_path(*state, "db"), 0755);
    files_write(files_path(*state, "db/data"), "", 0);
    set_time(files_path(*state, "db/data"), UINT32_MAX);
    struct data_files *database = opened(files_path(*state, "db"));
    assert_int_equal(data_files_next_serial(database, 0), 1);
    data_files_close(database);
}

/* The file is cut off anywhere, or any octets are changed. */
static void a_broken_old_file_is_read_without_harm(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    fill(&records, 20);
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    data_files_close(database);
    size_t length;
    char *octets = files_read(files_path(*state, "db/data.cdb"), &length);
    unsigned seed = 3;
    for (int round = 0; round < 300; round++) {
        char *broken = malloc(length);
        size_t cut = round % 3 ? length : (size_t)rand_r(&seed) % length;
        memcpy(broken, octets, length);
        for (int i = 0; i < round % 8; i++)
            broken[(size_t)rand_r(&seed) % length] = (char)rand_r(&seed);
        files_write(files_path(*state, "db/data.cdb"), broken, cut);
        data_files_close(opened(files_path(*state, "db")));
        free(broken);
    }
    free(octets);
    records_fini(&records);
}

/* db/ has its old `data`, a data.cdb, and nothing else. */
static void assert_intact(void **state, const char *text, size_t length)
{
    size_t now_length;
    char *now = files_read(files_path(*state, "db/data"), &now_length);
    assert_int_equal(now_length, length);
    assert_memory_equal(now, text, length);
    free(now);
    assert_int_equal(files_count(files_path(*state, "db")), LOCK + 2);
}

/* RLIMIT_FSIZE cuts data.cdb and data at every possible place. */
static void files_cut_by_the_size_limit_leave_the_old_ones(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    signal(SIGXFSZ, SIG_IGN);
    struct records records;
    records_init(&records);
    fill(&records, 300);
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    size_t length;
    char *text = files_read(files_path(*state, "db/data"), &length);
    fill(&records, 2000);
    struct rlimit none;
    getrlimit(RLIMIT_FSIZE, &none);
    bool written = false;
    for (rlim_t size = 0; !written; size += 1500) {
        struct rlimit limit = none;
        limit.rlim_cur = size;
        setrlimit(RLIMIT_FSIZE, &limit);
        int error = write_records(database, &records, SERIAL + 1);
        setrlimit(RLIMIT_FSIZE, &none);
        written = error == 0;
        if (!written) {
            assert_int_equal(error, -EFBIG);
            assert_intact(state, text, length);
        } else {
            assert_true(size > 10000);
        }
    }
    equals_tinydns_data(state);
    free(text);
    records_fini(&records);
    data_files_close(database);
}

/* Runs in a child with its own mount namespace: 0, 1 after a failure, 2 if not allowed. */
static int on_full_disk(const char *directory)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", directory, "tmpfs", 0, "size=64k") < 0)
        return 2;
    char path[512];
    snprintf(path, sizeof path, "%s/data.cdb", directory);
    struct records records;
    records_init(&records);
    fill(&records, 100);
    struct data_files *database;
    struct stat before;
    if (data_files_open(&database, directory) < 0 ||
        write_records(database, &records, SERIAL) < 0 || stat(path, &before) < 0)
        return 1;
    if (!data_files_are_quick(database, DATA_FILES_QUICK_MAX - 1))
        return 1;
    fill(&records, 3000);
    int error = write_records(database, &records, SERIAL + 1);
    struct stat after;
    if (error != -ENOSPC || stat(path, &after) < 0 || before.st_ino != after.st_ino ||
        files_count(directory) != LOCK + 2)
        return 1;
    fill(&records, 50); /* it recovers, and keeps a spare file again */
    if (write_records(database, &records, SERIAL + 2) < 0 || files_count(directory) != LOCK + 3)
        return 1;
    /* the directory, the lock, and three files: `data` gets the place of the spare file */
    if (mount(NULL, directory, NULL, MS_REMOUNT, "nr_inodes=5") < 0 ||
        write_records(database, &records, SERIAL + 3) < 0 || files_count(directory) != LOCK + 2)
        return 1;
    records_fini(&records);
    data_files_close(database);
    return 0;
}

static void a_full_disk_leaves_the_old_files(void **state)
{
    mkdir(files_path(*state, "small"), 0755);
    pid_t child = fork();
    if (child == 0)
        _exit(on_full_disk(files_path(*state, "small")));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_removed_directory_is_made_again(void **state)
{
    struct data_files *database = opened(files_path(*state, "a/db"));
    struct records records;
    records_init(&records);
    fill(&records, 10);
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    assert_int_equal(rename(files_path(*state, "a/db"), files_path(*state, "moved")), 0);
    assert_int_equal(rmdir(files_path(*state, "a")), 0);
    assert_int_equal(write_records(database, &records, SERIAL + 1), 0);
    assert_int_equal(files_count(files_path(*state, "a/db")), LOCK + 2);

    /* The directory cannot be made now, but later. */
    assert_int_equal(rename(files_path(*state, "a"), files_path(*state, "moved-too")), 0);
    files_write(files_path(*state, "a"), "", 0);
    assert_int_equal(write_records(database, &records, SERIAL + 2), -ENOTDIR);
    assert_int_equal(write_records(database, &records, SERIAL + 2), -ENOTDIR);
    assert_int_equal(unlink(files_path(*state, "a")), 0);
    assert_int_equal(write_records(database, &records, SERIAL + 2), 0);
    assert_int_equal(files_count(files_path(*state, "a/db")), LOCK + 2);
    records_fini(&records);
    data_files_close(database);
}

/* A directory has the name of one of the files. */
static void each_file_is_replaced_without_the_other(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    fill(&records, 10);
    assert_int_equal(mkdir(files_path(*state, "db/data.cdb"), 0755), 0);
    assert_int_equal(write_records(database, &records, SERIAL), -EISDIR);
    assert_int_equal(files_count(files_path(*state, "db")), LOCK + 1);
    assert_int_equal(rmdir(files_path(*state, "db/data.cdb")), 0);

    assert_int_equal(write_records(database, &records, SERIAL), 0);
    size_t length;
    char *text = files_read(files_path(*state, "db/data"), &length);
    assert_int_equal(unlink(files_path(*state, "db/data.cdb")), 0);
    assert_int_equal(mkdir(files_path(*state, "db/data.cdb"), 0755), 0);
    fill(&records, 20);
    assert_int_equal(write_records(database, &records, SERIAL + 1), -EISDIR);
    assert_intact(state, text, length);
    free(text);
    assert_int_equal(rmdir(files_path(*state, "db/data.cdb")), 0);

    assert_int_equal(unlink(files_path(*state, "db/data")), 0);
    assert_int_equal(mkdir(files_path(*state, "db/data"), 0755), 0);
    struct image image = image_of_records(&records, SERIAL + 1);
    assert_int_equal(data_files_write_cdb(database, &image), 0);
    assert_int_equal(data_files_write_text(database, &image, NULL, 0), -EISDIR);
    assert_int_equal(files_count(files_path(*state, "db")), LOCK + 2);
    text = files_read(files_path(*state, "db/data.cdb"), &length);
    assert_int_equal(length, image_length(&image));
    free(text);
    assert_int_equal(rmdir(files_path(*state, "db/data")), 0);
    assert_int_equal(data_files_write_text(database, &image, NULL, 0), 0);
    equals_tinydns_data(state);
    image_fini(&image);
    records_fini(&records);
    data_files_close(database);
}

static void data_is_never_written_without_its_data_cdb(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    struct image image = image_of_records(&records, SERIAL);
    assert_int_equal(data_files_write_cdb(database, &image), 0);
    assert_int_equal(rename(files_path(*state, "db"), files_path(*state, "moved")), 0);
    assert_int_equal(data_files_write_text(database, &image, NULL, 0), -ESTALE);
    assert_int_equal(mkdir(files_path(*state, "db"), 0755), 0);
    assert_int_equal(data_files_write_text(database, &image, NULL, 0), -ESTALE);
    assert_int_equal(files_count(files_path(*state, "db")), 0);
    assert_int_equal(write_records(database, &records, SERIAL + 1), 0);
    assert_int_equal(files_count(files_path(*state, "db")), LOCK + 2);
    image_fini(&image);
    data_files_close(database);
}

static void a_small_image_in_memory_is_quick(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    bool in_memory = files_in_memory(files_path(*state, "db"));
    assert_int_equal(data_files_are_quick(database, 0), in_memory);
    assert_int_equal(data_files_are_quick(database, DATA_FILES_QUICK_MAX - 1), in_memory);
    assert_false(data_files_are_quick(database, DATA_FILES_QUICK_MAX));
    data_files_close(database);
}

/* The number of files without a name that our descriptors hold. */
static size_t count_held(void)
{
    size_t count = 0;
    struct stat status;
    for (int fd = 0; fd < 256; fd++)
        count += fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0;
    return count;
}

static ino_t inode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_ino;
}

static void write_cdb(struct data_files *database, size_t n, uint32_t serial)
{
    struct records records;
    records_init(&records);
    fill(&records, n);
    struct image image = image_of_records(&records, serial);
    assert_int_equal(data_files_write_cdb(database, &image), 0);
    image_fini(&image);
    records_fini(&records);
}

/* Until the next build, so that we spend the time to free it; also an earlier process's file. In
 * memory it has a name, if it is ours. */
static void the_replaced_file_is_kept_until_the_next_build(void **state)
{
    const char *path = files_path(*state, "db/data.cdb"), *other = files_path(*state, "other");
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    write_cdb(database, 20, SERIAL);
    assert_int_equal(count_held(), 0);
    data_files_close(database);
    database = opened(files_path(*state, "db"));
    for (unsigned i = 1; i < 4; i++) {
        write_cdb(database, 20, SERIAL + i);
        assert_int_equal(count_held(), files_in_memory(*state) && i > 1 ? 0 : 1);
    }
    assert_int_equal(mkdir(other, 0755), 0);
    assert_int_equal(renameat2(AT_FDCWD, other, AT_FDCWD, path, RENAME_EXCHANGE), 0);
    assert_int_equal(write_records(database, &records, SERIAL + 4), -EISDIR);
    assert_int_equal(count_held(), 0); /* its room may have been needed */
    assert_int_equal(rmdir(path), 0);
    write_cdb(database, 20, SERIAL + 5);
    data_files_close(database);
    assert_int_equal(count_held(), 0);
    records_fini(&records);
}

/* ---- in memory ---- */

/* The directory is on a tmpfs, in a mount namespace of this process. */
static int setup_in_memory(void **state)
{
    if (files_setup(state) < 0)
        return -1;
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", *state, "tmpfs", 0, NULL) < 0)
        print_message("not allowed to mount a tmpfs\n");
    return 0;
}

static int teardown_in_memory(void **state)
{
    umount2(*state, MNT_DETACH);
    return files_teardown(state);
}

static void need_memory(void **state)
{
    if (!files_in_memory(*state))
        skip();
}

/* Asserts that data.cdb has the octets of the image. */
static void expect_cdb(const char *path, size_t n, uint32_t serial)
{
    int fd = memfd_create("expected", MFD_CLOEXEC);
    size_t length;
    char *octets = files_read(path, &length), *expected = malloc(length + 1);
    struct records records;
    records_init(&records);
    fill(&records, n);
    struct image image = image_of_records(&records, serial);
    assert_int_equal(image_write_cdb(fd, &image), 0);
    assert_int_equal(pread(fd, expected, length + 1, 0), length);
    assert_memory_equal(octets, expected, length);
    image_fini(&image);
    records_fini(&records);
    free(expected);
    free(octets);
    close(fd);
}

/* Two files, larger and smaller by turns, replace each other. */
static void two_files_are_written_by_turns(void **state)
{
    const char *directory = files_path(*state, "db"), *path = files_path(*state, "db/data.cdb");
    need_memory(state);
    struct data_files *database = opened(directory);
    ino_t inodes[2];
    for (unsigned i = 0; i < 12; i++) {
        size_t n = 20 + 7919 * i % 300;
        write_cdb(database, n, SERIAL + i);
        expect_cdb(path, n, SERIAL + i);
        if (i < 2)
            inodes[i] = inode_of(path);
        assert_int_equal(inode_of(path), inodes[i % 2]);
        assert_int_equal(files_count(directory), LOCK + 1 + (i > 0));
    }
    data_files_close(database);
    assert_int_equal(files_count(directory), LOCK + 1);
}

/* A replaced file stays unchanged as long as somebody reads it. */
static void a_reader_keeps_its_file(void **state)
{
    const char *path = files_path(*state, "db/data.cdb");
    need_memory(state);
    struct data_files *database = opened(files_path(*state, "db"));
    write_cdb(database, 20, SERIAL);
    for (unsigned i = 1; i < 9; i++) {
        bool maps = i % 2; /* and closed its descriptor */
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ino_t inode = inode_of(path);
        size_t length = (size_t)lseek(fd, 0, SEEK_END);
        char *before = malloc(length), *now = malloc(length);
        char *map = maps ? mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
        assert_true(map != MAP_FAILED);
        assert_int_equal(pread(fd, before, length, 0), length);
        if (maps)
            close(fd);
        for (unsigned j = 0; j < 3; j++) {
            write_cdb(database, 30 * i, SERIAL + 3 * i + j);
            assert_int_not_equal(inode_of(path), inode);
            if (!maps)
                assert_int_equal(pread(fd, now, length, 0), length);
            assert_memory_equal(maps ? map : now, before, length);
        }
        if (maps)
            munmap(map, length);
        else
            close(fd);
        free(before);
        free(now);
    }
    expect_cdb(path, 240, SERIAL + 26);
    data_files_close(database);
}

/* An administrator may change the two files in any way: his files are not written to, and never
 * served again. */
static void files_of_others_are_not_written_to(void **state)
{
    const char *path = files_path(*state, "db/data.cdb"), *own = files_path(*state, "db/own");
    need_memory(state);
    struct data_files *database = opened(files_path(*state, "db"));
    for (unsigned i = 0; i < 20; i++) {
        write_cdb(database, 20 + i, SERIAL + i);
        expect_cdb(path, 20 + i, SERIAL + i);
        switch (i % 5) {
        case 0: /* another file has our file's name */
            files_write(own, "his", 3);
            assert_int_equal(rename(own, path), 0);
            break;
        case 1: /* another name for ours */
            assert_int_equal(link(path, own), 0);
            break;
        case 3: /* ours moved away */
            expect_cdb(own, 20 + i - 2, SERIAL + i - 2);
            assert_int_equal(rename(path, own), 0);
            break;
        case 4:
            expect_cdb(own, 20 + i - 1, SERIAL + i - 1);
            assert_int_equal(unlink(own), 0);
            files_write(own, "his", 3);
            assert_int_equal(unlink(path), 0);
            assert_int_equal(link(own, path), 0);
            break;
        }
    }
    size_t length;
    char *text = files_read(own, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(text, "his", 3);
    free(text);
    data_files_close(database);
}

/* ---- a disk that lies ---- */

static bool lying;

/* Replaces libc's function: the linker finds this one first. */
ssize_t pwrite(int fd, const void *octets, size_t length, off_t at)
{
    uint8_t *copy = NULL;
    if (lying && length > 0 && (copy = malloc(length))) {
        memcpy(copy, octets, length);
        copy[length / 2] ^= 1;
    }
    ssize_t written = syscall(SYS_pwrite64, fd, copy ? copy : octets, length, at);
    free(copy);
    return written;
}

static void a_file_with_a_wrong_octet_is_not_used(void **state)
{
    struct data_files *database = opened(files_path(*state, "db"));
    struct records records;
    records_init(&records);
    fill(&records, 10);
    assert_int_equal(write_records(database, &records, SERIAL), 0);
    size_t length;
    char *text = files_read(files_path(*state, "db/data"), &length);
    fill(&records, 20);
    lying = true;
    assert_int_equal(write_records(database, &records, SERIAL + 1), -EBADMSG);
    lying = false;
    assert_intact(state, text, length);
    equals_tinydns_data(state);
    free(text);
    records_fini(&records);
    data_files_close(database);
}

/* ---- killed ---- */

/* A process that writes both files, and stops at each system call after it has written `before`
 * twice, so that there is a spare file. */
static pid_t traced_writer(const char *directory, const struct image *before,
                           const struct image *image)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct data_files *database;
    if (data_files_open(&database, directory) < 0 || data_files_write_cdb(database, before) < 0 ||
        data_files_write_cdb(database, before) < 0)
        _exit(1);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
        _exit(2);
    if (data_files_write_cdb(database, image) < 0 ||
        data_files_write_text(database, image, NULL, 0) < 0)
        _exit(1);
    _exit(0);
}

/* Kills it at the stop with this number; false if it ended before that. */
static bool kill_at(pid_t child, int stop)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        skip(); /* nobody may be traced here */
    for (int i = 0; i < stop && WIFSTOPPED(status); i++) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
    }
    if (WIFEXITED(status)) {
        assert_int_equal(WEXITSTATUS(status), 0);
        return false;
    }
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return true;
}

/* Asserts that the file has the old or the new content; true if new. */
static bool is_new(const char *path, const struct image *before, const struct image *after)
{
    size_t length;
    char *octets = files_read(path, &length);
    const struct image *images[] = {before, after};
    bool is[2];
    for (size_t i = 0; i < 2; i++) {
        int fd = memfd_create("expected", MFD_CLOEXEC);
        char *expected = malloc(length + 1);
        assert_true(fd >= 0);
        assert_int_equal(strstr(path, "cdb") ? image_write_cdb(fd, images[i])
                                             : image_write_text(fd, images[i], NULL, 0),
                         0);
        is[i] = lseek(fd, 0, SEEK_END) == (off_t)length &&
                pread(fd, expected, length, 0) == (ssize_t)length &&
                memcmp(expected, octets, length) == 0;
        free(expected);
        close(fd);
    }
    free(octets);
    assert_true(is[0] != is[1]);
    return is[1];
}

/* data.cdb is the newer of the two, and the next start writes both. */
static void a_kill_at_any_place_leaves_whole_files(void **state)
{
    char *directory = strdup(files_path(*state, "db"));
    char *data = strdup(files_path(*state, "db/data"));
    char *data_cdb = strdup(files_path(*state, "db/data.cdb"));
    struct records records;
    records_init(&records);
    fill(&records, 20);
    struct image before = image_of_records(&records, SERIAL);
    fill(&records, 30);
    struct image after = image_of_records(&records, SERIAL + 1);
    int seen[3] = {0}; /* how many files were new */
    for (int stop = 0;; stop++) {
        struct data_files *database = opened(directory);
        assert_int_equal(data_files_write_cdb(database, &before), 0);
        assert_int_equal(data_files_write_text(database, &before, NULL, 0), 0);
        assert_int_equal(files_count(directory), LOCK + 2); /* leftovers are removed */
        data_files_close(database);
        bool killed = kill_at(traced_writer(directory, &before, &after), stop);
        bool cdb = is_new(data_cdb, &before, &after);
        bool text = is_new(data, &before, &after);
        assert_true(cdb || !text);
        seen[cdb + text]++;
        if (!killed)
            break;
    }
    for (int i = 0; i < 3; i++)
        assert_true(seen[i] > 0);
    image_fini(&before);
    image_fini(&after);
    records_fini(&records);
    free(directory);
    free(data);
    free(data_cdb);
}

#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, setup_in_memory, teardown_in_memory)
#define AGAIN_IN_MEMORY(test)                                                                      \
    {                                                                                              \
#test "_in_memory", test, setup_in_memory, teardown_in_memory, NULL                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(both_files_are_those_of_tinydns_data, files_setup),
        WITH_FILES(random_records_become_the_files_of_tinydns_data, files_setup),
        WITH_FILES(static_files_and_an_end_become_the_files_of_tinydns_data, files_setup),
        WITH_FILES(data_has_a_line_for_each_record, files_setup),
        WITH_FILES(files_are_public_and_as_old_as_their_serial, files_setup),
        WITH_FILES(a_second_phonebookd_is_kept_out, files_setup),
        WITH_FILES(nobody_else_can_open_the_lock_file, files_setup),
        WITH_FILES(a_public_lock_file_is_made_private, files_setup),
        WITH_FILES(what_is_no_lock_file_is_refused, files_setup),
        WITH_FILES(a_lock_file_of_another_user_is_refused, files_setup),
        WITH_FILES(a_removed_lock_file_is_made_again, files_setup),
        WITH_FILES(a_directory_that_cannot_be_made_is_an_error, files_setup),
        WITH_FILES(temporary_files_are_removed_at_the_start, files_setup),
        WITH_FILES(serials_always_grow, files_setup),
        WITH_FILES(after_the_last_serial_comes_1, files_setup),
        WITH_FILES(a_broken_old_file_is_read_without_harm, files_setup),
        WITH_FILES(files_cut_by_the_size_limit_leave_the_old_ones, files_setup),
        WITH_FILES(a_full_disk_leaves_the_old_files, files_setup),
        WITH_FILES(a_removed_directory_is_made_again, files_setup),
        WITH_FILES(each_file_is_replaced_without_the_other, files_setup),
        WITH_FILES(data_is_never_written_without_its_data_cdb, files_setup),
        WITH_FILES(a_small_image_in_memory_is_quick, files_setup),
        WITH_FILES(the_replaced_file_is_kept_until_the_next_build, files_setup),
        WITH_FILES(a_file_with_a_wrong_octet_is_not_used, files_setup),
        WITH_FILES(a_kill_at_any_place_leaves_whole_files, files_setup),
        IN_MEMORY(two_files_are_written_by_turns),
        IN_MEMORY(a_reader_keeps_its_file),
        IN_MEMORY(files_of_others_are_not_written_to),
        AGAIN_IN_MEMORY(a_file_with_a_wrong_octet_is_not_used),
        AGAIN_IN_MEMORY(a_kill_at_any_place_leaves_whole_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
