#include "database.h"

#include "../../common/boot-clock.h"
#include "../../zones/fit.h"
#include "../../zones/record.h"
#include "../../zones/static-image.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../log.h"
#include "../state/budgets.h"
#include "../state/listings.h"
#include "build-plan.h"
#include "collect.h"
#include "on-changes.h"
#include "stamps.h"
#include "static-files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What the files hold, or are to hold. */
struct edition {
    struct collection records;
    struct collect_images images; /* with a reference to each */
    uint32_t serial;
};

struct database {
    uv_loop_t *loop;
    const struct database_options *options;
    struct registry *registry;
    database_news *news;
    void *owner;

    /* What is to be done next. */
    struct build_plan plan;
    struct stamps stamps; /* of the last build that began */
    uv_timer_t timer;
    bool closing;

    /* What it is made of, and the work on the thread, which has `files` and `next` meanwhile. */
    struct static_files *static_files;
    struct data_files *files;
    struct edition next;
    uv_work_t work;
    enum build_step step; /* that the thread is at */
    int result;

    /* What is served. */
    struct edition served;
    struct reload *reload;
    time_t built;   /* when the files were written; 0: never */
    uint64_t build; /* number of the build that is in the files; 0: none of ours */
    uint64_t live;  /* number of the build that the server was told of; 0: it cannot be told */

    struct fit_cuts cuts; /* those that the log has */
    struct on_changes on_changes;
};

/* ---- collecting ---- */

/* What was collected turned out to be what the files hold. */
static void settle_listing(struct listing *listing, void *context)
{
    const struct database *p = context;

    if (strcmp(listing->zone->database, p->options->name) == 0 && listing->build > p->build)
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
    const struct listing *listing =
        zone ? listings_find(&registry->listings, zone, cut->owner) : NULL;

    return listing ? listing->uid : (uint32_t)LOG_NOBODY;
}

/* What does not fit is logged once, until it has fitted. */
static void log_cuts(struct database *p)
{
    struct fit_cuts logged = p->cuts;

    for (size_t i = 0; i < p->next.records.cuts.n; i++) {
        const struct fit_cut *cut = &p->next.records.cuts.cuts[i];

        if (!fit_cuts_find(&logged, cut->owner, cut->type))
            log_caused(LOG_CUT, owner_of(p->registry, cut),
                       "%s: of %zu %s records only the first %zu are published: more do not fit "
                       "in a reply over UDP",
                       cut->owner, cut->all, type_word(cut->type), cut->kept);
    }
    p->cuts = p->next.records.cuts;
    p->next.records.cuts = logged;
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
    for (size_t i = 0; i < p->next.records.n_short; i++) {
        const struct listing *listing = p->next.records.short_ones[i];

        log_caused(LOG_LIMIT, listing->uid,
                   "%s (uid %u): of its %zu addresses only the first %zu are looked at: more than "
                   "%s can have",
                   listing->name, listing->uid, listing->counted,
                   listing->counted - listing->left_out, limit_of(listing));
    }
}

/* ---- static files ---- */

static void let_images_go(struct collect_images *set)
{
    for (size_t i = 0; i < set->n; i++)
        static_image_unref(set->images[i]);
    set->n = 0;
}

static void take_images(struct collect_images *set, const struct static_files *files)
{
    let_images_go(set);
    set->n = static_files_images(files, set->images, STATIC_FILES_MAX);
    for (size_t i = 0; i < set->n; i++)
        static_image_ref(set->images[i]);
}

static bool same_images(const struct collect_images *a, const struct collect_images *b)
{
    return a->n == b->n && memcmp(a->images, b->images, a->n * sizeof *a->images) == 0;
}

static void edition_fini(struct edition *edition)
{
    collection_fini(&edition->records);
    let_images_go(&edition->images);
}

static void on_static_files(void *owner)
{
    database_changed(owner);
}

/* ---- building ---- */

static void on_timer(uv_timer_t *timer);
static void on_closed(uv_handle_t *timer);

static enum build_step next_step(struct database *p, uint64_t *wait)
{
    p->plan.unread = !static_files_ready(p->static_files);
    if (stamps_outdated(&p->stamps, boot_epoch()))
        p->plan.renew = 0;
    return build_plan_next(&p->plan, uv_now(p->loop), time(NULL), wait);
}

