/* Happy path: start() opens each module after those that it needs, takes over the keeper's sockets,
 * builds the databases, and only then opens the sockets for clients. The loop runs until SIGTERM.
 * Then everything closes: with a keeper, once it has stored all names; without, after a last build.
 *
 * Every module below reports its changes here, and they are passed on to the databases. */
#include "daemon.h"

#include "../common/boot-clock.h"
#include "../common/nss-kind.h"
#include "../publish-client/request.h"
#include "clients/connection-life.h"
#include "clients/connection-set.h"
#include "clients/control-server.h"
#include "clients/doors.h"
#include "clients/keeper-client.h"
#include "clients/keeper-owner.h"
#include "clients/list-server.h"
#include "clients/listener.h"
#include "clients/owners.h"
#include "clock-watch.h"
#include "crashes.h"
#include "facts.h"
#include "launcher-rules.h"
#include "launcher/launcher.h"
#include "launcher/name-service.h"
#include "limits.h"
#include "log.h"
#include "network/namespace-reader.h"
#include "network/netwatch.h"
#include "publishing/databases.h"
#include "ready-text.h"
#include "reload-config.h"
#include "sandbox.h"
#include "state/accounts.h"
#include "state/address-sum.h"
#include "state/interfaces.h"
#include "state/listings.h"
#include "state/registry.h"
#include "supervisor-status.h"
#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum {
    EXIT_SYSTEM = 111,
    STOP_LIMIT_MS = 10000,
    /* A long start asks the supervisor every EXTEND_EVERY_MS for EXTEND_BY_MS more: enough for its
     * longest step without such a request, for example the build of a large database. */
    EXTEND_EVERY_MS = 5000,
    EXTEND_BY_MS = 120000
};

struct daemon {
    const struct daemon_options *options;
    uv_loop_t loop;
    struct launcher *launcher;
    struct name_service *names;
    struct namespace_reader *reader;
    struct sandbox sandbox;
    struct config_reload reload; /* the configuration */
    struct facts facts;
    struct accounts accounts;
    struct owners owners;
    struct interfaces interfaces;
    struct registry registry;
    struct databases databases;
    uint64_t address_sum; /* of phonebookd's own namespace */
    struct connections connections;
    struct list_server list_server;
    struct control_server control_server;
    struct netwatch *netwatch;
    struct keeper_owner keeping;
    uint64_t extended; /* ms: when the supervisor was last asked for more time to start; 0: that is
                        * over */
    uv_signal_t terminate, interrupt, hangup;
    uv_timer_t stop_limit;
    struct clock_watch clock;
    uv_timer_t waiting;   /* checks waiting requests after dumps that changed nothing */
    uv_timer_t linger;    /* ends the next remnant */
    uint64_t next_expiry; /* the registry_next_expiry() that `linger` is set for; 0: stopped */
    uv_timer_t log_late;  /* writes log lines that had to wait */
    struct supervisor supervisor;
    struct status status;
    bool told_to_stop, stopping, stopped;
};

/* ---- messages between the modules ---- */

static enum request_error error_of(enum netwatch_outcome outcome)
{
    switch (outcome) {
    case NETWATCH_OK:
        return REQUEST_OK;
    case NETWATCH_LIMIT:
        return REQUEST_LIMIT;
    default:
        return REQUEST_NAMESPACE;
    }
}

static enum request_error on_enter_namespace(void *owner, int fd, const struct holder *peer,
                                             bool taken, struct namespace **namespace,
                                             char why[static REGISTRY_WHY_MAX])
{
    struct daemon *daemon = owner;
    enum netwatch_outcome outcome =
        netwatch_acquire(daemon->netwatch, fd, peer->owner, taken, namespace);
    snprintf(why, REGISTRY_WHY_MAX, "%s", netwatch_outcome_text(outcome));
    if (outcome == NETWATCH_LIMIT) {
        struct account_verdict verdict =
            accounts_judge(&daemon->accounts, peer->owner, ACCOUNT_NAMESPACES);
        account_why(why, &verdict, peer->uid);
    }
    return error_of(outcome);
}

static void on_leave_namespace(void *owner, struct namespace *namespace)
{
    struct daemon *daemon = owner;
    netwatch_release(daemon->netwatch, namespace);
}

