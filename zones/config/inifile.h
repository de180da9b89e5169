/* Parses INI files, and collects complaints with line numbers.
 *
 * Both kinds of phonebook's configuration files are read with this, so that all mistakes are
 * reported at once, each as FILE:LINE: KEY: TEXT. It wraps libinih. Debian's libinih gives no line
 * numbers, so we count lines as it reads them.
 *
 * The format: [section]; KEY = VALUE; comments, from ";" or "#" at the start of a line or from " ;"
 * after a value. An indented line continues the value before it, joined with a blank, unless the
 * line reads KEY = VALUE itself: files may be indented freely. If a key is given twice in a
 * section, even if the section is opened twice, the first one counts and the second is a complaint.
 * With Debian's libinih a line can have 197 octets, and a section's name 49. */
#ifndef ZONES_INIFILE_H
#define ZONES_INIFILE_H

#include <stdbool.h>
#include <stddef.h>

struct findings;

/* Complaints and warnings, one per line, in the order in which they were found. */
struct complaints {
    char *text; /* owned; NULL if empty; each one ends in LF */
    size_t length;
    size_t count;      /* complaints; if there are any, the configuration is refused */
    size_t n_warnings; /* warnings; the configuration is accepted in spite of them */
    /* warnings about unknown users and groups, which may be known at the next reading */
    size_t n_unknown;
};
void complaints_fini(struct complaints *complaints);
/* Adds "FILE:LINE: KEY: TEXT". A line of 0 and a key of NULL are left out. */
void complain(struct complaints *complaints, const char *file, unsigned line, const char *key,
              const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same for a warning. */
void warn_about(struct complaints *complaints, const char *file, unsigned line, const char *key,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for a warning about a user or group that the system does not know now. */
void complain_of_unknown(struct complaints *complaints, const char *file, unsigned line,
                         const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void complaints_add(struct complaints *complaints, const struct complaints *others);

/* Where a key is in the file. */
struct inifile_place {
    const char *file;
    unsigned line;         /* the line where it begins */
    const unsigned *lines; /* the line of each blank-separated word of the value */
};

/* Called in the order of the file: once for each section line, with key and value NULL, and once
 * for each key. The texts are valid during the call. On a mistake it complains and returns. */
typedef void inifile_entry(void *context, const struct inifile_place *place, const char *section,
                           const char *key, const char *value, struct complaints *complaints);

/* Reads the whole file, from `findings` or, if it is not there yet, from the disk into `findings`.
 * A file that cannot be opened or parsed is a complaint. Returns the number of complaints added. */
size_t inifile_read(struct findings *findings, const char *path, inifile_entry *entry,
                    void *context, struct complaints *complaints);

/* Returns the next blank-separated word of *cursor and moves *cursor behind it; NULL at the end.
 * Writes a NUL into the text. */
char *inifile_word(char **cursor);

/* Returns all blank-separated words of `value`: an array with NULL at the end, to be freed with
 * inifile_words_free(). NULL if memory ran out. */
char **inifile_words(const char *value);
void inifile_words_free(char **words);
/* Are the words equal? NULL means no words. */
bool inifile_words_equal(char *const *a, char *const *b);

/* Parses a whole decimal number within [low, high]. Returns NULL, or what is wrong (a static
 * text). */
const char *inifile_number(const char *value, long long low, long long high, long long *number);
/* Parses yes/no, true/false, on/off or 1/0. Returns NULL, or what is wrong (a static text). */
const char *inifile_boolean(const char *value, int *boolean);

#endif
