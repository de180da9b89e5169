/* INI files with line numbers, and complaints collected instead of thrown.
 *
 * Both kinds of phonebook configuration are read through this, so that each mistake in any of them
 * is told as FILE:LINE: KEY: TEXT, and all of them at once. Wraps libinih, whose Debian build gives
 * no line numbers: they are counted in the reader.
 *
 * The dialect: [section], KEY = VALUE, comments from ";" or "#" at the start of a line or from " ;"
 * behind a value. An indented line continues the value before it, joined with a blank, except where
 * it reads KEY = VALUE itself: a file may be indented as its writer likes. A key that is given
 * twice in a section, however often that section is opened, is a complaint, and the first one
 * counts. A line can have 197 octets with Debian's libinih, a section's name 49. */
#ifndef ZONES_INIFILE_H
#define ZONES_INIFILE_H

#include <stdbool.h>
#include <stddef.h>

struct findings;

/* Complaints and warnings, one per line, in the order of discovery. */
struct complaints {
    char *text; /* owned; NULL while there are none; each ends in a newline */
    size_t length;
    size_t count;      /* complaints: with one of them a configuration is not taken */
    size_t n_warnings; /* it is taken with these, */
    size_t n_unknown;  /* so many of which may be over with the next reading of the same files */
};
void complaints_fini(struct complaints *complaints);
/* "file:line: key: text"; line 0 and key NULL are left out. */
void complain(struct complaints *complaints, const char *file, unsigned line, const char *key,
              const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same, as a warning. */
void warn_about(struct complaints *complaints, const char *file, unsigned line, const char *key,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same of a user or group that the system does not know, now. */
void complain_of_unknown(struct complaints *complaints, const char *file, unsigned line,
                         const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void complaints_add(struct complaints *complaints, const struct complaints *others);

/* Where a key stands. */
struct inifile_place {
    const char *file;
    unsigned line;         /* it begins here */
    const unsigned *lines; /* one for each blank-separated word of its value */
};

/* Called once for each section line, with key and value NULL, and once for each key, in the order
 * of the file; the texts are valid during the call. Whatever is wrong, it complains and returns. */
typedef void inifile_entry(void *context, const struct inifile_place *place, const char *section,
                           const char *key, const char *value, struct complaints *complaints);

/* Reads the whole file, as `findings` remembers it or is to. What cannot be opened or parsed is a
 * complaint. Returns the number of complaints added. */
size_t inifile_read(struct findings *findings, const char *path, inifile_entry *entry,
                    void *context, struct complaints *complaints);

/* The next blank-separated word of *cursor: NUL-terminated in place, *cursor moved on; NULL at the
 * end. */
char *inifile_word(char **cursor);

/* All blank-separated words of `value`, NULL at the end: an array that the caller ends with
 * inifile_words_free(). NULL where memory ran out. */
char **inifile_words(const char *value);
void inifile_words_free(char **words);
/* The same words? NULL is no words. */
bool inifile_words_equal(char *const *a, char *const *b);

/* A whole decimal number within [low, high]. Returns NULL, or what is wrong (a static text). */
const char *inifile_number(const char *value, long long low, long long high, long long *number);
/* yes/no, true/false, on/off, 1/0. */
const char *inifile_boolean(const char *value, int *boolean);

#endif
