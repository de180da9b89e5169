/* Replies to clients as text (publish-client/request.h). Pure. */
#ifndef PHONEBOOKD_REPLY_TEXT_H
#define PHONEBOOKD_REPLY_TEXT_H

#include "../../publish-client/request.h"
#include "../state/registry.h"

#include <stddef.h>
#include <stdint.h>

/* The code for an outcome that is not REGISTRY_OK or CHOICE_MADE. */
enum request_error reply_code(enum registry_outcome outcome);
enum request_error reply_choice_code(enum choice_outcome outcome);

enum { REPLY_ERROR_MAX = 1024 };
/* An `error` reply, with its LF and a NUL; a longer one is cut. Returns its length. Each octet
 * other than printable ASCII becomes "?", because terminals show the reply, and the kernel allows
 * nearly any octet in names of other users' interfaces. `id` is the request's, or -1. */
size_t reply_error(char text[static REPLY_ERROR_MAX], enum request_error code, int64_t id,
                   const char *why);

/* `ok` or `live`, and all full names of the registration, with its LF. The caller frees it; NULL if
 * memory ran out. */
char *reply_names(enum reply_kind kind, int64_t id, const struct registration *registration);

/* The same, for all names of a holder: each full name once, and a registration without claims by
 * the name that was requested. If a line has no room for them all, it ends in "...". */
char *reply_all_names(const struct holder *holder);

#endif
