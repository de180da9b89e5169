/* Telling an authoritative server that its data.cdb was replaced.
 *
 * Happy path: reload_tell() after a rename; the server is signalled, or a command run, and `told`
 * is called with the number that was given. Failure modes: a server that is not there (or not
 * ready: a signal that it neither catches nor blocks nor ignores would end it) is no error: it
 * reads the new file when it starts; `told` is called all the same, one line is logged, and since
 * it may have opened the old file just before the rename and be ready just after the signal, it is
 * told again until that succeeds. So is one whose command fails, at the pace of program.h. A server
 * that is beyond our reach (`untold`) may serve the old file for ever: `told` is called with 0,
 * each reason for it is logged, and it is tried again at the same pace. */
#ifndef PHONEBOOKD_RELOAD_H
#define PHONEBOOKD_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

enum reload_kind { RELOAD_NONE, RELOAD_SIGNAL, RELOAD_S6, RELOAD_COMMAND };

struct reload_options {
    enum reload_kind kind;
    char *path;       /* owned; pid file, or service directory */
    int signal;       /* RELOAD_SIGNAL */
    char **arguments; /* owned, each too, NULL at the end; RELOAD_COMMAND */
};
void reload_options_fini(struct reload_options *options);

/* Reads the value of a `reload` key (which is changed in place). NULL, or what is wrong with it. */
const char *reload_options_parse(struct reload_options *options, char *value);

/* Why the server that they lead to could not be told now, and what helps: a static text; NULL where
 * it could, or is not there. Sends nothing, runs nothing. And what it is reached by, for a
 * person. */
const char *reload_options_untold(const struct reload_options *options);
const char *reload_options_path(const struct reload_options *options); /* NULL: RELOAD_NONE */

struct launcher;
struct reload;

/* `launcher` (attached), `options` and `database` (a name for the log) must outlive it, or the next
 * reload_set_options(). 0 or -errno. */
int reload_new(struct reload **reload, struct launcher *launcher,
               const struct reload_options *options, const char *database,
               void (*told)(void *owner, uint64_t number), void *owner);
/* The settings were read again; the old ones are still there during this call. Where they differ, a
 * command that runs is forgotten, and the server that they lead to is told of the latest number. */
void reload_set_options(struct reload *reload, const struct reload_options *options,
                        const char *database);
/* Memory goes when the loop has run the close callbacks; a running command is left to itself. */
void reload_close(struct reload *reload);

/* A command whose last run had a fault is run again now. */
void reload_retry(struct reload *reload);

/* data.cdb is number `number`, from 1 on, from now on. May call `told` before it returns. */
void reload_tell(struct reload *reload, uint64_t number);

/* Why the server cannot be told, as `told` has said with 0: a static text. Else NULL. */
const char *reload_untold(const struct reload *reload);

#endif
