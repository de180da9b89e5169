#include "database.h"

#include "../../zones/fit.h"
#include "../../zones/record.h"
#include "../../zones/static-image.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../log.h"
#include "../state/budgets.h"
#include "collect.h"
#include "on-change-set.h"
#include "pace.h"
#include "static-files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Versions of the static files, with a reference to each. */
struct image_set {
    struct static_image *images[STATIC_FILES_MAX];
    size_t n;
};

struct database {
    uv_loop_t *loop;
    const struct database_options *config;
    const struct registry *registry;
    database_told *told;
    void *owner;
    struct data_files *files;
    struct reload *reload;
    struct static_files *static_files;
    struct pace pace;
    uv_timer_t timer; /* the next build */
    uv_timer_t later; /* when to let the replaced file go */
    uv_timer_t renew; /* looks whether the records have half of their time left */
    uv_work_t work;
    bool dirty;   /* the records are to be collected again */
    bool renewal; /* and built even where they are the same: their time runs out */
    bool working; /* the thread has `files` and `next` */
    int failed;   /* -errno of the last build, or 0; the log has it */
    bool hurried, closing;
    unsigned handles;
    uint64_t build; /* number of the build that is in the files; 0: none of ours */
    uint64_t live;  /* number of the build that the server was told of */
    struct collection served, next;
    struct image_set served_images, next_images;
    struct fit_cuts cuts; /* those that the log has */
    struct on_change_set on_changes;
    uint32_t serial;      /* of the files */
    uint32_t next_serial; /* of those that are being written */
    int result;
    uint64_t renew_after; /* half of the time is over: ms on the clock of the loop, */
    int64_t renew_at;     /* and seconds since 1970 */
};

/* ---- collecting ---- */

/* What was collected turned out to be what the files hold. */
static void settle_listing(struct listing *listing, void *context)
{
    const struct database *p = context;

    if (strcmp(listing->zone->database, p->config->name) == 0 && listing->build > p->build)
        listing->build = p->build;
}

static const char *type_word(enum record_type type)
{
    return type == RECORD_A ? "A" : type == RECORD_AAAA ? "AAAA" : "PTR";
}

/* Pointer records are nobody's. */
static uint32_t owner_of(const struct registry *registry, const struct fit_cut *cut)
{
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, cut->owner);
    const struct listing *listing = zone ? registry_find_listing(registry, zone, cut->owner) : NULL;

    return listing ? listing->uid : (uint32_t)LOG_NOBODY;
}

/* What does not fit is told once, until it has fitted. */
static void log_cuts(struct database *p)
{
    struct fit_cuts told = p->cuts;

    for (size_t i = 0; i < p->next.cuts.n; i++) {
        const struct fit_cut *cut = &p->next.cuts.cuts[i];

        if (!fit_cuts_find(&told, cut->owner, cut->type))
            log_caused(LOG_CUT, owner_of(p->registry, cut),
                       "%s: of %zu %s records only the first %zu are published: more do not fit "
                       "in a reply over UDP",
                       cut->owner, cut->all, type_word(cut->type), cut->kept);
    }
    p->cuts = p->next.cuts;
    p->next.cuts = told;
}

/* Whose limit the listing's addresses have reached. */
static const char *limit_of(const struct listing *listing)
{
    if (listing->allowed == NAME_ADDRESSES_MAX)
        return "a name";
    return budget_left(listing->budget) < DATABASE_ADDRESSES_MAX - listing->budget->database->used
               ? "the names of a user"
               : "a database";
}

static void log_short_ones(const struct database *p)
{
    for (size_t i = 0; i < p->next.n_short; i++) {
        const struct listing *listing = p->next.short_ones[i];

        log_caused(LOG_LIMIT, listing->uid,
                   "%s (uid %u): of its %zu addresses only the first %zu are looked at: more than "
                   "%s can have",
                   listing->name, listing->uid, listing->counted,
                   listing->counted - listing->left_out, limit_of(listing));
    }
}

/* ---- static files ---- */

