#include "database.h"

#include "../../common/boot-clock.h"
#include "../../zones/fit.h"
#include "../../zones/image.h"
#include "../../zones/record.h"
#include "../../zones/static-image.h"
#include "../../zones/zone.h"
#include "../launcher/launcher.h"
#include "../limits.h"
#include "../log.h"
#include "../state/budgets.h"
#include "../state/listings.h"
#include "build-plan.h"
#include "keeping.h"
#include "name-servers.h"
#include "on-change.h"
#include "reload-options.h"
#include "reload.h"
#include "stamps.h"
#include "static-files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct database {
    uv_loop_t *loop;
    const struct database_options *options;
    struct registry *registry;
    database_news *news;
    void *owner;

    /* What is to be done next. */
    struct build_plan plan;
    struct stamps stamps; /* of data.cdb */
    uv_timer_t timer;
    size_t share; /* the number of databases that share the loop's slices */
    bool closing;

    /* What it is made of. */
    struct static_files *static_files;
    struct kept_images images; /* we hold a reference to each */
    struct keeping keeping;
    struct name_servers name_servers;
    bool zones_changed; /* while the thread worked: everything must be looked at anew */

    /* The thread's work. While it runs, only the thread uses the following, and the changes. */
    uv_work_t work;
    enum build_step step; /* the thread's present step */
    bool compares;        /* the image is made from scratch, and written if it differs */
    bool forced;          /* it is written even if it does not differ */
    int result;
    bool made;           /* the image differs from the one before */
    bool in_image;       /* the image has the changes */
    bool written;        /* data.cdb was written; if `result` is an error, this failed */
    struct image image;  /* of the last build, even if it could not be written */
    struct image beside; /* the one made from scratch */
    struct image_frame frame;
    struct stamps next_stamps; /* of the files that are being written */
    struct data_files *files;

    /* What is served. */
    struct reload *reload;
    time_t built;     /* when both files were written; 0: never */
    uint64_t live;    /* number of the build that the server was told of; 0: it cannot be told */
    bool untold;      /* the server was not told of the present data.cdb yet */
    bool unwritten;   /* data.cdb was made of another image, or of other static files */
    bool all_changed; /* static files changed, so the on-change programs of all zones are run */
    struct on_changes on_changes;
};

/* ---- the log ---- */

static const char *type_word(enum record_type type)
{
    return type == RECORD_A ? "A" : type == RECORD_AAAA ? "AAAA" : "PTR";
}

/* The user who is charged with the log line. PTR records belong to nobody. */
static uint32_t owner_of(const struct registry *registry, const struct fit_cut *cut)
{
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, cut->owner);
    const struct listing *listing =
        zone ? listings_find(&registry->listings, zone, cut->owner) : NULL;
    return listing ? listing->uid : (uint32_t)LOG_NOBODY;
}

/* Called once for records that do not fit, and again only after they have fitted. */
static void on_cut(void *owner, const struct fit_cut *cut)
{
    const struct database *p = owner;
    log_caused(LOG_CUT, owner_of(p->registry, cut),
               "%s: of %zu %s records only the first %zu are published: more do not fit in a reply "
               "over UDP",
               cut->owner, cut->all, type_word(cut->type), cut->kept);
}

/* Which limit the listing's addresses have reached. */
static const char *limit_of(const struct listing *listing)
{
    if (listing->allowed == NAME_ADDRESSES_MAX)
        return "a name";
    return budget_left(listing->budget) < DATABASE_ADDRESSES_MAX - listing->budget->database->used
               ? "the names of a user"
               : "a database";
}

static void on_short(void *owner, const struct listing *listing)
{
    (void)owner;
    log_caused(LOG_LIMIT, listing->uid,
               "%s (uid %u): of its %u addresses only the first %u are used: more than %s can have",
               listing->name, listing->uid, listing->counted, listing->counted - listing->left_out,
               limit_of(listing));
}

static void on_static(void *owner, const struct listing *listing)
{
    const struct database *p = owner;
    char why[REGISTRY_WHY_MAX] = "";
    database_clashes(p, listing->name, listing->zone->name, why, sizeof why);
    log_caused(LOG_LOST, listing->uid, "not published while this is so: %s", why);
}

