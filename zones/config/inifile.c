#include "inifile.h"

#include "../../common/array.h"
#include "../../common/text.h"
#include "../../common/words.h"
#include "complaints.h"
#include "findings.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
    SECTION_MAX = 49, /* libinih's MAX_SECTION without the NUL: it cuts a longer name */
    LINE_END = 3,     /* octets of libinih's line buffer for "\r\n" and the NUL */
};

/* The key that is being read, or one that was read before. */
struct key {
    STAILQ_ENTRY(key) next;
    unsigned line;
    const char *name; /* behind the section */
    char section[];
};

struct reading {
    const char *path;
    struct complaints *complaints;
    inifile_entry *entry;
    void *context;

    const char *rest, *end; /* the part of the file behind the line `text` */
    struct text text;
    size_t limit; /* the longest line that libinih takes */
    unsigned line;
    bool expecting; /* the line should give a key, and libinih has not called yet */
    bool indented;  /* the line was handed to libinih with its indentation */

    struct key *key;   /* owned; NULL between keys */
    struct text value; /* the value of `key` so far; it may go on in the next line */
    unsigned *lines;   /* owned; of each word of the value */
    size_t n_words;

    STAILQ_HEAD(, key) before; /* owned; the keys before, each once */
};

static struct key *new_key(const char *section, const char *name, unsigned line)
{
    size_t length = strlen(section) + 1;
    struct key *key = malloc(sizeof *key + length + strlen(name) + 1);
    if (!key)
        return NULL;
    strcpy(key->section, section);
    key->name = strcpy(key->section + length, name);
    key->line = line;
    return key;
}

static const struct key *find_before(const struct reading *reading, const struct key *key)
{
    const struct key *before;
    STAILQ_FOREACH (before, &reading->before, next)
        if (strcmp(before->section, key->section) == 0 && strcmp(before->name, key->name) == 0)
            break;
    return before;
}

/* Passes the present key on, whose value is complete. */
static void finish_key(struct reading *reading)
{
    struct key *key = reading->key;
    const struct key *before = key ? find_before(reading, key) : NULL;
    struct inifile_place place = {reading->path, key ? key->line : 0, reading->lines};
    reading->key = NULL;
    if (before) {
        complain(reading->complaints, reading->path, key->line, key->name,
                 "is given twice: line %u has it first", before->line);
        free(key);
    } else if (key) {
        reading->entry(reading->context, &place, key->section, key->name, reading->value.octets,
                       reading->complaints);
        STAILQ_INSERT_TAIL(&reading->before, key, next);
    }
}

/* libinih does not remove the comment after a continued value. */
static size_t length_without_comment(const char *value)
{
    size_t length = 0;
    while (value[length] && !(value[length] == ';' && length && strchr(BLANKS, value[length - 1])))
        length++;
    while (length && strchr(BLANKS, value[length - 1]))
        length--;
    return length;
}

/* Notes the line of each word in the first `length` octets. False if memory ran out. */
static bool note_words(struct reading *reading, const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr(BLANKS, value[i]) || (i > 0 && !strchr(BLANKS, value[i - 1])))
            continue;
        unsigned *added = array_append(&reading->lines, reading->n_words, sizeof *added);
        if (!added)
            return false;
        *added = reading->line;
        reading->n_words++;
    }
    return true;
}

static void complain_of_line(const struct reading *reading, const char *what)
{
    complain(reading->complaints, reading->path, reading->line, NULL, "%s", what);
}

/* False if memory ran out. */
static bool add_to_value(struct reading *reading, const char *value, size_t length)
{
    text_put(&reading->value, value, length);
    return !reading->value.failed && note_words(reading, value, length);
}

static void begin_key(struct reading *reading, const char *section, const char *name,
                      const char *value)
{
    reading->value.length = reading->n_words = 0;
    reading->value.failed = false;
    reading->key = new_key(section, name, reading->line);
    if (reading->key && add_to_value(reading, value, strlen(value)))
        return;
    complain_of_line(reading, "out of memory");
    free(reading->key);
    reading->key = NULL;
}

static void continue_value(struct reading *reading, const char *value)
{
    if (reading->value.length > 0)
        text_put(&reading->value, " ", 1);
    if (!add_to_value(reading, value, length_without_comment(value)))
        complain_of_line(reading, "out of memory");
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
    struct reading *reading = user;
    reading->expecting = false;
    if (reading->indented && reading->key) {
        continue_value(reading, value);
        return 1;
    }
    finish_key(reading);
    if (*key)
        begin_key(reading, section, key, value);
    else
        complain_of_line(reading, "no key before the \"=\"");
    return 1;
}

/* Is it "KEY =", with only the characters of phonebook's keys? */
static bool reads_as_key(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz-");
    return length && text[length + strspn(text + length, " \t")] == '=';
}

