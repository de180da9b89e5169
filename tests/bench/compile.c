/* compile WHAT DIRECTORY COUNT: makes a database of COUNT records and says what that took.
 *
 *     database       as phonebookd does it at its start: an image of data.cdb is made of the
 *                    records of each owner, both files are written, data.cdb is read back, and both
 *                    are renamed into place
 *     files          only the image and the writing of both
 *     cdb            only the image and the writing of data.cdb
 *     tinycdb        only data.cdb, from keys and values that lie ready: the floor
 *     tinydns-data   Debian's program, on the `data` in DIRECTORY
 *     PATH           `PATH compile data data.cdb`, which is phonebook's
 *
 * Prints "WALL CPU PEAK": nanoseconds of both, and by how many KiB memory grew at most; of a
 * program that is started, all that it needed. Half the records are A, half AAAA, of COUNT / 2
 * names. */
#include "../../zones/data-files.h"
#include "../../zones/image-file.h"
#include "parts/clock.h"

#include <arpa/inet.h>
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TTL = 60, NEGATIVE_TTL = 5, SERIAL = 1, FILE_MODE = 0644 };

static const uint8_t ipv6_prefix[12] = {0xfd, 0x64, 0xca, 0xfe};

struct cost {
    int64_t wall, cpu;
    long peak; /* KiB */
};

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "compile: %s: %s\n", what, strerror(error < 0 ? -error : errno));
    exit(111);
}

/* ---- what is made ---- */

static void add_name(struct records *records, uint32_t number)
{
    uint32_t low = htonl(number), ipv4_octets = htonl(10U << 24 | number);
    char owner[64];
    snprintf(owner, sizeof owner, "h%06u.bench", number);
    struct address ipv4 = {.family = AF_INET};
    memcpy(ipv4.octets, &ipv4_octets, sizeof ipv4_octets);
    struct address ipv6 = {.family = AF_INET6};
    memcpy(ipv6.octets, ipv6_prefix, sizeof ipv6_prefix);
    memcpy(ipv6.octets + sizeof ipv6_prefix, &low, sizeof low);
    records_add_addresses(records, owner, &ipv4, 1, TTL);
    records_add_addresses(records, owner, &ipv6, 1, TTL);
}

static void make_records(struct records *records, unsigned count)
{
    records_init(records);
    records_add_soa(records, "bench", "ns.bench", "hostmaster.bench", NEGATIVE_TTL, NEGATIVE_TTL);
    records_add_ns(records, "bench", "ns.bench", TTL);
    for (unsigned i = 0; i < count / 2; i++)
        add_name(records, i);
    if (records->failed)
        die("records", -ENOMEM);
}

/* ---- what it takes ---- */

/* Writing 5 sets the peak back to what is resident now (proc(5)). */
static void forget_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "5", 1) != 1)
        die("/proc/self/clear_refs", 0);
    close(fd);
}

static long peak_now(void)
{
    FILE *status = fopen("/proc/self/status", "re");
    long peak = 0;
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &peak) == 1)
            break;
    if (status)
        fclose(status);
    return peak;
}

static struct cost start_clocks(void)
{
    forget_peak();
    return (struct cost){.peak = peak_now(), .cpu = clock_cpu(), .wall = clock_now()};
}

static struct cost stop_clocks(const struct cost *start)
{
    struct cost now = {.wall = clock_now(), .cpu = clock_cpu(), .peak = peak_now()};
    return (struct cost){.wall = now.wall - start->wall,
                         .cpu = now.cpu - start->cpu,
                         .peak = now.peak - start->peak};
}

/* ---- the ways ---- */

/* The records, owner by owner. */
static struct image_changes make_changes(const struct records *records)
{
    struct image_changes changes;
    image_changes_init(&changes);
    struct records owned;
    records_init(&owned);
    struct record record;
    for (size_t cursor = 0; records_next(records, &cursor, &record);) {
        records_clear(&owned);
        image_changes_find(&changes, record.owner, &owned);
        records_add(&owned, &record);
        if (!image_changes_set(&changes, record.owner, &owned))
            die("changes", -ENOMEM);
    }
    records_fini(&owned);
    return changes;
}