static void on_name_server(void *owner, const struct zone *zone, const char *name, bool has)
{
    (void)owner;
    if (has)
        log_caused_over(LOG_LOST, LOG_NOBODY, "zone %s: its name server %s has an address",
                        zone->name, name);
    else
        log_caused(LOG_LOST, LOG_NOBODY,
                   "zone %s: its name server %s has no address: nobody has registered it with one "
                   "that is shown, and no static file has one",
                   zone->name, name);
}

static const struct keeping_ops keeping_ops = {
    .is_cut = on_cut, .is_short = on_short, .is_static = on_static};

/* ---- static files ---- */

static void let_images_go(struct kept_images *set)
{
    for (size_t i = 0; i < set->n; i++)
        static_image_unref(set->images[i]);
    set->n = 0;
}

static bool has_other_images(const struct database *p)
{
    struct kept_images now;
    now.n = static_files_images(p->static_files, now.images, STATIC_FILES_MAX);
    return now.n != p->images.n ||
           memcmp(now.images, p->images.images, now.n * sizeof *now.images) != 0;
}

/* False if memory ran out. */
static bool take_images(struct database *p)
{
    struct kept_images before = p->images;
    p->images.n = static_files_images(p->static_files, p->images.images, STATIC_FILES_MAX);
    for (size_t i = 0; i < p->images.n; i++)
        static_image_ref(p->images.images[i]);
    p->unwritten = p->all_changed = true;
    bool done = keeping_set_images(&p->keeping, &before);
    let_images_go(&before);
    return done;
}

static void on_static_files(void *owner)
{
    database_changed(owner);
}

/* ---- what is next ---- */

static void on_timer(uv_timer_t *timer);
static void on_closed(uv_handle_t *timer);

enum { NS_PER_MS = 1000000 };

static uint64_t now_ns(const struct database *p)
{
    return uv_now(p->loop) * NS_PER_MS;
}

/* After a lack of memory, everything is looked at again when the next build is tried. */
static uint64_t look_time(const struct database *p)
{
    uint64_t due = has_other_images(p) ? 0 : keeping_due(&p->keeping, now_ns(p), p->plan.hurried);
    if (keeping_is_incomplete(&p->keeping) && p->plan.failed && !p->plan.hurried)
        return p->plan.next;
    return due == UINT64_MAX ? PLAN_NEVER : (due + NS_PER_MS - 1) / NS_PER_MS;
}

static enum build_step next_step(struct database *p, uint64_t *wait)
{
    struct build_plan *plan = &p->plan;
    const struct keeping *keeping = &p->keeping;
    if (stamps_outdated(&p->stamps, boot_epoch()))
        plan->renew = 0;
    plan->unread = !static_files_ready(p->static_files);
    if (!plan->working) { /* otherwise the thread uses `keeping` */
        plan->look = look_time(p);
        plan->incomplete = keeping_is_incomplete(keeping);
        plan->changed = p->unwritten || keeping_has_changes(keeping);
        plan->audited = keeping_compares(keeping);
    }
    return build_plan_next(plan, uv_now(p->loop), time(NULL), wait);
}

/* The next step is taken in the next turn of the loop, or later. LOOK_REST_MS gives others a turn
 * between two slices of looking: a timer of 0 ms that a timer starts fires before anything else
 * (uv__run_timers()). An earlier timer stays, so that constant changes postpone nothing. */
static void schedule(struct database *p)
{
    uint64_t wait;
    enum build_step step = next_step(p, &wait);
    if (step == BUILD_LOOK && p->plan.looks != PLAN_NEVER)
        wait = LOOK_REST_MS;
    if (step != BUILD_NOTHING &&
        (!uv_is_active((uv_handle_t *)&p->timer) || uv_timer_get_due_in(&p->timer) > wait))
        uv_timer_start(&p->timer, on_timer, wait, 0);
}

/* Must be the last call of a step, because the owner may close us. An owner that hurries us is told
 * when nothing is left to do. */
static void go_on(struct database *p)
{
    bool news = p->plan.news;
    p->plan.news = false;
    schedule(p);
    if (news || (p->plan.hurried && build_plan_at_rest(&p->plan)))
        p->news(p->owner);
}

/* ---- looking ---- */

static void end_step(struct database *p, bool text, int error)
{
    const char *name = p->options->name;
    const char *what = text ? "data.cdb is replaced, but its text, data, is not written"
                            : "not written, the last one stays";
    if (error && !p->plan.failed)
        log_caused(LOG_DATABASE, LOG_NOBODY, "database %s: %s: %s", name, what,
                   data_files_error(error));
    if (!error && p->plan.failed)
        log_caused_over(LOG_DATABASE, LOG_NOBODY, "database %s: written again", name);
    build_plan_ended(&p->plan, uv_now(p->loop), error);
}

