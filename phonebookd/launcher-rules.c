#include "launcher-rules.h"

#include "../common/nss-kind.h"
#include "../common/words.h"
#include "../zones/config/complaints.h"
#include "../zones/config/findings-system.h"
#include "config-values.h"
#include "log.h"
#include "publishing/reload.h"
#include "publishing/server-signal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool has_program(const struct config *config, char *const *arguments)
{
    for (size_t i = 0; config && i < config->n_databases; i++)
        if (words_equal(config->databases[i]->reload.arguments, arguments))
            return true;
    for (size_t i = 0; config && i < config->zones.n_zones; i++)
        if (words_equal(config->zones.zones[i]->on_change, arguments))
            return true;
    return false;
}

static bool has_service(const struct config *config, const char *control)
{
    char path[PATH_MAX];
    for (size_t i = 0; config && i < config->n_databases; i++) {
        const struct reload_options *reload = &config->databases[i]->reload;
        if (reload->kind == RELOAD_S6 &&
            snprintf(path, sizeof path, SERVER_CONTROL, reload->path) < (int)sizeof path &&
            strcmp(path, control) == 0)
            return true;
    }
    return false;
}

static bool gives_net_admin(const struct config *config, const char *program)
{
    for (char **one = config->net_admin; one && *one; one++)
        if (strcmp(*one, program) == 0)
            return true;
    return false;
}

static bool may_run(void *context, char *const *arguments, bool *net_admin)
{
    const struct launcher_rules_context *rules = context;
    *net_admin = gives_net_admin(rules->now, arguments[0]);
    return has_program(rules->now, arguments) || has_program(rules->before, arguments);
}

static bool may_open(void *context, const char *path)
{
    const struct launcher_rules_context *rules = context;
    return has_service(rules->now, path) || has_service(rules->before, path);
}

static int know_nobody(void *context, enum nss_kind kind, const char *name, uint32_t *id)
{
    (void)context, (void)kind, (void)name, (void)id;
    return -ENOENT;
}

static void read_again(void *context)
{
    struct launcher_rules_context *rules = context;
    struct findings findings = {.source = findings_system};
    findings.source.find = know_nobody;
    struct complaints complaints = {0};
    struct config *config = config_read(rules->path, &findings, &complaints);
    if (complaints.count == 0) {
        config_free((struct config *)rules->before);
        rules->before = rules->now;
        rules->now = config;
    } else {
        log_error("the process phonebookd-run cannot read the configuration again, and runs no "
                  "program that is new in it");
        config_free(config);
    }
    findings_fini(&findings);
    complaints_fini(&complaints);
}

struct launcher_rules launcher_rules(struct launcher_rules_context *context)
{
    return (struct launcher_rules){
        .may_run = may_run, .may_open = may_open, .read_again = read_again, .context = context};
}
