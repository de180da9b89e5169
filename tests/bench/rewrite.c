/* rewrite DIRECTORY COUNT: replaces data.cdb in DIRECTORY whenever a command comes in, with COUNT
 * names and one more, and answers each with a moment, in nanoseconds of CLOCK_MONOTONIC.
 *
 *     keep NAME ADDRESS     as phonebookd does it: the old file is held
 *     drop NAME ADDRESS     as a compiler does it that knows nothing of servers: nobody holds it
 *     bare NAME ADDRESS     the floor: the finished file is written and renamed, and nothing else
 *     text NAME ADDRESS     the same with `data`
 *
 * The moment of the first two is that just before rename(2). data-files.c calls it somewhere
 * inside; so this program has a renameat2() of its own, which the linker takes before that of libc.
 * That of the floors is when writing begins; behind it comes how long that and the rename took. */
#include "../../zones/data-files.h"
#include "../../zones/image-file.h"
#include "../../zones/sink.h"
#include "parts/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    TTL = 60,
    NEGATIVE_TTL = 5,
    LINE_LENGTH = 1024,
    PATH_ROOM = 1024,
    FILE_MODE = 0644,
};

struct rewriter {
    char directory[PATH_ROOM], other[PATH_ROOM]; /* the other one is for `drop` */
    struct data_files *kept, *dropped;
    struct image image;
    struct image_changes changes;
    struct image_frame frame;
};

/* When that was: renameat2() has no argument for it. */
static int64_t renamed;

int renameat2(int old_directory, const char *old, int new_directory, const char *new,
              unsigned flags)
{
    renamed = clock_now();
    return (int)syscall(SYS_renameat2, old_directory, old, new_directory, new, flags);
}

/* ---- what is in it ---- */

static int set(struct rewriter *rewriter, const struct records *records, const char *owner)
{
    return image_changes_set(&rewriter->changes, owner, records) ? 0 : -ENOMEM;
}

static int set_address(struct rewriter *rewriter, const char *owner, struct in_addr ipv4)
{
    struct address address = {.family = AF_INET};
    memcpy(address.octets, &ipv4, sizeof ipv4);
    struct records records;
    records_init(&records);
    records_add_addresses(&records, owner, &address, 1, TTL);
    int error = set(rewriter, &records, owner);
    records_fini(&records);
    return error;
}

static int fill(struct rewriter *rewriter, unsigned count)
{
    struct records apex;
    records_init(&apex);
    records_add_soa(&apex, "bench", "ns.bench", "hostmaster.bench", NEGATIVE_TTL, NEGATIVE_TTL);
    records_add_ns(&apex, "bench", "ns.bench", TTL);
    int error = set(rewriter, &apex, "bench");
    records_fini(&apex);
    for (unsigned i = 0; error == 0 && i < count; i++) {
        char owner[64];
        snprintf(owner, sizeof owner, "n%06u.bench", i);
        error = set_address(rewriter, owner, (struct in_addr){.s_addr = htonl(10U << 24 | i)});
    }
    return error;
}

static int apply(struct rewriter *rewriter)
{
    rewriter->frame.serial++;
    int error =
        image_make(&rewriter->image, &rewriter->image, &rewriter->changes, &rewriter->frame);
    image_changes_clear(&rewriter->changes);
    return error;
}

/* ---- what is done with it ---- */

static int replace(struct rewriter *rewriter, bool keep)
{
    int error = data_files_write_cdb(keep ? rewriter->kept : rewriter->dropped, &rewriter->image);
    if (error == 0 && !keep) {
        char from[PATH_ROOM + 16];
        snprintf(from, sizeof from, "%s/data.cdb", rewriter->other);
        char to[PATH_ROOM + 16];
        snprintf(to, sizeof to, "%s/data.cdb", rewriter->directory);
        error = renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
    }
    if (error == 0)
        printf("%lld\n", (long long)renamed);
    return error;
}

/* A file as it is to be, in memory. */
static int finish(const struct rewriter *rewriter, bool text, uint8_t **octets, size_t *length)
{
    int fd = memfd_create("finished", MFD_CLOEXEC);
    int error = text ? image_write_text(fd, &rewriter->image, NULL, 0)
                     : image_write_cdb(fd, &rewriter->image);
    *length = error < 0 ? 0 : (size_t)lseek(fd, 0, SEEK_END);
    *octets = malloc(*length + 1);
    if (error == 0 && (!*octets || pread(fd, *octets, *length, 0) != (ssize_t)*length))
        error = -EIO;
    close(fd);
    return error;
}

static int write_bare(const struct rewriter *rewriter, bool text)
{
    uint8_t *octets;
    size_t length;
    int error = finish(rewriter, text, &octets, &length);
    char from[PATH_ROOM + 16];
    snprintf(from, sizeof from, "%s/bare", rewriter->directory);
    char to[PATH_ROOM + 16];
    snprintf(to, sizeof to, "%s/%s", rewriter->directory, text ? "data" : "data.cdb");
    int64_t began = clock_now();
    int fd = open(from, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (error == 0)
        error = sink_write_all(fd, octets, length);
    close(fd);
    if (error == 0 && rename(from, to) == 0)
        printf("%lld %lld\n", (long long)began, (long long)(clock_now() - began));
    free(octets);
    return error;
}

static int obey(struct rewriter *rewriter, const char *line)
{
    char word[8], name[256], text[INET_ADDRSTRLEN];
    struct in_addr address;
    if (sscanf(line, "%7s %255s %15s", word, name, text) != 3 ||
        inet_pton(AF_INET, text, &address) != 1)
        return 100;
    int error = set_address(rewriter, name, address);
    if (error == 0)
        error = apply(rewriter);
    if (error == 0 && (!strcmp(word, "bare") || !strcmp(word, "text")))
        error = write_bare(rewriter, !strcmp(word, "text"));
    else if (error == 0)
        error = replace(rewriter, !strcmp(word, "keep"));
    fflush(stdout);
    return error < 0 ? 111 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 100;
    struct rewriter rewriter = {.frame.serial = 0};
    snprintf(rewriter.directory, sizeof rewriter.directory, "%.900s", argv[1]);
    snprintf(rewriter.other, sizeof rewriter.other, "%.900s.other", argv[1]);
    image_init(&rewriter.image);
    image_changes_init(&rewriter.changes);
    if (fill(&rewriter, (unsigned)atoi(argv[2])) < 0 || apply(&rewriter) < 0 ||
        data_files_open(&rewriter.kept, rewriter.directory) < 0 ||
        data_files_open(&rewriter.dropped, rewriter.other) < 0)
        return 111;
    int status = 0;
    char line[LINE_LENGTH];
    while (status == 0 && fgets(line, sizeof line, stdin))
        status = obey(&rewriter, line);
    data_files_close(rewriter.kept);
    data_files_close(rewriter.dropped);
    image_fini(&rewriter.image);
    image_changes_fini(&rewriter.changes);
    return status;
}
