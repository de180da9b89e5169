/* A compiled file of tinydns-data lines: its original text, and the entries of its records. It
 * never changes once it is made, so any number of builds, on any thread, may read it. Pure.
 *
 * Images are counted by references, which are taken and dropped on one thread only. That thread
 * must hold a reference while another thread reads the image. */
#ifndef ZONES_STATIC_IMAGE_H
#define ZONES_STATIC_IMAGE_H

#include "name.h"
#include "tinydns-parse.h"

struct static_image {
    unsigned references;
    char *text; /* owned; ends in LF, unless it is empty */
    size_t length;
    struct cdb_entries entries;
    struct static_owner *owners; /* owned; a hash table of owners */
    size_t n_slots;              /* a power of two */
    bool clashes;                /* false: static_image_clash() finds nothing */
    void *above; /* owned; a tsearch(3) tree of names for static_image_each_above() */
};

/* Compiles the text and takes it over; it is from malloc(3), with room for one octet after
 * `length`. Returns an image with one reference. NULL if lines were refused, or if memory ran out:
 * in the first case `told` was called for each refused line, and *refused is their number; in the
 * second it is 0. */
struct static_image *static_image_new(char *text, size_t length, tinydns_refused *told,
                                      void *context, size_t *refused);
struct static_image *static_image_ref(struct static_image *image);
void static_image_unref(struct static_image *image); /* NULL is fine */

/* The records that an image has for an owner, as a set of these. */
enum static_records {
    STATIC_SOA = 1 << 0, /* this and STATIC_NS: for every client, at any time */
    STATIC_NS = 1 << 1,
    STATIC_NS_OF_SOME = 1 << 2, /* NS records for one location, or with a time stamp */
    STATIC_CNAME = 1 << 3,
    STATIC_DNAME = 1 << 4,
    STATIC_ADDRESS = 1 << 5, /* A or AAAA */
    STATIC_OTHER = 1 << 6,   /* anything else */
};

/* The set for a canonical name; 0 if the name has no records. */
unsigned static_image_has(const struct static_image *image, const char *name);

/* Records of the image because of which a name's own records would not be answered, or must not
 * exist. */
struct static_clash {
    const char *what;              /* "a CNAME", "a DNAME" or "a delegation"; static */
    char owner[NAME_TEXT_MAX + 1]; /* the owner of those records: the name or one above it */
    size_t line;                   /* the line of one of them, counted from 1 */
};

/* Does a canonical name clash with the image? `apex` is that of the name's zone. A name clashes
 * with its own CNAME (RFC 2181, 10.1); below the apex, with the NS records of a delegation of the
 * name or of one above it (RFC 1034, 4.2.1); and with a DNAME of a name above it, the apex included
 * (RFC 6672, 2.4). NS records beside a SOA are not a delegation: they belong to a zone. */
bool static_image_clash(const struct static_image *image, const char *name, const char *apex,
                        struct static_clash *clash);

/* Calls `visit` once for each canonical name above an owner of the image, in order. Such a name may
 * have records of its own. */
void static_image_each_above(const struct static_image *image,
                             void (*visit)(const char *name, void *context), void *context);

#endif
