#include "reload-config.h"

#include "../common/boot-clock.h"
#include "../common/nss-kind.h"
#include "../zones/config/complaints.h"
#include "../zones/config/findings-system.h"
#include "../zones/config/zonefile.h"
#include "clients/connection-life.h"
#include "clients/connection-set.h"
#include "clients/listener.h"
#include "config-values.h"
#include "launcher/launcher.h"
#include "launcher/name-service.h"
#include "log.h"
#include "memory-limit.h"
#include "publishing/databases.h"
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>

const struct zone *const *config_zones(const struct config *config)
{
    return (const struct zone *const *)config->zones.zones;
}

void config_limit_users(const struct config *config, struct accounts *accounts)
{
    accounts->total[ACCOUNT_REGISTRATIONS] =
        config->names_max > 0 ? config->names_max : memory_limit_names();
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++)
        accounts_limit(accounts, kind, config->per_user[kind]);
}

bool config_use_databases(const struct config *config, struct databases *databases)
{
    return databases_set_options(
        databases, (const struct database_options *const *)config->databases, config->n_databases);
}

static void on_registration_lost(const struct registration *registration, const char *why)
{
    log_caused(LOG_LOST, registration->holder->uid,
               "%s on %s (uid %u) is not published any more: %s", registration->name,
               registration->interface, registration->holder->uid, why);
}

/* Was the next configuration read from the same files, users, groups and host name? */
static bool has_same_zones(const struct config_reload *reload)
{
    return config_same_facts(reload->config, reload->next) &&
           config_same_directories(reload->config, reload->next) &&
           (reload->reading == CONFIG_FACTS ||
            findings_same(&reload->findings, &reload->next_findings, reload->path));
}

/* The present zones, which all modules refer to, become those of the next configuration. */
static bool use_same_zones(struct config_reload *reload)
{
    struct zonefile_set zones = reload->config->zones;
    if (!config_use_databases(reload->next, reload->users.databases))
        return false;
    reload->config->zones = reload->next->zones;
    reload->next->zones = zones;
    config_limit_users(reload->next, reload->users.registry->accounts);
    return true;
}

/* Zones whose files are the same stay in use. Returns how many others there are, in `changed`; all,
 * where the configurations may differ in more than the contents of files. */
static size_t keep_zones(struct config_reload *reload, const struct zone **changed)
{
    const struct config *config = reload->config, *next = reload->next;
    const char **files = NULL;
    size_t n = next->zones.n_zones, n_files = 0;
    if (reload->reading == CONFIG_FILES && !config->unknown && !next->unknown &&
        strcmp(config->hostname, next->hostname) == 0 && config_same_directories(config, next))
        files = findings_differing(&reload->findings, &reload->next_findings, &n_files);
    if (files)
        n = zonefile_set_keep(&reload->next->zones, &reload->config->zones, files, n_files,
                              changed);
    else
        memcpy(changed, config_zones(next), n * sizeof(struct zone *));
    free(files);
    return n;
}

/* True if the registry has changed these zones alone. From here on the new zones are used for
 * certain; a lack of memory can only delay them. */
static bool set_zones(const struct config_reload *reload, struct holder *const *holders,
                      const struct zone *const *changed, size_t n_changed)
{
    struct registry *registry = reload->users.registry;
    const struct zone *const *zones = config_zones(reload->next);
    size_t n_zones = reload->next->zones.n_zones, n_holders = reload->users.connections->n;
    if (registry_change_zones(registry, zones, n_zones, changed, n_changed, holders, n_holders))
        return true;
    while (!registry_set_zones(registry, zones, n_zones, holders, n_holders, on_registration_lost))
        log_caused(LOG_LIMIT, LOG_NOBODY, "out of memory for the new zones; trying again");
    return false;
}

static void tell_databases(struct databases *databases, const struct zone *const *changed,
                           size_t n_changed, bool alone)
{
    if (alone)
        databases_zones_replaced(databases, changed, n_changed);
    else
        databases_zones_changed(databases);
}

/* The old config must outlive the old zones' last use, which is in the databases. */
static bool use_other_zones(struct config_reload *reload)
{
    const struct config *config = reload->next;
    const struct config_users *users = &reload->users;
    size_t n_zones = config->zones.n_zones, n_changed = 0;
    struct holder **holders = connections_holders(users->connections);
    const struct zone **changed = calloc(n_zones + 1, sizeof *changed);
    bool done = holders && changed && config_use_databases(config, users->databases);
    bool alone = false;
    if (done) {
        connections_learn_gids(users->connections, config_zones(config), n_zones);
        n_changed = keep_zones(reload, changed);
        alone = set_zones(reload, holders, changed, n_changed);
    }
    connections_forget_gids(users->connections);
    if (done) {
        config_limit_users(config, users->registry->accounts);
        registry_expire(users->registry, boot_ms());
        connections_keep_all(
            users->connections); /* registrations that rules exclude from a zone now */
        tell_databases(users->databases, changed, n_changed, alone);
    }
    free(changed);
    free(holders);
    return done;
}

