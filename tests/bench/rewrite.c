/* rewrite DIRECTORY COUNT: replaces the database in DIRECTORY whenever a command comes in, with
 * COUNT names and one more, and answers each with the moment at which data.cdb was replaced, in
 * nanoseconds of CLOCK_MONOTONIC.
 *
 *     keep NAME ADDRESS     as phonebookd does it: the old file is held, until "release"
 *     drop NAME ADDRESS     as a compiler does it that knows nothing of servers: nobody holds it
 *     release
 *
 * The moment is that just before rename(2). database.c calls it somewhere inside; so this program
 * has a renameat() of its own, which the linker takes before that of libc. */
#include "../../zones/data-files.h"
#include "kit/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TTL = 60, NEGATIVE_TTL = 5, SERIAL = 1, LINE_LENGTH = 1024, PATH_ROOM = 1024 };

struct rewriter {
    char from[PATH_ROOM], to[PATH_ROOM]; /* of data.cdb, for `drop` */
    struct data_files *kept, *other;
    unsigned count;
};

/* When that was: renameat() has no argument for it. */
static int64_t renamed;

int renameat(int old_directory, const char *old, int new_directory, const char *new)
{
    renamed = clock_now();
    return (int)syscall(SYS_renameat2, old_directory, old, new_directory, new, 0);
}

static void add(struct records *records, const char *owner, struct in_addr ipv4)
{
    struct address address = {.family = AF_INET};

    memcpy(address.octets, &ipv4, sizeof ipv4);
    records_add_address(records, owner, &address, TTL);
}

static void fill(struct records *records, unsigned count)
{
    char owner[64];

    records_init(records);
    records_add_soa(records, "bench", "ns.bench", "hostmaster.bench", NEGATIVE_TTL, NEGATIVE_TTL);
    records_add_ns(records, "bench", "ns.bench", TTL);
    for (unsigned i = 0; i < count; i++) {
        snprintf(owner, sizeof owner, "n%06u.bench", i);
        add(records, owner, (struct in_addr){.s_addr = htonl(10U << 24 | i)});
    }
}

static int replace(struct rewriter *rewriter, bool keep, const char *name, struct in_addr address)
{
    struct records records;
    struct build build = {.records = &records, .serial = SERIAL};
    int error;

    fill(&records, rewriter->count);
    add(&records, name, address);
    error = data_files_write(keep ? rewriter->kept : rewriter->other, &build);
    if (error == 0 && !keep)
        error = renameat(AT_FDCWD, rewriter->from, AT_FDCWD, rewriter->to);
    records_fini(&records);
    return error;
}

static int obey(struct rewriter *rewriter, const char *line)
{
    char word[8], name[256], text[INET_ADDRSTRLEN];
    struct in_addr address;

    if (!strcmp(line, "release\n")) {
        data_files_release_old(rewriter->kept);
        data_files_release_old(rewriter->other);
        return 0;
    }
    if (sscanf(line, "%7s %255s %15s", word, name, text) != 3 ||
        inet_pton(AF_INET, text, &address) != 1)
        return 100;
    if (replace(rewriter, !strcmp(word, "keep"), name, address) < 0)
        return 111;
    printf("%lld\n", (long long)renamed);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    struct rewriter rewriter;
    char other[PATH_ROOM], line[LINE_LENGTH];
    int status = 0;

    if (argc != 3)
        return 100;
    snprintf(other, sizeof other, "%.900s.other", argv[1]);
    snprintf(rewriter.from, sizeof rewriter.from, "%.1000s/data.cdb", other);
    snprintf(rewriter.to, sizeof rewriter.to, "%.900s/data.cdb", argv[1]);
    rewriter.count = (unsigned)atoi(argv[2]);
    if (data_files_open(&rewriter.kept, argv[1]) < 0 || data_files_open(&rewriter.other, other) < 0)
        return 111;
    while (status == 0 && fgets(line, sizeof line, stdin))
        status = obey(&rewriter, line);
    data_files_close(rewriter.kept);
    data_files_close(rewriter.other);
    return status;
}