static void let_images_go(struct image_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        static_image_unref(set->images[i]);
    set->n = 0;
}

static void take_images(struct image_set *set, const struct static_files *files)
{
    let_images_go(set);
    set->n = static_files_images(files, set->images, STATIC_FILES_MAX);
    for (size_t i = 0; i < set->n; i++)
        static_image_ref(set->images[i]);
}

static bool same_images(const struct image_set *a, const struct image_set *b)
{
    return a->n == b->n && memcmp(a->images, b->images, a->n * sizeof *a->images) == 0;
}

static void on_static_files(void *owner)
{
    database_changed(owner);
}

/* ---- building ---- */

static void on_timer(uv_timer_t *timer);
static void on_later(uv_timer_t *timer);
static void on_renew(uv_timer_t *timer);

static void schedule(struct database *p)
{
    if (p->working || p->closing || !p->dirty || uv_is_active((uv_handle_t *)&p->timer))
        return;
    uv_timer_start(&p->timer, on_timer,
                   p->hurried && !p->failed ? 0 : pace_delay(&p->pace, uv_now(p->loop)), 0);
}

static void log_result(struct database *p, int result)
{
    if (result && !p->failed)
        log_caused(LOG_DATABASE, LOG_NOBODY, "database %s: not written, the last one stays: %s",
                   p->config->name, data_files_error(result));
    if (!result && p->failed)
        log_caused_over(LOG_DATABASE, LOG_NOBODY, "database %s: written again", p->config->name);
    p->failed = result;
}

/* Runs the on-change programs of those zones in the files for which `is_due` is true. */
static void run_on_changes(struct database *p, bool (*is_due)(const struct database *p, size_t span,
                                                              const struct zone *zone))
{
    for (size_t i = 0; i < p->served.n_spans; i++) {
        const struct collect_span *span = &p->served.spans[i];
        const struct zone *zone = zone_of(p->registry->zones, p->registry->n_zones, span->zone);

        if (zone && zone->on_change && strcmp(zone->name, span->zone) == 0 &&
            strcmp(zone->database, p->config->name) == 0 && is_due(p, i, zone))
            on_change_set_run(&p->on_changes, p->loop, zone, p->config->directory,
                              &p->served.records, span->start, span->end, p->serial);
    }
}

/* p->next is what was served before. Lines of a static file may be any zone's. */
static bool has_changed(const struct database *p, size_t span, const struct zone *zone)
{
    (void)zone;
    return !same_images(&p->served_images, &p->next_images) ||
           collect_differs(&p->served, span, &p->next);
}

static bool has_heard_nothing(const struct database *p, size_t span, const struct zone *zone)
{
    (void)span;
    return !on_change_set_has(&p->on_changes, zone);
}

static void look_at_clock(struct database *p)
{
    uint64_t left = p->renew_after - uv_now(p->loop);

    uv_timer_start(&p->renew, on_renew, left < RENEWAL_LOOK_MS ? left : RENEWAL_LOOK_MS, 0);
}

static void set_timers(struct database *p)
{
    uv_timer_start(&p->later, on_later, (uint64_t)p->config->interval * 1000, 0);
    p->renew_after = uv_now(p->loop) + (uint64_t)p->config->expire * 1000 / 2;
    if (p->config->expire > 0)
        look_at_clock(p);
    else
        uv_timer_stop(&p->renew);
}

/* The files hold p->next, or they do not. */
static void finish_build(struct database *p, int result)
{
    log_result(p, result);
    if (result) {
        p->dirty = true;
        pace_hold(&p->pace, uv_now(p->loop), DATABASE_RETRY_MS);
        return;
    }
    struct collection records = p->served;
    struct image_set images = p->served_images;

    p->served = p->next;
    p->next = records;
    p->served_images = p->next_images;
    p->next_images = images;
    p->serial = p->next_serial;
    p->build++;
    log_debug("database %s: serial %u, %zu records", p->config->name, p->serial,
              p->served.records.count);
    p->renewal = false;
    set_timers(p);
    run_on_changes(
        p, has_changed); /* first, since whoever hears that the server was told may close us */
    let_images_go(&p->next_images);
    reload_tell(p->reload, p->build);
}

