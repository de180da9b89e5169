#include "inifile.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/array.h"
#include "../../common/words.h"
#include "complaints.h"
#include "findings.h"

enum {
    SECTION_MAX = 49, /* libinih's MAX_SECTION without the NUL: it cuts a longer name */
    LINE_END = 3,     /* what libinih's room for a line has for "\r\n" and the NUL */
};

/* A key that has been seen: [section] key, for the complaint about the second. */
struct seen {
    struct seen *next;
    unsigned line;
    char *section, *key; /* owned */
};

struct reading {
    const char *path;
    struct complaints *complaints;
    inifile_entry *entry;
    void *context;

    const char *rest, *end; /* of the file, behind that line */
    char *text;             /* the line; owned */
    size_t limit;           /* the longest line that libinih takes */
    unsigned line;
    bool expecting; /* the line should give a key, and libinih has not called yet */
    bool indented;  /* the line was handed to libinih with its indentation */

    /* The key that is being read: its value may go on in the next line. */
    char *section, *key, *value; /* owned; NULL between keys */
    unsigned key_line;
    unsigned *lines; /* owned; of each word of the value */
    size_t n_words;

    struct seen *seen;
};

/* Notes the key; false where it has been there already. */
static bool first_time(struct reading *reading)
{
    struct seen *seen;

    for (seen = reading->seen; seen; seen = seen->next) {
        if (strcmp(seen->section, reading->section) != 0 || strcmp(seen->key, reading->key) != 0)
            continue;
        complain(reading->complaints, reading->path, reading->key_line, reading->key,
                 "is given twice: line %u has it first", seen->line);
        return false;
    }
    seen = malloc(sizeof *seen);
    if (seen) {
        seen->section = reading->section;
        seen->key = reading->key;
        seen->line = reading->key_line;
        seen->next = reading->seen;
        reading->seen = seen;
        reading->section = reading->key = NULL;
    }
    return true;
}

static void forget_key(struct reading *reading)
{
    free(reading->section);
    free(reading->key);
    free(reading->value);
    free(reading->lines);
    reading->section = reading->key = reading->value = NULL;
    reading->lines = NULL;
    reading->n_words = 0;
}

/* The value is complete: hands the key on. */
static void finish_key(struct reading *reading)
{
    const char *section = reading->section, *key = reading->key;
    struct inifile_place place = {reading->path, reading->key_line, reading->lines};

    if (!reading->value)
        return;
    if (first_time(reading))
        reading->entry(reading->context, &place, section, key, reading->value, reading->complaints);
    forget_key(reading);
}

/* libinih leaves a comment behind a continued value in place. */
static size_t length_without_comment(const char *value)
{
    size_t length = 0;

    while (value[length] && !(value[length] == ';' && length && strchr(BLANKS, value[length - 1])))
        length++;
    while (length && strchr(BLANKS, value[length - 1]))
        length--;
    return length;
}

/* Notes the line of each word in the first `length` octets. False where memory ran out. */
static bool note_words(struct reading *reading, const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned *added;

        if (strchr(BLANKS, value[i]) || (i > 0 && !strchr(BLANKS, value[i - 1])))
            continue;
        added = array_append(&reading->lines, reading->n_words, sizeof *added);
        if (!added)
            return false;
        *added = reading->line;
        reading->n_words++;
    }
    return true;
}

static void continue_value(struct reading *reading, const char *value)
{
    size_t old = strlen(reading->value), more = length_without_comment(value);
    char *grown = realloc(reading->value, old + 1 + more + 1);

    if (grown)
        reading->value = grown;
    if (!grown || !note_words(reading, value, more)) {
        complain(reading->complaints, reading->path, reading->line, NULL, "out of memory");
        return;
    }
    if (old)
        grown[old++] = ' ';
    memcpy(grown + old, value, more);
    grown[old + more] = '\0';
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
    struct reading *reading = user;

    reading->expecting = false;
    if (reading->indented && reading->value) {
        continue_value(reading, value);
        return 1;
    }
    finish_key(reading);
    reading->key_line = reading->line;
    if (!*key) {
        complain(reading->complaints, reading->path, reading->line, NULL,
                 "no key before the \"=\"");
        return 1;
    }
    reading->section = strdup(section);
    reading->key = strdup(key);
    reading->value = strdup(value);
    if (!reading->section || !reading->key || !reading->value ||
        !note_words(reading, value, strlen(value))) {
        complain(reading->complaints, reading->path, reading->line, NULL, "out of memory");
        forget_key(reading);
    }
    return 1;
}