static void stop_if_done(struct daemon *daemon);

static void on_linger(uv_timer_t *timer);

static void set_linger_timer(struct daemon *daemon)
{
    uint64_t next = daemon->next_expiry = registry_next_expiry(&daemon->registry);
    uint64_t now = next > 0 ? boot_ms() : 0;
    if (next > 0)
        uv_timer_start(&daemon->linger, on_linger, next > now ? next - now : 0, 0);
    else
        uv_timer_stop(&daemon->linger);
}

/* Most changes do not concern lingering names; then this costs nothing. */
static void follow_lingering(struct daemon *daemon)
{
    if (registry_next_expiry(&daemon->registry) != daemon->next_expiry)
        set_linger_timer(daemon);
    if (registry_next_to_note(&daemon->registry))
        connections_go_on(&daemon->connections);
}

static void on_changed(void *owner)
{
    struct daemon *daemon = owner;
    follow_lingering(daemon);
    list_server_changed(&daemon->list_server);
    databases_changed(&daemon->databases);
}

static uint64_t sum_of_own(const struct daemon *daemon)
{
    const struct namespace *own = interfaces_find_nsid(&daemon->interfaces, NAMESPACE_OWN);
    return own ? address_sum(own) : 0;
}

static void on_network_changed(void *owner)
{
    struct daemon *daemon = owner;
    uint64_t sum = sum_of_own(daemon);
    on_changed(daemon);
    if (sum != daemon->address_sum)
        databases_retry_programs(&daemon->databases);
    daemon->address_sum = sum;
}

/* One check serves many dumps: they may end in quick succession while many clients wait. */
static void on_waiting(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    connections_check_waiting(&daemon->connections);
}

static void on_network_same(void *owner)
{
    struct daemon *daemon = owner;
    if (!uv_is_active((uv_handle_t *)&daemon->waiting))
        uv_timer_start(&daemon->waiting, on_waiting, WAITING_LOOK_MS, 0);
}

static void on_linger(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    bool any = registry_expire(&daemon->registry, boot_ms());
    set_linger_timer(daemon);
    if (any)
        on_changed(daemon);
}

/* While the machine is suspended, the loop's timers stop, but the other clocks go on. */
static void on_clock(void *owner)
{
    struct daemon *daemon = owner;
    on_linger(&daemon->linger);
    databases_changed(&daemon->databases);
    list_server_changed(&daemon->list_server); /* its times depend on the wall clock */
}

static void on_news(void *owner)
{
    struct daemon *daemon = owner;
    registry_drop_overtaken(&daemon->registry); /* look.c found them */
    follow_lingering(daemon);
    list_server_changed(&daemon->list_server);
    connections_check_waiting(&daemon->connections);
    if (daemon->stopping)
        stop_if_done(daemon);
}

static bool on_is_live(void *owner, const struct registration *registration, const char *wait_for)
{
    const struct daemon *daemon = owner;
    const struct namespace *namespace = registration->holder->namespace;
    /* Before that dump, its addresses or changes from before the request may be missing. */
    return namespace && namespace->known && namespace_has_dumped(namespace, registration->dump) &&
           databases_serve(&daemon->databases, registration, wait_for);
}

static void on_why_not_live(void *owner, const struct registration *registration,
                            const char *wait_for, char why[static REGISTRY_WHY_MAX])
{
    const struct daemon *daemon = owner;
    databases_why_not(&daemon->databases, registration, wait_for, why);
}

static bool on_clashes_with_static(void *owner, const struct zone *zone, const char *name,
                                   char why[static REGISTRY_WHY_MAX])
{
    const struct daemon *daemon = owner;
    return databases_clash(&daemon->databases, zone, name, why);
}

static int on_keep_socket(void *owner, int fd, uint64_t key)
{
    struct daemon *daemon = owner;
    return keeper_store_socket(daemon->keeping.keeper, fd, key);
}

static int on_keep_request(void *owner, uint64_t key, const char *text, size_t length,
                           size_t subject)
{
    struct daemon *daemon = owner;
    return keeper_store_request(daemon->keeping.keeper, key, text, length, subject);
}

static int on_forget_request(void *owner, uint64_t key, const char *subject, size_t length)
{
    struct daemon *daemon = owner;
    return keeper_forget_request(daemon->keeping.keeper, key, subject, length);
}