static void write_files(struct database *p)
{
    struct build build = {
        .records = &p->next.records,
        .images = (const struct static_image *const *)p->next_images.images,
        .n_images = p->next_images.n,
        .serial = p->next_serial,
    };

    p->result = data_files_write(p->files, &build);
}

static void work_write(uv_work_t *work)
{
    write_files(work->data);
}

static void free_if_closed(struct database *p);

static void after_write(uv_work_t *work, int status)
{
    struct database *p = work->data;

    p->working = false;
    if (p->closing) {
        free_if_closed(p);
        return;
    }
    finish_build(p, status ? status : p->result);
    schedule(p);
    p->told(p->owner);
}

/* Milliseconds of rest after a collection that took so many nanoseconds and changed nothing. What
 * one user makes long must not make the others wait: the rest is bounded as the interval is. */
static uint64_t rest_after(uint64_t nanoseconds)
{
    uint64_t rest = nanoseconds * COLLECT_SHARE / 1000000;

    return rest < COLLECT_REST_MAX_MS ? rest : COLLECT_REST_MAX_MS;
}

/* Has anything that is published changed? Collects; where not, everything collected is settled.
 * What failed is tried again until it succeeds, even where nothing has changed any more. */
static bool is_due(struct database *p)
{
    uint64_t began = uv_hrtime();

    p->dirty = false;
    take_images(&p->next_images, p->static_files);
    if (!collect(&p->next, p->registry, p->config->name,
                 (struct collect_images){p->next_images.images, p->next_images.n}, p->build + 1)) {
        log_result(p, -ENOMEM);
        p->dirty = true;
        pace_hold(&p->pace, uv_now(p->loop), DATABASE_RETRY_MS);
        schedule(p);
        p->told(p->owner); /* at rest, as far as that goes */
        return false;
    }
    log_cuts(p);
    log_short_ones(p);
    if (p->build == 0 || p->failed || p->renewal ||
        !same_images(&p->served_images, &p->next_images) ||
        !records_equal(&p->served.records, &p->next.records))
        return true;
    registry_each(p->registry, settle_listing, p);
    pace_hold(&p->pace, uv_now(p->loop), rest_after(uv_hrtime() - began));
    p->told(p->owner);
    return false;
}

static void start_build(struct database *p)
{
    pace_start(&p->pace, uv_now(p->loop));
    p->next_serial = data_files_next_serial(p->files, time(NULL));
    if (p->config->expire > 0)
        records_set_end(&p->next.records, time(NULL) + p->config->expire);
    p->renew_at = time(NULL) + p->config->expire / 2;
}

static void on_timer(uv_timer_t *timer)
{
    struct database *p = timer->data;

    if (p->working) /* what works now schedules the next when it is done */
        return;
    if (p->hurried)
        static_files_read_now(p->static_files);
    if (!static_files_ready(p->static_files) || !is_due(p)) /* that they are, they will say */
        return;
    start_build(p);
    p->working = true;
    uv_queue_work(p->loop, &p->work, work_write, after_write);
}

/* The server has long turned to the new file: frees the old one, which takes a while where it is
 * large, and so in the pool too. */
static void work_release(uv_work_t *work)
{
    struct database *p = work->data;

    data_files_release_old(p->files);
}

static void after_release(uv_work_t *work, int status)
{
    struct database *p = work->data;

    (void)status;
    p->working = false;
    if (p->closing)
        free_if_closed(p);
    else
        schedule(p);
}

static void on_later(uv_timer_t *timer)
{
    struct database *p = timer->data;

    if (p->working) /* a build, which releases it too */
        return;
    p->working = true;
    uv_queue_work(p->loop, &p->work, work_release, after_release);
}

/* The records' time is the wall clock's, which can be set, and goes on while the machine sleeps. */
static void on_renew(uv_timer_t *timer)
{
    struct database *p = timer->data;

    if (uv_now(p->loop) < p->renew_after && time(NULL) < p->renew_at) {
        look_at_clock(p);
        return;
    }
    p->renewal = true;
    database_changed(p);
}

