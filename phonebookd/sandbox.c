#include "sandbox.h"

#include "../common/capabilities.h"
#include "log.h"
#include "publishing/reload.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

const uint64_t sandbox_file_capabilities =
    CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER);

static bool signals_servers(const struct config *config)
{
    for (size_t i = 0; i < config->n_databases; i++)
        if (config->databases[i]->reload.kind == RELOAD_SIGNAL)
            return true;
    return false;
}

static bool drop_capabilities(const struct config *config)
{
    uint64_t kept = sandbox_file_capabilities | CAPABILITY(CAP_NET_ADMIN);

    if (signals_servers(config))
        kept |= CAPABILITY(CAP_KILL);
    return capabilities_keep(kept, 0);
}

bool sandbox_enter(const struct config *config)
{
    if (drop_capabilities(config) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
        return true;
    log_error("privileges cannot be given up: %s", strerror(errno));
    return false;
}
