/* compile WHAT DIRECTORY COUNT: makes a database of COUNT records and says what that took.
 *
 *     database       as phonebookd does it, from records in memory: both files are written, read
 *                    back and renamed into place
 *     files          only the writing of both
 *     cdb            only that of data.cdb
 *     tinycdb        only data.cdb, from keys and values that lie ready: the floor
 *     tinydns-data   Debian's program, on the `data` in DIRECTORY
 *     PATH           `PATH compile data data.cdb`, which is phonebook's
 *
 * Prints "WALL CPU PEAK": nanoseconds of both, and by how many KiB memory grew at most; of a
 * program that is started, all that it needed. Half the records are A, half AAAA, of COUNT / 2
 * names.
 */
#include "../../zones/build.h"
#include "../../zones/cdb-file.h"
#include "../../zones/data-files.h"
#include "kit/clock.h"

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
    struct address ipv4 = {.family = AF_INET}, ipv6 = {.family = AF_INET6};
    uint32_t low = htonl(number), ipv4_octets = htonl(10U << 24 | number);
    char owner[64];

    snprintf(owner, sizeof owner, "h%06u.bench", number);
    memcpy(ipv4.octets, &ipv4_octets, sizeof ipv4_octets);
    memcpy(ipv6.octets, ipv6_prefix, sizeof ipv6_prefix);
    memcpy(ipv6.octets + sizeof ipv6_prefix, &low, sizeof low);
    records_add_address(records, owner, &ipv4, TTL);
    records_add_address(records, owner, &ipv6, TTL);
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
    char line[256];
    long peak = 0;

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

static struct cost by_database(const char *directory, const struct records *records)
{
    struct build build = {.records = records, .serial = SERIAL};
    struct data_files *database;
    struct cost start, cost;
    int error = data_files_open(&database, directory);

    if (error < 0)
        die(directory, error);
    start = start_clocks();
    error = data_files_write(database, &build);
    cost = stop_clocks(&start);
    if (error < 0)
        die("data_files_write", error);
    data_files_close(database);
    return cost;
}

static int create(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);

    if (fd < 0)
        die(name, 0);
    return fd;
}

static struct cost by_files(const struct records *records)
{
    struct build build = {.records = records, .serial = SERIAL};
    struct build_sum sum;
    int data = create("data"), data_cdb = create("data.cdb");
    struct cost start = start_clocks(), cost;
    int error = build_write(data, data_cdb, &build, &sum);

    cost = stop_clocks(&start);
    if (error < 0)
        die("build_write", error);
    return cost;
}

static int put_entries(struct cdb_file *file, struct cdb_entries *entries)
{
    int error = entries->failed ? -ENOMEM : cdb_file_add(file, entries, SERIAL);

    cdb_entries_clear(entries);
    return error;
}

/* What build_write() does, without the text. */
static int write_cdb(struct cdb_file *file, const struct records *records)
{
    struct cdb_entries entries;
    struct record record;
    char owner[NAME_TEXT_MAX + 1] = "";
    size_t cursor = 0;
    int error = 0;

    cdb_entries_init(&entries);
    while (error == 0 && records_next(records, &cursor, &record)) {
        cdb_add_record(&entries, &record, SERIAL, strcmp(owner, record.owner) == 0);
        strcpy(owner, record.owner);
        if (entries.length >= SINK_ROOM) {
            error = put_entries(file, &entries);
            owner[0] = '\0';
        }
    }
    if (error == 0)
        error = put_entries(file, &entries);
    cdb_entries_fini(&entries);
    return error;
}

static struct cost by_cdb(const struct records *records)
{
    int data_cdb = create("data.cdb");
    struct cost start = start_clocks(), cost;
    struct cdb_file file;
    int error = cdb_file_start(&file, data_cdb, records->count);

    if (error == 0)
        error = write_cdb(&file, records);
    if (error == 0)
        error = cdb_file_finish(&file);
    cdb_file_fini(&file);
    cost = stop_clocks(&start);
    if (error < 0)
        die("data.cdb", error);
    return cost;
}

/* Every key and value of the database, as they lie in the file. */
static struct cdb_entries make_entries(const struct records *records)
{
    struct cdb_entries entries;
    struct record record;
    size_t cursor = 0;

    cdb_entries_init(&entries);
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
    struct cost start = start_clocks(), cost;
    struct cdb_make make;

    if (cdb_make_start(&make, data_cdb) < 0)
        die("cdb_make_start", 0);
    add_entries(&make, &entries);
    if (cdb_make_finish(&make) < 0)
        die("cdb_make_finish", 0);
    cost = stop_clocks(&start);
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
    struct rusage usage;
    int status;
    pid_t pid = vfork();

    if (pid == 0) {
        execvp(arguments[0], arguments);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0)
        die(arguments[0], 0);
    cost.wall += clock_now();
    cost.cpu = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
    cost.peak = usage.ru_maxrss;
    return cost;
}

int main(int argc, char **argv)
{
    struct records records;
    struct cost cost;

    if (argc != 4 || chdir(argv[2]) < 0)
        return 100;
    if (!strcmp(argv[1], "tinydns-data")) {
        cost = by_program((char *[]){argv[1], NULL});
    } else if (strchr(argv[1], '/')) {
        cost = by_program((char *[]){argv[1], "compile", "data", "data.cdb", NULL});
    } else {
        make_records(&records, (unsigned)atoi(argv[3]));
        if (!strcmp(argv[1], "database"))
            cost = by_database(argv[2], &records);
        else if (!strcmp(argv[1], "files"))
            cost = by_files(&records);
        else if (!strcmp(argv[1], "cdb"))
            cost = by_cdb(&records);
        else if (!strcmp(argv[1], "tinycdb"))
            cost = by_tinycdb(&records);
        else
            return 100;
        records_fini(&records);
    }
    printf("%lld %lld %ld\n", (long long)cost.wall, (long long)cost.cpu, cost.peak);
    return 0;
}