static int on_keep_note(void *owner, uint64_t key, const char *text, size_t length,
                        uint32_t deadline)
{
    struct daemon *daemon = owner;
    return keeper_store_note(daemon->keeping.keeper, key, text, length, deadline);
}

static enum served on_served(void *owner, const struct listing *listing, const char **reason)
{
    const struct daemon *daemon = owner;
    enum served served = databases_serve_listing(&daemon->databases, listing);
    if (served != SERVED_LIVE)
        databases_reason(&daemon->databases, listing, reason);
    return served;
}

static bool on_builds_at_once(void *owner)
{
    const struct daemon *daemon = owner;
    return databases_are_free(&daemon->databases);
}

static const struct connections_ops connections_ops = {
    .changed = on_changed,
    .builds_at_once = on_builds_at_once,
    .is_live = on_is_live,
    .why_not_live = on_why_not_live,
    .enter_namespace = on_enter_namespace,
    .leave_namespace = on_leave_namespace,
    .keep_socket = on_keep_socket,
    .keep_request = on_keep_request,
    .forget_request = on_forget_request,
    .keep_note = on_keep_note,
};

static uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000; /* the loop's clock stands still during the start */
}

/* EXTEND_TIMEOUT_USEC: sd_notify(3). */
static void extend_start(struct daemon *daemon)
{
    if (daemon->extended == 0 || now_ms() - daemon->extended < EXTEND_EVERY_MS)
        return;
    char state[64];
    snprintf(state, sizeof state, "EXTEND_TIMEOUT_USEC=%llu", EXTEND_BY_MS * 1000ULL);
    supervisor_notify(&daemon->supervisor, state);
    daemon->extended = now_ms();
}

static void on_publish_accepted(void *owner, int fd)
{
    struct daemon *daemon = owner;
    connections_add(&daemon->connections, fd);
}

static void on_list_accepted(void *owner, int fd)
{
    struct daemon *daemon = owner;
    list_server_add(&daemon->list_server, fd);
}

static void on_control_accepted(void *owner, int fd)
{
    struct daemon *daemon = owner;
    control_server_add(&daemon->control_server, fd);
}

static void find_status(void *owner, struct status_facts *facts)
{
    const struct daemon *daemon = owner;
    facts->names = daemon->accounts.held[ACCOUNT_REGISTRATIONS];
    facts->zones = daemon->reload.config->zones.n_zones;
    facts->built = databases_built(&daemon->databases);
    facts->error = log_last(&facts->error_time);
}

/* ---- configuration again ---- */

static void on_config_read(void *owner, enum config_change change, bool taken)
{
    struct daemon *daemon = owner;
    daemon->facts.unknown = daemon->reload.config->unknown;
    if (taken)
        on_changed(daemon);
    if (change == CONFIG_FILES)
        supervisor_notify(&daemon->supervisor, "READY=1");
}

static void on_facts(void *owner)
{
    struct daemon *daemon = owner;
    config_reload(&daemon->reload, CONFIG_FACTS);
}

static void on_hangup(uv_signal_t *signal, int number)
{
    struct daemon *daemon = signal->data;
    (void)number;
    if (daemon->stopping)
        return;
    char state[64];
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)(uv_hrtime() / 1000));
    supervisor_notify(&daemon->supervisor, state);
    config_reload(&daemon->reload, CONFIG_FILES);
}

static void start_following_config(struct daemon *daemon)
{
    struct config_reload *reload = &daemon->reload;
    reload->names = daemon->names;
    reload->sandbox = &daemon->sandbox;
    reload->loop = &daemon->loop;
    reload->path = daemon->options->config_path;
    reload->users = (struct config_users){&daemon->registry,
                                          &daemon->connections,
                                          &daemon->databases,
                                          &daemon->keeping.doors.all[DOOR_PUBLISH].listener,
                                          &daemon->keeping.doors.all[DOOR_LIST].listener,
                                          &daemon->keeping.doors.all[DOOR_CONTROL].listener,
                                          daemon->launcher};
    reload->ended = on_config_read;
    reload->owner = daemon;
    facts_init(&daemon->facts, &daemon->loop, reload->config->hostname, on_facts, daemon);
    daemon->facts.unknown = reload->config->unknown;
}