/* "KEY =" with only what phonebook's keys are made of. */
static bool reads_as_key(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz-");

    return length && text[length + strspn(text + length, " \t")] == '=';
}

/* A section's line as libinih takes it: "[NAME]" with no comment inside. */
static const char *section_fault(const char *text)
{
    size_t length = strcspn(text, "]");
    const char *rest;

    if (text[length] != ']')
        return "a section's name has no \"]\" behind it";
    if (length - 1 > SECTION_MAX)
        return "the section's name is too long";
    rest = text + length + 1;
    rest += strspn(rest, BLANKS);
    if (*rest && *rest != ';')
        return "something stands behind the \"]\"";
    for (size_t i = 1; i < length; i++)
        if (text[i] == ';' && strchr(BLANKS, text[i - 1]))
            return "a section's name has no \"]\" behind it";
    return NULL;
}

/* libinih is silent about a section until its first key, and some sections need none. */
static void announce_section(const struct reading *reading, const char *text)
{
    char section[SECTION_MAX + 1];
    struct inifile_place place = {reading->path, reading->line, NULL};

    snprintf(section, sizeof section, "%.*s", (int)strcspn(text + 1, "]"), text + 1);
    reading->entry(reading->context, &place, section, NULL, NULL, reading->complaints);
}

/* Judges a line and returns what libinih is to see of it: all, all but the indentation, or
 * nothing. */
static const char *prepare(struct reading *reading, char *text, size_t length)
{
    char *start = text + strspn(text, BLANKS);
    const char *fault = NULL;
    char too_long[96];

    reading->expecting = reading->indented = false;
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
    } else if (reads_as_key(start) || !reading->value) {
        text = start;
        reading->expecting = true;
    } else {
        reading->expecting = true;
        reading->indented = start > text;
    }
    if (!fault)
        return text;
    complain(reading->complaints, reading->path, reading->line, NULL, "%s", fault);
    return "";
}

/* The line before has been parsed by now. */
static void check_last_line(struct reading *reading)
{
    if (reading->expecting)
        complain(reading->complaints, reading->path, reading->line, NULL,
                 "is neither a [section], nor KEY = VALUE, nor a comment");
    reading->expecting = false;
}

/* The next line of the file, with its end, as reading->text; its length, 0 at the end of the
 * file. */
static size_t next_line(struct reading *reading)
{
    size_t left = (size_t)(reading->end - reading->rest);
    const char *feed = left > 0 ? memchr(reading->rest, '\n', left) : NULL;
    size_t length = feed ? (size_t)(feed + 1 - reading->rest) : left;
    char *text = length > 0 ? realloc(reading->text, length + 1) : NULL;

    if (!text && length > 0)
        complain(reading->complaints, reading->path, 0, NULL, "%s", strerror(ENOMEM));
    if (!text)
        return 0;
    memcpy(text, reading->rest, length);
    text[length] = '\0';
    reading->text = text;
    reading->rest += length;
    return length;
}

/* libinih's fgets(3). */
static char *read_line(char *to, int size, void *stream)
{
    struct reading *reading = stream;
    static const char mark[] = "\xef\xbb\xbf"; /* a byte order mark, which some editors put first */
    char *text;
    size_t length;

    check_last_line(reading);
    length = next_line(reading);
    if (length == 0)
        return NULL;
    reading->limit = (size_t)(size - LINE_END);
    text = reading->text;
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
    struct seen *next;

    for (struct seen *seen = reading->seen; seen; seen = next) {
        next = seen->next;
        free(seen->section);
        free(seen->key);
        free(seen);
    }
    free(reading->text);
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
                 : text->error == -EINVAL ? "is no regular file"
                                          : strerror(-text->error));
        return 1;
    }
    reading.rest = text->octets;
    reading.end = text->octets + text->length;
    if (ini_parse_stream(read_line, &reading, on_key, &reading) < 0)
        complain(complaints, path, 0, NULL, "%s", strerror(ENOMEM));
    finish_key(&reading);
    reading_fini(&reading);
    return complaints->count - before;
}