static void on_told(void *owner, uint64_t number)
{
    struct database *p = owner;

    p->live = number;
    p->told(p->owner);
}

/* ---- the outside ---- */

void database_zones_changed(struct database *p)
{
    on_change_set_zones(&p->on_changes, p->registry->zones, p->registry->n_zones, p->config->name,
                        p->config->directory);
    run_on_changes(p, has_heard_nothing);
}

void database_changed(struct database *p)
{
    p->dirty = true;
    schedule(p);
}

int database_build_now(struct database *p)
{
    static_files_read_now(p->static_files);
    if (!is_due(p))
        return p->failed;
    start_build(p);
    write_files(p);
    finish_build(p, p->result);
    schedule(p);
    return p->result;
}

void database_hurry(struct database *p)
{
    p->hurried = true;
    uv_timer_stop(&p->timer);
    schedule(p);
}

bool database_at_rest(const struct database *p)
{
    return !p->working && (!p->dirty || p->failed);
}

bool database_serves(const struct database *p, const struct listing *listing)
{
    return listing->state == LISTING_SHOWN && listing->build <= p->live;
}

int database_failure(const struct database *p)
{
    return p->failed;
}

const struct database_options *database_options(const struct database *p)
{
    return p->config;
}

void database_set_options(struct database *p, const struct database_options *config)
{
    if (p->config->expire != config->expire)
        p->renewal = true; /* and with it the records' ends */
    p->config = config;
    p->pace.interval = (uint64_t)config->interval * 1000;
    reload_set_config(p->reload, &config->reload, config->name);
    if (static_files_set(p->static_files, config->static_files) < 0)
        log_error("database %s: its static files stay those of before: out of memory",
                  config->name);
}

static void free_if_closed(struct database *p)
{
    if (p->working || p->handles > 0)
        return;
    if (p->files)
        data_files_close(p->files);
    collection_fini(&p->served);
    collection_fini(&p->next);
    fit_cuts_fini(&p->cuts);
    let_images_go(&p->served_images);
    let_images_go(&p->next_images);
    free(p);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct database *p = handle->data;

    p->handles--;
    free_if_closed(p);
}

void database_close(struct database *p)
{
    p->closing = true;
    if (p->reload)
        reload_close(p->reload);
    static_files_close(p->static_files);
    on_change_set_close(&p->on_changes);
    uv_close((uv_handle_t *)&p->timer, on_handle_closed);
    uv_close((uv_handle_t *)&p->later, on_handle_closed);
    uv_close((uv_handle_t *)&p->renew, on_handle_closed);
}

int database_new(struct database **database, uv_loop_t *loop, const struct database_options *config,
                 const struct registry *registry, database_told *told, void *owner)
{
    struct database *p = calloc(1, sizeof *p);
    int error;

    if (!p)
        return -ENOMEM;
    p->loop = loop;
    p->registry = registry;
    p->told = told;
    p->owner = owner;
    p->config = config;
    collection_init(&p->served);
    collection_init(&p->next);
    pace_init(&p->pace, (uint64_t)config->interval * 1000);
    uv_timer_init(loop, &p->timer);
    uv_timer_init(loop, &p->later);
    uv_timer_init(loop, &p->renew);
    uv_unref((uv_handle_t *)&p->later);
    uv_unref((uv_handle_t *)&p->renew);
    p->timer.data = p->later.data = p->renew.data = p->work.data = p;
    p->handles = 3;
    error = reload_new(&p->reload, loop, &config->reload, config->name, on_told, p);
    p->static_files = static_files_new(loop, on_static_files, p);
    if (!p->static_files)
        error = -ENOMEM;
    if (!error)
        error = static_files_set(p->static_files, config->static_files);
    if (!error)
        error = data_files_open(&p->files, config->directory);
    if (error) {
        database_close(p);
        return error;
    }
    *database = p;
    return 0;
}