/* The next step is taken in the next turn of the loop, or later. */
static void schedule(struct database *p)
{
    uint64_t wait;

    if (next_step(p, &wait) != BUILD_NOTHING)
        uv_timer_start(&p->timer, on_timer, wait, 0);
}

/* After a step, and last of all, since the owner may close us. */
static void go_on(struct database *p)
{
    bool news = p->plan.news;

    p->plan.news = false;
    schedule(p);
    if (news)
        p->news(p->owner);
}

static void end_build(struct database *p, int result)
{
    const char *name = p->options->name;

    if (result && !p->plan.failed)
        log_caused(LOG_DATABASE, LOG_NOBODY, "database %s: not written, the last one stays: %s",
                   name, data_files_error(result));
    if (!result && p->plan.failed)
        log_caused_over(LOG_DATABASE, LOG_NOBODY, "database %s: written again", name);
    build_plan_ended(&p->plan, uv_now(p->loop), time(NULL), result, p->options->expire);
}

/* Of those zones that have other records than `before`. */
static void run_on_changes(struct database *p, const struct collection *before)
{
    on_changes_run(&p->on_changes, p->options->name, p->options->directory, &p->served.records,
                   before, p->served.serial);
}

static void finish_build(struct database *p)
{
    static const struct collection none; /* lines of a static file may be any zone's */
    struct edition before = p->served;

    end_build(p, p->result);
    if (p->result)
        return;
    p->served = p->next;
    p->next = before;
    p->build++;
    p->built = time(NULL);
    log_debug("database %s: serial %u, %zu records", p->options->name, p->served.serial,
              p->served.records.records.count);
    run_on_changes(p, same_images(&p->served.images, &before.images) ? &before.records : &none);
    let_images_go(&p->next.images);
    reload_tell(p->reload, p->build);
}

static void write_files(struct database *p)
{
    struct build build = {
        .records = &p->next.records.records,
        .images = (const struct static_image *const *)p->next.images.images,
        .n_images = p->next.images.n,
        .serial = p->next.serial,
    };

    p->result = data_files_write(p->files, &build);
}

/* What is next gets its serial and its end. */
static void stamp(struct database *p)
{
    int64_t wall = time(NULL);

    p->next.serial = data_files_next_serial(p->files, wall);
    if (p->options->expire > 0)
        records_set_end(&p->next.records.records, wall + p->options->expire);
    p->stamps = (struct stamps){p->next.serial, p->options->expire > 0, wall, boot_epoch()};
}

/* The records that there should be, and whether they are to be written; where not, everything
 * collected is settled. */
static bool collect_next(struct database *p)
{
    struct edition *next = &p->next;
    uint64_t began = uv_hrtime();
    bool same;

    take_images(&next->images, p->static_files);
    if (!collect(&next->records, p->registry, p->options->name, &next->images, p->build + 1)) {
        end_build(p, -ENOMEM);
        return false;
    }
    log_cuts(p);
    log_short_ones(p);
    same = p->build > 0 && same_images(&p->served.images, &next->images) &&
           records_equal(&p->served.records.records, &next->records.records);
    if (!build_plan_collected(&p->plan, uv_now(p->loop), time(NULL), same, uv_hrtime() - began)) {
        listings_each(&p->registry->listings, settle_listing, p);
        return false;
    }
    stamp(p);
    return true;
}

/* The server has long turned from the file that is let go: to free a large one takes a while, and
 * so is done in the pool too. */
static void on_pool(uv_work_t *work)
{
    struct database *p = work->data;

    if (p->step == BUILD_COLLECT)
        write_files(p);
    else
        data_files_release_old(p->files);
}

static void after_pool(uv_work_t *work, int status)
{
    struct database *p = work->data;

    (void)status; /* nobody cancels it */
    p->plan.working = false;
    if (p->closing) {
        uv_close((uv_handle_t *)&p->timer, on_closed);
        return;
    }
    if (p->step == BUILD_COLLECT)
        finish_build(p);
    else
        p->plan.release = PLAN_NEVER;
    go_on(p);
}

static void go_to_pool(struct database *p, enum build_step step)
{
    p->step = step;
    p->plan.working = true;
    uv_queue_work(p->loop, &p->work, on_pool, after_pool);
}

