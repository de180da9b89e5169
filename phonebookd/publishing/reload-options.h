/* How a server is told that its data.cdb was replaced: the key `reload` of phonebookd.conf(5).
 * Pure. */
#ifndef PHONEBOOKD_RELOAD_OPTIONS_H
#define PHONEBOOKD_RELOAD_OPTIONS_H

#include <stdbool.h>

enum reload_kind { RELOAD_NONE, RELOAD_SIGNAL, RELOAD_S6, RELOAD_COMMAND };

/* The signals on which a server may reload. */
#define RELOAD_SIGNALS(DO) DO(HUP) DO(USR1) DO(USR2) DO(ALRM) DO(INT) DO(CONT) DO(WINCH)
#define RELOAD_CONSTANT(name) RELOAD_##name,
enum reload_signal { RELOAD_SIGNALS(RELOAD_CONSTANT) };

struct reload_options {
    enum reload_kind kind;
    char *path;                /* owned; of the pid file or the service directory */
    enum reload_signal signal; /* RELOAD_SIGNAL */
    char **arguments;          /* owned, each too, NULL at the end; RELOAD_COMMAND */
};
void reload_options_fini(struct reload_options *options);

/* Parses the value of a `reload` key, and changes it in place. NULL, or the mistake in it. */
const char *reload_options_parse(struct reload_options *options, char *value);

bool reload_options_same(const struct reload_options *a, const struct reload_options *b);
/* The file by which the server is told; NULL: RELOAD_NONE. */
const char *reload_options_path(const struct reload_options *options);

#endif
