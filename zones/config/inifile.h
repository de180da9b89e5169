/* Reads INI files: both kinds of phonebook's configuration files. It wraps libinih. Debian's
 * libinih gives no line numbers, so we count lines as it reads them. Pure.
 *
 * The format: [section]; KEY = VALUE; comments, from ";" or "#" at the start of a line or from " ;"
 * after a value. An indented line continues the value before it, joined with a blank, unless the
 * line reads KEY = VALUE itself: files may be indented freely. If a key is given twice in a
 * section, even if the section is opened twice, the first one counts and the second is a complaint.
 * With Debian's libinih a line can have 197 octets, and a section's name 49. */
#ifndef ZONES_INIFILE_H
#define ZONES_INIFILE_H

#include <stddef.h>

struct complaints;
struct findings;

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

/* Reads the whole file from `findings`. A file that cannot be opened or parsed is a complaint.
 * Returns the number of complaints added. */
size_t inifile_read(struct findings *findings, const char *path, inifile_entry *entry,
                    void *context, struct complaints *complaints);

#endif