static int create(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        die(name, 0);
    return fd;
}

/* Both steps of data-files.h. */
static int write_database(struct data_files *database, const struct image *image)
{
    int error = data_files_write_cdb(database, image);
    return error < 0 ? error : data_files_write_text(database, image, NULL, 0);
}

static int write_files(const struct image *image, bool text)
{
    int error = image_write_cdb(create("data.cdb"), image);
    return error < 0 || !text ? error : image_write_text(create("data"), image, NULL, 0);
}

static struct cost by_image(const struct records *records, const char *directory, bool text)
{
    struct image_changes changes = make_changes(records);
    struct data_files *database = NULL;
    int error = directory ? data_files_open(&database, directory) : 0;
    if (error < 0)
        die(directory, error);
    struct image image;
    image_init(&image);
    struct cost start = start_clocks();
    struct image_frame frame = {.serial = SERIAL};
    error = image_make(&image, NULL, &changes, &frame);
    if (error == 0)
        error = directory ? write_database(database, &image) : write_files(&image, text);
    struct cost cost = stop_clocks(&start);
    if (error < 0)
        die("data.cdb", error);
    data_files_close(database);
    image_changes_fini(&changes);
    image_fini(&image);
    return cost;
}

/* Every key and value of the database, as they lie in the file. */
static struct cdb_entries make_entries(const struct records *records)
{
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    size_t cursor = 0;
    struct record record;
    while (records_next(records, &cursor, &record))
        cdb_add_record(&entries, &record, SERIAL, false);
    if (entries.failed)
        die("entries", -ENOMEM);
    return entries;
}

static void add_entries(struct cdb_make *make, const struct cdb_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++) {
        struct cdb_entry entry = cdb_entry_at(entries, entries->places[i].at);
        if (cdb_make_add(make, entry.key, (unsigned)entry.key_length, entry.value,
                         (unsigned)entry.value_length) < 0)
            die("cdb_make_add", 0);
    }
}

static struct cost by_tinycdb(const struct records *records)
{
    struct cdb_entries entries = make_entries(records);
    int data_cdb = create("data.cdb");
    struct cost start = start_clocks();
    struct cdb_make make;
    if (cdb_make_start(&make, data_cdb) < 0)
        die("cdb_make_start", 0);
    add_entries(&make, &entries);
    if (cdb_make_finish(&make) < 0)
        die("cdb_make_finish", 0);
    struct cost cost = stop_clocks(&start);
    cdb_entries_fini(&entries);
    return cost;
}

static int64_t nanoseconds(struct timeval time)
{
    return ((int64_t)time.tv_sec * 1000 * 1000 + time.tv_usec) * NS_PER_US;
}

static struct cost by_program(char *const arguments[])
{
    struct cost cost = {.wall = -clock_now()};
    pid_t pid = vfork();
    if (pid == 0) {
        execvp(arguments[0], arguments);
        _exit(127);
    }
    struct rusage usage;
    int status;
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0)
        die(arguments[0], 0);
    cost.wall += clock_now();
    cost.cpu = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
    cost.peak = usage.ru_maxrss;
    return cost;
}

int main(int argc, char **argv)
{
    if (argc != 4 || chdir(argv[2]) < 0)
        return 100;
    struct records records;
    struct cost cost;
    if (!strcmp(argv[1], "tinydns-data")) {
        cost = by_program((char *[]){argv[1], NULL});
    } else if (strchr(argv[1], '/')) {
        cost = by_program((char *[]){argv[1], "compile", "data", "data.cdb", NULL});
    } else {
        make_records(&records, (unsigned)atoi(argv[3]));
        if (!strcmp(argv[1], "database"))
            cost = by_image(&records, argv[2], true);
        else if (!strcmp(argv[1], "files"))
            cost = by_image(&records, NULL, true);
        else if (!strcmp(argv[1], "cdb"))
            cost = by_image(&records, NULL, false);
        else if (!strcmp(argv[1], "tinycdb"))
            cost = by_tinycdb(&records);
        else
            return 100;
        records_fini(&records);
    }
    printf("%lld %lld %ld\n", (long long)cost.wall, (long long)cost.cpu, cost.peak);
    return 0;
}
