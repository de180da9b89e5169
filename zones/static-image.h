/* A file of tinydns-data lines, compiled: its text as it was written, and the entries that follow
 * from it. Made once, then only read, by any number of builds and from any thread. Pure.
 *
 * Whoever keeps an image holds a reference to it. References are taken and dropped on one thread;
 * another that reads an image relies on the first to hold one meanwhile. */
#ifndef ZONES_STATIC_IMAGE_H
#define ZONES_STATIC_IMAGE_H

#include "tinydns-parse.h"

struct static_image {
    unsigned references;
    char *text; /* owned; ends in LF, unless it is empty */
    size_t length;
    struct cdb_entries entries;
    struct static_owner *owners; /* owned; a hash table of them */
    size_t n_slots;              /* a power of two */
};

/* Compiles the text, which is taken over: malloc()ed, with room for one octet behind `length`. The
 * image comes with one reference. NULL where lines were refused, each of which was told of and is
 * counted in *refused, or where there are none but memory ran out. */
struct static_image *static_image_new(char *text, size_t length, tinydns_refused *told,
                                      void *context, size_t *refused);
struct static_image *static_image_ref(struct static_image *image);
void static_image_unref(struct static_image *image); /* NULL is fine */

/* What an image has for an owner, a set of these. */
enum static_records {
    STATIC_SOA = 1 << 0, /* for everybody and at any time, as the next */
    STATIC_NS = 1 << 1,
    STATIC_ADDRESS = 1 << 2, /* A, AAAA or CNAME */
    STATIC_OTHER = 1 << 3,   /* anything else */
};

/* The set for a canonical name; 0 where the name does not occur. */
unsigned static_image_has(const struct static_image *image, const char *name);

#endif