static void on_timer(uv_timer_t *timer)
{
    struct database *p = timer->data;
    uint64_t wait;
    enum build_step step = next_step(p, &wait);

    if ((step == BUILD_COLLECT && collect_next(p)) || step == BUILD_RELEASE)
        go_to_pool(p, step);
    go_on(p);
}

/* The server was told, or (0) cannot be: perhaps before reload_tell() has returned, so that the
 * owner hears later. */
static void on_told(void *owner, uint64_t number)
{
    struct database *p = owner;

    p->live = number;
    p->plan.news = true;
    schedule(p);
}

/* ---- the outside ---- */

void database_zones_changed(struct database *p)
{
    on_changes_set_zones(&p->on_changes, p->options->name, p->options->directory);
    run_on_changes(p, &p->served.records); /* which are the same: for new programs */
}

void database_changed(struct database *p)
{
    p->plan.dirty = true;
    schedule(p);
}

void database_retry_programs(struct database *p)
{
    reload_retry(p->reload);
    on_changes_retry(&p->on_changes);
}

void database_look_at_clock(struct database *p)
{
    schedule(p);
}

int database_build_now(struct database *p)
{
    static_files_read_now(p->static_files);
    if (collect_next(p)) {
        write_files(p);
        finish_build(p);
    }
    go_on(p);
    return p->plan.failed;
}

void database_hurry(struct database *p)
{
    static_files_read_now(p->static_files);
    p->plan.hurried = true;
    schedule(p);
}

bool database_at_rest(const struct database *p)
{
    return build_plan_at_rest(&p->plan);
}

bool database_serves(const struct database *p, const struct listing *listing)
{
    return listing->state == LISTING_SHOWN && listing->build <= p->live;
}

time_t database_built(const struct database *p)
{
    return p->built;
}

int database_failure(const struct database *p)
{
    return p->plan.failed;
}

bool database_clashes(const struct database *p, const char *name, const char *apex, char *why,
                      size_t room)
{
    return static_files_clash(p->static_files, name, apex, why, room);
}

const char *database_untold(const struct database *p)
{
    return reload_untold(p->reload);
}

const struct database_options *database_options(const struct database *p)
{
    return p->options;
}

void database_set_options(struct database *p, const struct database_options *options)
{
    if (p->options->expire != options->expire)
        p->plan.renew = 0; /* and with it the records' ends */
    p->options = options;
    p->plan.interval = (uint64_t)options->interval * 1000;
    reload_set_options(p->reload, &options->reload, options->name);
    if (static_files_set(p->static_files, options->static_files) < 0)
        log_error("database %s: its static files stay those of before: out of memory",
                  options->name);
    go_on(p);
}

static void on_closed(uv_handle_t *timer)
{
    struct database *p = timer->data;

    if (p->files)
        data_files_close(p->files);
    edition_fini(&p->served);
    edition_fini(&p->next);
    fit_cuts_fini(&p->cuts);
    free(p);
}

void database_close(struct database *p)
{
    p->closing = true;
    if (p->reload)
        reload_close(p->reload);
    static_files_close(p->static_files);
    on_changes_close(&p->on_changes);
    uv_timer_stop(&p->timer);
    if (!p->plan.working) /* else the timer is closed, and all is freed, after the thread's work */
        uv_close((uv_handle_t *)&p->timer, on_closed);
}

int database_new(struct database **database, uv_loop_t *loop,
                 const struct database_options *options, struct registry *registry,
                 database_news *news, void *owner)
{
    struct database *p = calloc(1, sizeof *p);
    int error;

    if (!p)
        return -ENOMEM;
    p->loop = loop;
    p->registry = registry;
    p->news = news;
    p->owner = owner;
    p->options = options;
    p->on_changes = (struct on_changes){.loop = loop, .registry = registry};
    collection_init(&p->served.records);
    collection_init(&p->next.records);
    build_plan_init(&p->plan, (uint64_t)options->interval * 1000);
    uv_timer_init(loop, &p->timer);
    p->timer.data = p->work.data = p;
    error = reload_new(&p->reload, loop, &options->reload, options->name, on_told, p);
    p->static_files = static_files_new(loop, on_static_files, p);
    if (!p->static_files)
        error = -ENOMEM;
    if (!error)
        error = static_files_set(p->static_files, options->static_files);
    if (!error)
        error = data_files_open(&p->files, options->directory);
    if (error) {
        database_close(p);
        return error;
    }
    *database = p;
    return 0;
}
