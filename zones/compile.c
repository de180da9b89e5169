#include "compile.h"

#include "../common/array.h"

#include "cdb-file.h"
#include "cdb.h"
#include "tinydns-advice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    READ_ROOM = 256 * 1024, /* grows if a line is longer */
    ENTRIES_LENGTH = 64 * 1024,
};

struct compiling {
    int from;
    char *octets; /* owned; octets from start to end were read, and not parsed yet */
    size_t start, end, room;
    size_t line;
    struct cdb_entries entries;
    struct cdb_file file;
    uint32_t serial;
    const struct compile_ears *ears;
    bool writes;
    size_t refused;
};

/* Makes room after the unparsed octets; more room if they are the beginning of one long line. */
static bool make_room(struct compiling *c)
{
    size_t left = c->end - c->start;
    memmove(c->octets, c->octets + c->start, left);
    c->start = 0;
    c->end = left;
    return left < c->room / 2 || array_grow(&c->octets, &c->room, c->room + 1, 1);
}

/* 1; 0 at the end of the file; or -errno. */
static int read_more(struct compiling *c)
{
    if (!make_room(c))
        return -ENOMEM;
    ssize_t n;
    do
        n = read(c->from, c->octets + c->end, c->room - c->end);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    c->end += (size_t)n;
    return n > 0;
}

static int put_entries(struct compiling *c)
{
    int error = c->refused || !c->writes ? 0 : cdb_file_add(&c->file, &c->entries, c->serial);
    cdb_entries_clear(&c->entries);
    return error;
}

static int parse_line(struct compiling *c, const char *line, size_t length)
{
    const char *why = tinydns_parse_line(&c->entries, line, length);
    c->line++;
    length = tinydns_trimmed(line, length);
    if (why) {
        c->refused++;
        tinydns_refuse(c->ears->refused, c->ears->context, c->line, line, length, why);
    } else if (c->ears->doubted) {
        tinydns_doubt(c->ears->doubted, c->ears->context, c->line, line, length);
    }
    if (c->entries.failed)
        return -ENOMEM;
    return c->entries.length >= ENTRIES_LENGTH ? put_entries(c) : 0;
}

/* Parses all complete lines; with `all`, also a last one without LF. */
static int parse_lines(struct compiling *c, bool all)
{
    const char *text = c->octets + c->start;
    const char *last = all ? NULL : memrchr(text, '\n', c->end - c->start);
    size_t length = all ? c->end - c->start : last ? (size_t)(last - text) + 1 : 0;
    c->start += length;
    int error = 0;
    const char *line;
    size_t line_length;
    while (error == 0 && tinydns_next_line(&text, &length, &line, &line_length))
        error = parse_line(c, line, line_length);
    return error;
}

static int compile_all(struct compiling *c)
{
    int more;
    while ((more = read_more(c)) > 0) {
        int error = parse_lines(c, false);
        if (error < 0)
            return error;
    }
    if (more == 0)
        more = parse_lines(c, true);
    if (more == 0)
        more = put_entries(c);
    if (more == 0 && c->writes && c->refused == 0)
        more = cdb_file_finish(&c->file);
    return more;
}

int compile(int from, int to, uint32_t serial, const struct compile_ears *ears, size_t *refused)
{
    struct compiling c = {
        .from = from,
        .octets = malloc(READ_ROOM),
        .room = READ_ROOM,
        .serial = serial,
        .ears = ears,
        .writes = to >= 0,
    };
    int error = c.octets ? 0 : -ENOMEM;
    cdb_entries_init(&c.entries);
    if (error == 0 && c.writes)
        error = cdb_file_start(&c.file, to, 0);
    if (error == 0)
        error = compile_all(&c);
    *refused = c.refused;
    cdb_file_fini(&c.file);
    cdb_entries_fini(&c.entries);
    free(c.octets);
    return error;
}