/* Why libinih would not take the line for "[NAME]"; or NULL. */
static const char *section_fault(const char *text)
{
    size_t length = strcspn(text, "]");
    if (text[length] != ']')
        return "a section's name has no \"]\" behind it";
    if (length - 1 > SECTION_MAX)
        return "the section's name is too long";
    const char *rest = text + length + 1;
    rest += strspn(rest, BLANKS);
    if (*rest && *rest != ';')
        return "there is text after the \"]\"";
    for (size_t i = 1; i < length; i++)
        if (text[i] == ';' && strchr(BLANKS, text[i - 1]))
            return "a section's name has no \"]\" behind it";
    return NULL;
}

/* libinih reports a section only with its first key, and some sections need no key. */
static void announce_section(const struct reading *reading, const char *text)
{
    struct inifile_place place = {reading->path, reading->line, NULL};
    char section[SECTION_MAX + 1];
    snprintf(section, sizeof section, "%.*s", (int)strcspn(text + 1, "]"), text + 1);
    reading->entry(reading->context, &place, section, NULL, NULL, reading->complaints);
}

/* Checks a line. Returns the part for libinih: all, all but the indentation, or nothing. */
static const char *prepare(struct reading *reading, char *text, size_t length)
{
    char *start = text + strspn(text, BLANKS);
    reading->expecting = reading->indented = false;
    const char *fault = NULL;
    char too_long[96];
    if (memchr(text, '\0', length))
        fault = "the line has a NUL octet";
    else if (!*start || *start == ';' || *start == '#')
        return "";
    else if (length > reading->limit) {
        snprintf(too_long, sizeof too_long,
                 "the line is longer than %zu octets: continue it on an indented one",
                 reading->limit);
        fault = too_long;
    } else if (*start == '[') {
        finish_key(reading);
        fault = section_fault(start);
        if (!fault)
            announce_section(reading, start);
        text = start;
    } else if (reads_as_key(start) || !reading->key) {
        text = start;
        reading->expecting = true;
    } else {
        reading->expecting = true;
        reading->indented = start > text;
    }
    if (!fault)
        return text;
    complain_of_line(reading, fault);
    return "";
}

/* Called when libinih wants another line, and has parsed the last one. */
static void check_last_line(struct reading *reading)
{
    if (reading->expecting)
        complain_of_line(reading, "is neither a [section], nor KEY = VALUE, nor a comment");
    reading->expecting = false;
}

/* Copies the next line, with its LF, to reading->text. Returns its length; 0 at the end of the
 * file. */
static size_t next_line(struct reading *reading)
{
    size_t left = (size_t)(reading->end - reading->rest);
    if (left == 0)
        return 0;
    const char *feed = memchr(reading->rest, '\n', left);
    size_t length = feed ? (size_t)(feed + 1 - reading->rest) : left;
    reading->text.length = 0;
    text_put(&reading->text, reading->rest, length);
    if (reading->text.failed) {
        complain(reading->complaints, reading->path, 0, NULL, "%s", strerror(ENOMEM));
        return 0;
    }
    reading->rest += length;
    return length;
}

/* libinih calls this in place of fgets(3). */
static char *read_line(char *to, int size, void *stream)
{
    struct reading *reading = stream;
    static const char mark[] = "\xef\xbb\xbf"; /* a byte order mark, which some editors put first */
    check_last_line(reading);
    size_t length = next_line(reading);
    if (length == 0)
        return NULL;
    reading->limit = (size_t)(size - LINE_END);
    char *text = reading->text.octets;
    while (length > 0 && strchr("\r\n", text[length - 1]) && text[length - 1])
        text[--length] = '\0';
    if (reading->line++ == 0 && strncmp(text, mark, 3) == 0) {
        text += 3;
        length -= 3;
    }
    snprintf(to, (size_t)size, "%s\n", prepare(reading, text, length));
    return to;
}

static void reading_fini(struct reading *reading)
{
    struct key *key;
    while ((key = STAILQ_FIRST(&reading->before))) {
        STAILQ_REMOVE_HEAD(&reading->before, next);
        free(key);
    }
    free(reading->lines);
    free(reading->value.octets);
    free(reading->text.octets);
}

size_t inifile_read(struct findings *findings, const char *path, inifile_entry *entry,
                    void *context, struct complaints *complaints)
{
    size_t before = complaints->count;
    const struct finding *text = findings_file(findings, path);
    struct reading reading = {
        .path = path,
        .complaints = complaints,
        .entry = entry,
        .context = context,
    };
    if (!text || text->error) {
        complain(complaints, path, 0, NULL, "%s",
                 !text                    ? strerror(ENOMEM)
                 : text->error == -EINVAL ? "is not a regular file"
                                          : strerror(-text->error));
        return 1;
    }
    reading.rest = text->octets;
    reading.end = text->octets + text->length;
    STAILQ_INIT(&reading.before);
    if (ini_parse_stream(read_line, &reading, on_key, &reading) < 0)
        complain(complaints, path, 0, NULL, "%s", strerror(ENOMEM));
    finish_key(&reading);
    reading_fini(&reading);
    return complaints->count - before;
}