/* ---- the end ---- */

static void close_rest(struct daemon *daemon)
{
    daemon->stopped = true;
    databases_fini(&daemon->databases);
    launcher_close(daemon->launcher);
    netwatch_close(daemon->netwatch);
    uv_close((uv_handle_t *)&daemon->terminate, NULL);
    uv_close((uv_handle_t *)&daemon->interrupt, NULL);
    uv_close((uv_handle_t *)&daemon->hangup, NULL);
    uv_close((uv_handle_t *)&daemon->stop_limit, NULL);
    uv_close((uv_handle_t *)&daemon->linger, NULL);
    uv_close((uv_handle_t *)&daemon->waiting, NULL);
    clock_watch_close(&daemon->clock);
    status_stop(&daemon->status);
    log_set_reminder(NULL, NULL);
    uv_close((uv_handle_t *)&daemon->log_late, NULL);
    supervisor_close(&daemon->supervisor);
}

static void stop_if_done(struct daemon *daemon)
{
    if (!daemon->stopped && databases_at_rest(&daemon->databases))
        close_rest(daemon);
}

static void on_stop_late(uv_timer_t *timer)
{
    struct daemon *daemon = timer->data;
    log_warning("stopping without the last build: it takes too long");
    if (!daemon->stopped)
        close_rest(daemon);
}

/* With a keeper the records stay, because the keeper holds their names. Without one, a last build
 * withdraws them. */
static void end(void *owner)
{
    struct daemon *daemon = owner;
    daemon->stopping = true;
    config_reload_close(&daemon->reload);
    owners_close(&daemon->owners);
    name_service_stop(daemon->names);
    facts_close(&daemon->facts);
    list_server_close(&daemon->list_server);
    control_server_close(&daemon->control_server);
    keeper_owner_close(&daemon->keeping);
    if (daemon->keeping.kept)
        databases_fini(&daemon->databases);
    connections_close(&daemon->connections);
    registry_drop_remnants(&daemon->registry);
    databases_changed(&daemon->databases);
    databases_hurry(&daemon->databases);
    uv_timer_start(&daemon->stop_limit, on_stop_late, STOP_LIMIT_MS, 0);
    stop_if_done(daemon);
}

static void on_taking(void *owner)
{
    extend_start(owner);
}

static const struct keeper_owner_ops keeper_owner_ops = {.taking = on_taking, .over = end};

static void on_stop(uv_signal_t *signal, int number)
{
    struct daemon *daemon = signal->data;
    (void)number;
    if (daemon->told_to_stop)
        return;
    daemon->told_to_stop = true;
    supervisor_notify(&daemon->supervisor, "STOPPING=1");
    keeper_owner_leave(&daemon->keeping);
}

/* ---- the start ---- */

/* Raises the limit of descriptors as far as we may, because each client needs one. Returns how many
 * connections it allows. */
static size_t raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 2 * DESCRIPTORS_RESERVED ? limit.rlim_cur - DESCRIPTORS_RESERVED
                                                     : limit.rlim_cur / 2;
}

/* Finds the supervisor's sockets. False if we cannot listen on one of them. */
static bool find_handed(struct daemon *daemon)
{
    doors_init(&daemon->keeping.doors, daemon->reload.config->runtime_directory);
    bool good = true;
    for (int i = 0; i < DOORS; i++) {
        struct door *door = &daemon->keeping.doors.all[i];
        door->handed = supervisor_socket(door->name, door->path);
        good = good && door->handed != -EINVAL;
    }
    return good;
}

static bool open_doors(struct daemon *daemon)
{
    struct door *all = daemon->keeping.doors.all;
    const struct config *config = daemon->reload.config;
    if (door_open(&all[DOOR_PUBLISH], &daemon->loop, &config->publish, on_publish_accepted,
                  daemon) ||
        door_open(&all[DOOR_LIST], &daemon->loop, &config->list, on_list_accepted, daemon))
        return false;
    /* Names can be published without it, so a failure is only logged. */
    door_open(&all[DOOR_CONTROL], &daemon->loop, &config->publish, on_control_accepted, daemon);
    keeper_owner_keep_doors(&daemon->keeping);
    return true;
}

