#include "command-patience.h"

#include "command.h"

#include <unistd.h>

enum {
    SILENCE_MS = 1000,
    SLICE_MAX_MS = 3600 * 1000,
};

void patience_init(struct patience *patience)
{
    *patience = (struct patience){.tell_at = now_ms() + SILENCE_MS};
}

/* A reason that changes back and forth is printed once a second. */
static void tell(struct patience *patience, const char *what, const char *detail)
{
    if (isatty(STDERR_FILENO))
        say("info", "waiting %s%s", what, detail);
    patience->told = what;
    patience->tell_at = now_ms() + SILENCE_MS;
}

int patience_slice(struct patience *patience, const char *what, const char *detail)
{
    long long now = now_ms();
    if (patience->until && now >= patience->until)
        return 0;
    if (what != patience->told && now >= patience->tell_at)
        tell(patience, what, detail);
    long long slice = SLICE_MAX_MS;
    if (patience->until && patience->until - now < slice)
        slice = patience->until - now;
    if (now < patience->tell_at && patience->tell_at - now < slice)
        slice = patience->tell_at - now;
    return (int)slice;
}