static void begin_anew(struct database *p, bool touched)
{
    keeping_begin_anew(&p->keeping, p->options->name, touched);
    p->plan.audit = PLAN_NEVER;
}

static void fail_to_look(struct database *p)
{
    begin_anew(p, false);
    end_step(p, false, -ENOMEM);
}

/* An audit follows a change. */
static void plan_audit(struct database *p)
{
    if (p->plan.audit == PLAN_NEVER && keeping_has_changes(&p->keeping))
        p->plan.audit = uv_now(p->loop) + AUDIT_MS;
}

static void look(struct database *p, uint64_t limit_us)
{
    enum keeping_outcome outcome = KEEPING_FAILED;
    bool settled = false;
    if (!has_other_images(p) || take_images(p))
        outcome = keeping_look(&p->keeping, now_ns(p), p->plan.hurried, limit_us * 1000, &settled);
    if (outcome == KEEPING_FAILED)
        fail_to_look(p);
    build_plan_looked(&p->plan, uv_now(p->loop), outcome != KEEPING_MORE, settled);
    plan_audit(p);
}

static void audit(struct database *p)
{
    enum keeping_outcome outcome = keeping_audit(&p->keeping, AUDIT_SLICE_US * 1000 / p->share);
    p->plan.audit = outcome == KEEPING_MORE ? uv_now(p->loop) + AUDIT_REST_MS : PLAN_NEVER;
    if (outcome == KEEPING_FAILED)
        fail_to_look(p);
    if (outcome == KEEPING_DONE) /* a while after a start, when all holders have registered */
        name_servers_look(&p->name_servers, p->registry, p->options->name, &p->images);
}

/* ---- writing ---- */

/* Changes the image in place; or makes one from scratch, which replaces it if it is written. */
static int make_image(struct database *p)
{
    const struct image_changes *changes = keeping_changes(&p->keeping);
    struct image before = p->image;
    p->made = false;
    if (!p->compares) {
        int error = image_make(&p->image, &p->image, changes, &p->frame);
        p->made = !error && image_changes_count(changes) > 0;
        return error;
    }
    int error = image_make(&p->beside, NULL, changes, &p->frame);
    p->made = !error && (p->keeping.look.build == 0 || !image_equal(&before, &p->beside));
    if (!error && (p->made || p->forced)) {
        p->image = p->beside;
        p->beside = before;
    }
    image_fini(&p->beside);
    return error;
}

static void write_data_cdb(struct database *p)
{
    p->result = make_image(p);
    p->in_image = p->result == 0;
    p->written = p->in_image && (p->forced || p->made);
    if (p->written)
        p->result = data_files_write_cdb(p->files, &p->image);
}

static void begin_write(struct database *p)
{
    int64_t wall = time(NULL);
    p->compares = keeping_compares(&p->keeping);
    p->forced = p->unwritten || !p->compares || build_plan_renews(&p->plan, uv_now(p->loop), wall);
    p->frame = (struct image_frame){
        .images = (const struct static_image *const *)p->images.images,
        .n_images = p->images.n,
        .serial = data_files_next_serial(p->files, wall),
        .end = p->options->expire > 0 ? wall + p->options->expire : 0,
    };
    p->next_stamps = (struct stamps){p->frame.serial, p->options->expire > 0, wall, boot_epoch()};
    if (p->forced)
        build_plan_begun(&p->plan, uv_now(p->loop));
}

static void tell(struct database *p)
{
    p->untold = false;
    reload_tell(p->reload, p->keeping.look.build);
}

/* If the zones were read again meanwhile, nothing is known about them yet. */
static void run_on_changes(struct database *p)
{
    if (p->zones_changed || keeping_is_incomplete(&p->keeping))
        return;
    on_changes_run(&p->on_changes, &p->keeping.kept, p->options->directory, p->image.serial,
                   p->all_changed);
    p->all_changed = false;
}

/* The image has the changes, even if writing it failed. */
static void finish_image(struct database *p)
{
    if (p->made && p->keeping.how == KEEPING_AUDITED && p->compares)
        log_error(
            "database %s: an audit found that it is not as it should be, which is an error in "
            "phonebookd; it is written anew",
            p->options->name);
    if (p->made) {
        p->keeping.look.build++;
        p->unwritten = true;
    }
    keeping_in_place(&p->keeping, p->compares);
}