static bool make_runtime_directory(const struct daemon *daemon)
{
    const char *path = daemon->reload.config->runtime_directory;
    if (mkdir(path, 0755) < 0 && errno != EEXIST) {
        log_error("%s: %s", path, strerror(errno));
        return false;
    }
    struct stat status;
    if (stat(path, &status) == 0 && status.st_mode & S_IWOTH)
        log_warning("%s: every user can write to it, and so put other sockets and files in the "
                    "place of phonebookd's",
                    path);
    return true;
}

static void on_log_late(uv_timer_t *timer)
{
    (void)timer;
    log_late();
}

static void remind_log(void *reminder, uint64_t delay)
{
    struct daemon *daemon = reminder;
    uv_timer_start(&daemon->log_late, on_log_late, delay, 0);
}

static void start_log(struct daemon *daemon)
{
    uv_timer_init(&daemon->loop, &daemon->log_late);
    log_set_reminder(remind_log, daemon);
}

static void start_signals(struct daemon *daemon)
{
    uv_signal_init(&daemon->loop, &daemon->terminate);
    uv_signal_init(&daemon->loop, &daemon->interrupt);
    uv_signal_init(&daemon->loop, &daemon->hangup);
    uv_timer_init(&daemon->loop, &daemon->stop_limit);
    uv_timer_init(&daemon->loop, &daemon->linger);
    uv_timer_init(&daemon->loop, &daemon->waiting);
    daemon->terminate.data = daemon->interrupt.data = daemon->hangup.data = daemon;
    daemon->stop_limit.data = daemon->linger.data = daemon->waiting.data = daemon;
    uv_signal_start(&daemon->terminate, on_stop, SIGTERM);
    uv_signal_start(&daemon->interrupt, on_stop, SIGINT);
    uv_signal_start(&daemon->hangup, on_hangup, SIGHUP);
}

/* The helpers keep privileges that we give up: to start programs, to load modules of the name
 * service switch, and to read other network namespaces. */
static bool start_helpers(struct daemon *daemon)
{
    struct launcher_rules_context context = {.path = daemon->options->config_path,
                                             .now = daemon->reload.config};
    struct launcher_rules rules = launcher_rules(&context);
    rules.capabilities = sandbox_file_capabilities;
    daemon->launcher = launcher_start(&rules);
    daemon->names = daemon->launcher ? name_service_start() : NULL;
    daemon->reader = daemon->names ? namespace_reader_start() : NULL;
    if (!daemon->reader)
        log_error("no process can be started: %s", strerror(errno));
    return daemon->reader;
}

static int find_name(void *context, enum nss_kind kind, const char *name, uint32_t *id)
{
    return name_service_find(context, kind, name, id);
}

static bool start_registry(struct daemon *daemon)
{
    const struct config *config = daemon->reload.config;
    bool enough = registry_init(&daemon->registry, &daemon->accounts, config_zones(config),
                                config->zones.n_zones);
    if (!enough)
        log_error("%s", strerror(ENOMEM));
    daemon->registry.clashes_with_static = on_clashes_with_static;
    daemon->registry.owner = daemon;
    daemon->registry.first_key = daemon->registry.last_key = boot_ns();
    config_limit_users(config, &daemon->accounts);
    return enough;
}

/* sandbox_enter() comes as soon as no later step needs the privileges. */
static bool start_network(struct daemon *daemon)
{
    int error = netwatch_new(&daemon->netwatch, &daemon->loop, daemon->reader, &daemon->interfaces,
                             &daemon->accounts, on_network_changed, daemon);
    if (!error && !sandbox_enter(&daemon->sandbox, daemon->reload.config))
        return false;
    if (!error)
        error = netwatch_start(daemon->netwatch, &daemon->loop);
    if (error)
        log_error("addresses cannot be followed: %s", strerror(-error));
    else
        netwatch_set_same(daemon->netwatch, on_network_same);
    return error == 0;
}