/* If the zones are the same, only registrations without a place have to be judged again: another
 * user may have given up a name. */
static bool use(struct config_reload *reload)
{
    if (has_same_zones(reload) && TAILQ_EMPTY(&reload->users.registry->unplaced))
        return use_same_zones(reload);
    return use_other_zones(reload);
}

static void open_up(const struct listener *listener, const char *name,
                    const struct listener_options *options)
{
    int error = listener_open_up(listener, options);
    if (error)
        log_error("%s: mode and group stay: %s", name, listener_error(error));
}

/* Its findings are kept for the next reading. */
static void take_next(struct config_reload *reload)
{
    config_free(reload->config);
    reload->config = reload->next;
    reload->next = NULL;
    if (reload->reading == CONFIG_FILES) {
        findings_fini(&reload->findings);
        reload->findings = reload->next_findings;
        reload->next_findings = (struct findings){0};
    }
    open_up(reload->users.publish, "publish", &reload->config->publish);
    open_up(reload->users.control, "control", &reload->config->publish);
    open_up(reload->users.list, "list", &reload->config->list);
    if (reload->complaints.n_warnings > 0)
        log_warning_lines(reload->complaints.text);
    log_info("configuration read: %zu zones in %zu databases", reload->config->zones.n_zones,
             reload->config->n_databases);
}

/* Facts are looked at often, and mostly are the same. */
static bool is_news(const struct config_reload *reload)
{
    return reload->reading == CONFIG_FILES || reload->complaints.count > 0 ||
           !config_same_facts(reload->config, reload->next);
}

static bool judge_next(struct config_reload *reload)
{
    struct complaints *complaints = &reload->complaints;
    if (complaints->count == 0 &&
        strcmp(reload->next->runtime_directory, reload->config->runtime_directory) != 0)
        complain(complaints, reload->path, 0, "runtime-directory",
                 "cannot change while phonebookd runs");
    if (complaints->count == 0)
        sandbox_check(reload->sandbox, reload->next, reload->path, complaints);
    if (complaints->count == 0 && reload->reading == CONFIG_FILES)
        launcher_read_again(reload->users.launcher); /* before programs of it are run */
    bool taken = complaints->count == 0 && use(reload);
    if (taken) {
        take_next(reload);
    } else {
        log_error("the configuration is not taken, the old one stays");
        log_error_lines(complaints->text);
    }
    return taken;
}

static void forget_next(struct config_reload *reload)
{
    config_free(reload->next);
    reload->next = NULL;
    findings_fini(&reload->next_findings);
    complaints_fini(&reload->complaints);
}

static int ask_names(void *context, enum nss_kind kind, const char *name, uint32_t *id)
{
    return name_service_find(context, kind, name, id);
}

static void on_pool(uv_work_t *work)
{
    struct config_reload *reload = work->data;
    struct findings *findings =
        reload->reading == CONFIG_FILES ? &reload->next_findings : &reload->findings;
    findings->source = findings_system;
    findings->source.find = ask_names;
    findings->source.context = reload->names;
    if (reload->reading == CONFIG_FILES)
        findings->before = &reload->findings;
    reload->next = config_read(reload->path, findings, &reload->complaints);
    findings->before = NULL;
}

static void after_pool(uv_work_t *work, int status)
{
    struct config_reload *reload = work->data;
    bool taken = !reload->closed && is_news(reload) && judge_next(reload);
    enum config_change change = reload->reading, wanted = reload->wanted;
    (void)status; /* nobody cancels it */
    forget_next(reload);
    reload->reading = reload->wanted = CONFIG_NOTHING;
    if (reload->closed)
        return;
    reload->ended(reload->owner, change, taken);
    if (wanted != CONFIG_NOTHING)
        config_reload(reload, wanted);
}

void config_reload(struct config_reload *reload, enum config_change change)
{
    if (reload->closed)
        return;
    if (reload->reading != CONFIG_NOTHING) {
        reload->wanted = change > reload->wanted ? change : reload->wanted;
        return;
    }
    reload->reading = change;
    reload->work.data = reload;
    uv_queue_work(reload->loop, &reload->work, on_pool, after_pool);
}

void config_reload_close(struct config_reload *reload)
{
    reload->closed = true;
}

void config_reload_fini(struct config_reload *reload)
{
    config_free(reload->config);
    findings_fini(&reload->findings);
}