static void finish_data_cdb(struct database *p)
{
    uint64_t now = uv_now(p->loop);
    if (p->in_image)
        finish_image(p);
    if (p->result) {
        end_step(p, false, p->result);
        return;
    }
    if (!p->written) { /* it was only compared */
        if (p->plan.text == PLAN_NEVER) {
            end_step(p, false, 0);
            run_on_changes(p);
        }
        p->plan.news = true;
        return;
    }
    if (!p->forced)
        build_plan_begun(&p->plan, now);
    build_plan_written(&p->plan, now, time(NULL), p->options->expire);
    p->stamps = p->next_stamps;
    p->unwritten = false;
    p->untold = true;
    if (p->options->reload.kind != RELOAD_COMMAND)
        tell(p);
}

/* Programs run when both files are in place. */
static void finish_text(struct database *p)
{
    if (p->result == -ESTALE) { /* the directory was replaced, and lacks our data.cdb */
        p->unwritten = true;
        p->plan.text = PLAN_NEVER;
        p->plan.next = 0;
        return;
    }
    end_step(p, true, p->result);
    if (p->result)
        return;
    p->built = time(NULL);
    log_debug("database %s: serial %u, %zu records", p->options->name, p->image.serial,
              p->image.n_ours);
    run_on_changes(p);
    if (p->untold)
        tell(p);
}

static void on_pool(uv_work_t *work)
{
    struct database *p = work->data;
    if (p->step == BUILD_WRITE)
        write_data_cdb(p);
    else
        p->result = data_files_write_text(p->files, &p->image, p->frame.images, p->frame.n_images);
}

static void finish_step(struct database *p)
{
    if (p->step == BUILD_WRITE)
        finish_data_cdb(p);
    else
        finish_text(p);
    if (p->zones_changed)
        begin_anew(p, false);
    p->zones_changed = false;
}

static void after_pool(uv_work_t *work, int status);

static void go_to_pool(struct database *p, enum build_step step)
{
    p->step = step;
    p->plan.working = true;
    uv_queue_work(p->loop, &p->work, on_pool, after_pool);
}

/* Writes the text that belongs to data.cdb before it closes. */
static void finish_closing(struct database *p)
{
    if (p->plan.working && p->step == BUILD_WRITE && p->written && !p->result)
        p->plan.text = 0;
    else if (p->plan.working && p->step == BUILD_TEXT)
        p->plan.text = PLAN_NEVER;
    if (p->plan.text != PLAN_NEVER)
        go_to_pool(p, BUILD_TEXT);
    else
        uv_close((uv_handle_t *)&p->timer, on_closed);
}

static void after_pool(uv_work_t *work, int status)
{
    struct database *p = work->data;
    (void)status; /* nobody cancels it */
    if (p->closing) {
        finish_closing(p);
        return;
    }
    p->plan.working = false;
    finish_step(p);
    go_on(p);
}

/* Waking a thread takes longer than writing a small file in memory. */
static bool is_quick(const struct database *p)
{
    return !p->compares &&
           data_files_are_quick(
               p->files, image_length_max(&p->image, keeping_changes(&p->keeping), &p->frame));
}

static void begin_step(struct database *p, enum build_step step)
{
    p->step = step;
    if (!is_quick(p)) {
        go_to_pool(p, step);
        return;
    }
    on_pool(&p->work);
    finish_step(p);
}

/* If one slice is enough to look at everything, the files are written in the same turn. */
static void on_timer(uv_timer_t *timer)
{
    struct database *p = timer->data;
    uint64_t wait;
    enum build_step step = next_step(p, &wait);
    if (step == BUILD_LOOK) {
        look(p, LOOK_SLICE_US / p->share);
        step = p->plan.looks == PLAN_NEVER ? next_step(p, &wait) : BUILD_NOTHING;
    }
    if (step == BUILD_AUDIT)
        audit(p);
    if (step == BUILD_WRITE)
        begin_write(p);
    if (step == BUILD_WRITE || step == BUILD_TEXT)
        begin_step(p, step);
    go_on(p);
}

/* The server was told, or (0) cannot be. reload_tell() may not have returned yet, so the owner is
 * told later. */
static void on_told(void *owner, uint64_t number)
{
    struct database *p = owner;
    p->live = number;
    p->plan.news = true;
    schedule(p);
}

/* ---- the outside ---- */

