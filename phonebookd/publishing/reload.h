/* Tells an authoritative server that its data.cdb was replaced.
 *
 * Happy path: reload_tell() is called after a rename; the server is signalled, or a command is run;
 * and `told` is called with the given number. Failure modes:
 * - The server does not run, or is not ready (it would die of the signal, which it neither catches
 *   nor blocks nor ignores). This is not an error, because it reads the new file when it starts:
 *   `told` is called, and one line is logged. The server may have opened the old file just before
 *   the rename, and become ready just after the signal, so it is told again until that succeeds.
 * - A command fails: `told` is called too, and the command runs again after the times of program.h.
 * - We cannot reach the server (`untold`), so it may serve the old file for ever: `told` is called
 *   with 0, each reason is logged, and we try again after the same times. */
#ifndef PHONEBOOKD_RELOAD_H
#define PHONEBOOKD_RELOAD_H

#include "reload-options.h"

#include <stdint.h>

/* Why the server could not be told now, with a remedy (a static text). NULL if it could, or does
 * not run. Sends nothing and runs nothing. */
const char *reload_options_untold(const struct reload_options *options);

struct launcher;
struct reload;

/* `launcher` (attached), `options` and `database` (a name for the log) must outlive it, or exist
 * until the next reload_set_options(). 0 or -errno. */
int reload_new(struct reload **reload, struct launcher *launcher,
               const struct reload_options *options, const char *database,
               void (*told)(void *owner, uint64_t number), void *owner);
/* The settings were read again; the old ones must exist during this call. If they differ, a running
 * command is forgotten, and the server is told of the latest number. */
void reload_set_options(struct reload *reload, const struct reload_options *options,
                        const char *database);
/* The memory is freed when the loop has run the close callbacks. A running command goes on. */
void reload_close(struct reload *reload);

/* Runs a command again whose last run had a fault. */
void reload_retry(struct reload *reload);

/* data.cdb now has this number, from 1 on. May call `told` before it returns. */
void reload_tell(struct reload *reload, uint64_t number);

/* If `told` was called with 0: why the server cannot be told (a static text); else NULL. */
const char *reload_untold(const struct reload *reload);

#endif