static bool start_state(struct daemon *daemon)
{
    struct list_source list = {.registry = &daemon->registry, .served = on_served, .owner = daemon};
    accounts_init(&daemon->accounts);
    interfaces_init(&daemon->interfaces);
    if (!start_registry(daemon) || !start_network(daemon))
        return false;
    owners_init(&daemon->owners, "/etc/subuid", &daemon->loop, find_name, daemon->names);
    databases_init(&daemon->databases, daemon->launcher, &daemon->registry, on_news, daemon);
    list_server_init(&daemon->list_server, &daemon->loop, &list);
    if (!config_use_databases(daemon->reload.config, &daemon->databases))
        return false;
    int error =
        connections_init(&daemon->connections, &daemon->loop, &daemon->registry, &daemon->accounts,
                         raise_descriptor_limit(), &connections_ops, daemon);
    control_server_init(&daemon->control_server, &daemon->connections);
    daemon->connections.owners = daemon->list_server.owners = &daemon->owners;
    if (error)
        log_error("connections cannot be watched: %s", strerror(-error));
    return error == 0;
}

static void start_crash_memory(struct daemon *daemon)
{
    struct crash_verdict verdict = crashes_begin(daemon->reload.config->runtime_directory);
    daemon->connections.n_aside = verdict.aside;
    if (verdict.crashes > 0)
        log_warning("phonebookd crashed %zu times in a row: the newest connections are set aside, "
                    "up to %zu",
                    verdict.crashes, verdict.aside);
    if (verdict.starts > 0)
        log_warning("%zu starts of phonebookd in a row ended before they were complete, as for "
                    "want of memory: the newest connections are set aside, up to %zu",
                    verdict.starts, verdict.aside);
}

/* Logs why it failed. The caller then exits, which closes everything. */
static bool start(struct daemon *daemon)
{
    daemon->extended = now_ms();
    start_signals(daemon);
    start_log(daemon);
    supervisor_init(&daemon->supervisor, &daemon->loop);
    if (!make_runtime_directory(daemon) || !start_state(daemon))
        return false;
    start_crash_memory(daemon);
    owners_wait(&daemon->owners);
    if (!keeper_owner_start(&daemon->keeping, &daemon->loop,
                            daemon->reload.config->runtime_directory, &daemon->connections,
                            &keeper_owner_ops, daemon))
        return false;
    netwatch_follow_own(daemon->netwatch);
    netwatch_read_unknown(daemon->netwatch);
    daemon->address_sum = sum_of_own(daemon);
    extend_start(daemon);
    registry_expire(&daemon->registry, boot_ms());
    databases_build_now(&daemon->databases);
    clock_watch_start(&daemon->clock, &daemon->loop, on_clock, daemon);
    follow_lingering(daemon);
    return open_doors(daemon);
}

/* Tells the supervisor, the reader of the -d descriptor, and the log. */
static void tell_ready(struct daemon *daemon)
{
    supervisor_ready(&daemon->supervisor, daemon->options->ready_fd);
    char text[READY_TEXT_MAX];
    ready_text(text, daemon->reload.config, &daemon->keeping.doors, daemon->keeping.kept);
    log_info("%s", text);
}

int daemon_run(const struct daemon_options *options, struct config *config,
               const struct findings *findings)
{
    struct daemon daemon = {.options = options,
                            .reload = {.config = config, .findings = *findings}};
    /* First, because a failure must come before any change, and because no descriptor of ours has
     * one of the supervisor's numbers yet. */
    if (!find_handed(&daemon) || !start_helpers(&daemon) || !sandbox_prepare(&daemon.sandbox))
        exit(EXIT_SYSTEM);
    uv_loop_init(&daemon.loop);
    launcher_attach(daemon.launcher, &daemon.loop);
    if (!start(&daemon)) {
        crashes_leave();
        exit(EXIT_SYSTEM); /* this closes everything */
    }
    daemon.extended = 0;
    start_following_config(&daemon);
    crashes_ready();
    tell_ready(&daemon);
    status_start(&daemon.status, &daemon.loop, find_status, &daemon);
    uv_run(&daemon.loop, UV_RUN_DEFAULT);
    registry_fini(&daemon.registry);
    interfaces_fini(&daemon.interfaces);
    accounts_fini(&daemon.accounts);
    owners_fini(&daemon.owners);
    name_service_free(daemon.names);
    namespace_reader_free(daemon.reader);
    config_reload_fini(&daemon.reload);
    sandbox_fini(&daemon.sandbox);
    keeper_owner_fini(&daemon.keeping);
    crashes_end();
    if (uv_loop_close(&daemon.loop) != 0)
        log_error("handles were left open at the end, which is an error in phonebookd");
    log_left_out();
    return 0;
}