static void set_zones(struct database *p)
{
    on_changes_set_zones(&p->on_changes, p->registry->zones, p->registry->n_zones,
                         p->options->name);
    name_servers_fini(&p->name_servers); /* their zones may be gone */
    p->zones_changed = p->plan.working;  /* the thread uses `keeping` */
}

void database_zones_changed(struct database *p)
{
    set_zones(p);
    if (!p->zones_changed)
        begin_anew(p, true);
    go_on(p);
}

void database_zones_replaced(struct database *p)
{
    set_zones(p);
    if (!p->zones_changed && !keeping_change_zones(&p->keeping))
        begin_anew(p, false);
    go_on(p);
}

void database_changed(struct database *p)
{
    schedule(p);
}

void database_retry_programs(struct database *p)
{
    reload_retry(p->reload);
    on_changes_retry(&p->on_changes);
}

/* Takes both steps at once, without a thread. */
static void write_now(struct database *p)
{
    begin_write(p);
    p->step = BUILD_WRITE;
    on_pool(&p->work);
    finish_step(p);
    if (p->plan.text != 0)
        return;
    p->step = BUILD_TEXT;
    on_pool(&p->work);
    finish_step(p);
}

int database_build_now(struct database *p)
{
    static_files_read_now(p->static_files);
    uint64_t wait;
    while (next_step(p, &wait) == BUILD_LOOK)
        look(p, UINT32_MAX);
    if (next_step(p, &wait) == BUILD_WRITE)
        write_now(p);
    go_on(p);
    return p->plan.failed;
}

void database_hurry(struct database *p)
{
    static_files_read_now(p->static_files);
    build_plan_hurry(&p->plan);
    schedule(p);
}

bool database_at_rest(const struct database *p)
{
    return build_plan_at_rest(&p->plan);
}

bool database_is_free(const struct database *p)
{
    return build_plan_is_free(&p->plan, uv_now(p->loop));
}

bool database_serves(const struct database *p, const struct listing *listing)
{
    return listing->state == LISTING_SHOWN && listing->build <= p->live;
}

bool database_has_told(const struct database *p, const struct listing *listing)
{
    return listing->changed <= p->live;
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

/* Another name selects other zones. */
static void set_name(struct database *p, const struct database_options *before)
{
    bool same = strcmp(p->options->name, before->name) == 0;
    p->keeping.database = p->options->name;
    if (!same && p->plan.working)
        p->zones_changed = true;
    else if (!same)
        begin_anew(p, false);
}

void database_set_options(struct database *p, const struct database_options *options)
{
    const struct database_options *before = p->options;
    if (p->options->expire != options->expire)
        p->plan.renew = 0; /* the records get other ends */
    p->options = options;
    set_name(p, before);
    p->plan.interval = (uint64_t)options->interval * 1000;
    reload_set_options(p->reload, &options->reload, options->name);
    if (static_files_set(p->static_files, options->static_files) < 0)
        log_error("database %s: it keeps its former static files: out of memory", options->name);
    go_on(p);
}

void database_set_share(struct database *p, size_t n)
{
    p->share = n;
}

static void on_closed(uv_handle_t *timer)
{
    struct database *p = timer->data;
    if (p->files)
        data_files_close(p->files);
    keeping_fini(&p->keeping);
    name_servers_fini(&p->name_servers);
    image_fini(&p->image);
    image_fini(&p->beside);
    let_images_go(&p->images);
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
    if (!p->plan.working) /* otherwise after_pool() does it */
        finish_closing(p);
}

int database_new(struct database **database, struct launcher *launcher,
                 const struct database_options *options, struct registry *registry,
                 database_news *news, void *owner)
{
    struct database *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->loop = launcher_loop(launcher);
    p->registry = registry;
    p->news = news;
    p->owner = owner;
    p->options = options;
    p->share = 1;
    p->on_changes = (struct on_changes){.launcher = launcher};
    image_init(&p->image);
    image_init(&p->beside);
    keeping_init(&p->keeping, options->name, registry, &p->images, &p->image, &keeping_ops, p);
    name_servers_init(&p->name_servers, on_name_server, p);
    build_plan_init(&p->plan, (uint64_t)options->interval * 1000);
    uv_timer_init(p->loop, &p->timer);
    p->timer.data = p->work.data = p;
    int error = reload_new(&p->reload, launcher, &options->reload, options->name, on_told, p);
    p->static_files = static_files_new(p->loop, on_static_files, p);
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
