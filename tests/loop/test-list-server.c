/* The list socket: which readers are admitted, their order, and what they cost the others. */
#include "../../phonebookd/clients/list-server.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "../unit/unbuilt.h"
#include "scene.h"
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_ROOM = 1 << 22, N = 3000 /* names, whose list does not fit into a socket at once */ };

struct world {
    struct scene scene;
    struct list_source source;
    struct list_server server;
    char *text; /* read since the last look() */
    size_t length;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    scene_init(&world->scene);
    world->text = calloc(1, TEXT_ROOM);
    world->source =
        (struct list_source){.registry = &world->scene.room.registry, .served = unbuilt_served};
    list_server_init(&world->server, &world->scene.t.loop, &world->source);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    list_server_close(&world->server);
    int result = scene_fini(&world->scene);
    if (world->server.n_readers != 0 || world->server.slices.n_kept != 0)
        result = -1;
    free(world->text);
    free(world);
    return result;
}

static int reader_of(struct world *world, uid_t uid)
{
    int ours, theirs;
    stage_pair(uid, &ours, &theirs);
    list_server_add(&world->server, ours);
    return theirs;
}

static int reader(struct world *world)
{
    return reader_of(world, geteuid());
}

static void change(struct world *world)
{
    list_server_changed(&world->server);
}

static void turn(struct world *world)
{
    uv_run(&world->scene.t.loop, UV_RUN_NOWAIT);
}

/* Reads on; true at the end of file. */
static bool receive_some(struct world *world, int fd, size_t most)
{
    size_t room = TEXT_ROOM - 1 - world->length;
    ssize_t n = recv(fd, world->text + world->length, most < room ? most : room, 0);
    if (n > 0)
        world->length += (size_t)n;
    assert_true(n >= 0 || errno == EAGAIN);
    world->text[world->length] = '\0';
    return n == 0;
}

/* Reads everything until the end of file; closes. */
static const char *read_on(struct world *world, int fd)
{
    LOOP_RUN_UNTIL(&world->scene.t, receive_some(world, fd, TEXT_ROOM));
    close(fd);
    return world->text;
}

static const char *read_all(struct world *world, int fd)
{
    world->length = 0;
    return read_on(world, fd);
}

static struct registration *fill_one(struct world *world, int i)
{
    char name[128];
    snprintf(name, sizeof name, "n%04d-%050d.internal", i, i);
    return scene_claim(&world->scene, name, "eth0");
}

static void fill(struct world *world, int n)
{
    for (int i = 0; i < n; i++)
        fill_one(world, i);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

static size_t count_lines(const char *text)
{
    return count(text, "\n");
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);
    return length >= n && strcmp(text + length - n, end) == 0;
}

static bool is_refused(struct world *world, int fd)
{
    return strcmp(read_all(world, fd), "busy") == 0;
}

static void without_names_the_list_is_empty(void **state)
{
    struct world *world = *state;
    assert_string_equal(read_all(world, reader(world)), "");
}

static void each_name_is_listed(void **state)
{
    struct world *world = *state;
    scene_claim(&world->scene, "www", "eth0");
    assert_int_equal(count_lines(read_all(world, reader(world))), 2);
    assert_non_null(strstr(world->text, "name=www.box.example interface=eth0 "));
    assert_non_null(strstr(world->text, "name=www.internal interface=eth0 "));
}

/* ---- what is the same for all is written once ---- */

static void readers_share_what_is_written(void **state)
{
    struct world *world = *state;
    fill(world, N);
    assert_int_equal(count_lines(read_all(world, reader(world))), N);
    uint64_t each = world->server.slices.n_written;
    assert_true(each > 5);
    assert_int_equal(count_lines(read_all(world, reader(world))), N); /* a later reader */
    assert_int_equal(world->server.slices.n_written, each);
    change(world);
    int fds[3];
    for (int i = 0; i < 3; i++) /* readers that come together */
        fds[i] = reader(world);
    for (int i = 0; i < 3; i++)
        assert_int_equal(count_lines(read_all(world, fds[i])), N);
    assert_int_equal(world->server.slices.n_written, 2 * each);
}

static void nobody_is_given_an_older_state(void **state)
{
    struct world *world = *state;
    fill(world, N);
    int early = reader(world);
    loop_settle(&world->scene.t); /* its first slice is in the socket, and it does not read */
    scene_claim(&world->scene, "a.internal", "eth0");
    change(world);
    assert_non_null(strstr(read_all(world, reader(world)), "name=a.internal "));
    assert_int_equal(count_lines(world->text), N + 1);
    assert_int_equal(count_lines(read_all(world, early)), N);
    assert_null(strstr(world->text, "name=a.internal "));
}

static void slices_go_with_their_state(void **state)
{
    struct world *world = *state;
    fill(world, N);
    read_all(world, reader(world));
    assert_true(world->server.slices.n_kept > 5);
    change(world);
    assert_int_equal(world->server.slices.n_kept, 0);
    int stuck = reader(world);
    read_all(world, reader(world));
    change(world);
    assert_true(world->server.slices.n_kept > 5); /* readers may need them */
    close(stuck);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_readers == 0);
    assert_int_equal(world->server.slices.n_kept, 0);
}

/* ---- turns ---- */

static void a_turn_of_the_loop_writes_one_slice(void **state)
{
    struct world *world = *state;
    fill(world, N);
    int fds[2] = {-1, -1};
    fds[0] = reader(world);
    bool done = false;
    for (uint64_t before = 0; !done; before = world->server.slices.n_written) {
        if (before == 3)
            fds[1] = reader(world);
        change(world); /* no slice is shared */
        turn(world);
        assert_true(world->server.slices.n_written <= before + 1);
        done = receive_some(world, fds[0], TEXT_ROOM);
    }
    assert_int_equal(count_lines(world->text), N);
    close(fds[0]);
    assert_int_equal(count_lines(read_all(world, fds[1])), N);
}

static bool has_more(int fd)
{
    char octet;
    return recv(fd, &octet, 1, MSG_PEEK) == 1;
}

/* A slice fits into its socket. */
static int roomy_reader(struct world *world)
{
    enum { ROOM = 1 << 17 };
    int ours, theirs;
    stage_pair(geteuid(), &ours, &theirs);
    list_server_add(&world->server, ours);
    int room = ROOM;
    assert_int_equal(setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    return theirs;
}

/* The reader that has waited longest is first; then it comes after all others, however quickly it
 * reads. */
static void readers_take_turns(void **state)
{
    struct world *world = *state;
    fill(world, N);
    int quick = roomy_reader(world);
    while (world->server.slices.n_written < 2) {
        turn(world);
        receive_some(world, quick, TEXT_ROOM);
    }
    change(world);
    int late = roomy_reader(world);
    for (int i = 0; i < 2; i++) { /* then the late one needs slices written later */
        assert_false(has_more(quick) || has_more(late));
        turn(world);
        assert_true(has_more(quick) && !has_more(late));
        receive_some(world, quick, TEXT_ROOM);
        change(world);
        turn(world);
        assert_true(has_more(late) && !has_more(quick));
        receive_some(world, late, TEXT_ROOM);
        change(world);
    }
    close(quick);
    close(late);
}

/* ---- slow readers, and those who do not read ---- */

/* Names come and go meanwhile. */
static void slow_readers_get_each_name_once_and_in_order(void **state)
{
    struct world *world = *state;
    struct registration *all[N];
    for (int i = 0; i < N; i++)
        all[i] = fill_one(world, i);
    int fd = reader(world);
    char part[32];
    for (int i = 0; i < N; i++) {
        turn(world);
        receive_some(world, fd, 100);
        if (i % 3 == 0) {
            scene_drop(&world->scene, all[i]);
            snprintf(part, sizeof part, "m%d.internal", i);
            scene_claim(&world->scene, part, "eth0");
            change(world);
        }
    }
    read_on(world, fd);
    for (int i = 0, last = 0; i < N; i++) {
        if (i % 3 == 0)
            continue;
        snprintf(part, sizeof part, "name=n%04d-", i);
        assert_int_equal(count(world->text, part), 1);
        const char *line = strstr(world->text, part);
        assert_true(line - world->text >= last);
        last = (int)(line - world->text);
    }
    assert_true(ends_with(world->text, "\n"));
}

static void a_reader_that_never_reads_is_ended(void **state)
{
    struct world *world = *state;
    fill(world, N);
    int fd = reader(world);
    assert_true(loop_wakes(&world->scene.t, 30) < 10);
    loop_pass(&world->scene.t, LIST_TIMEOUT_S * 1000 - 1000);
    assert_int_equal(world->server.n_readers, 1);
    loop_pass(&world->scene.t, 1000);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_readers == 0);
    read_on(world, fd); /* cut off */
    assert_true(count_lines(world->text) < N);
    assert_true(ends_with(world->text, "busy")); /* the cut never looks like the end of a line */
}

/* As long as it reads a piece now and then. One octet is not enough. */
static void a_slow_reader_is_served(void **state)
{
    enum { ROUNDS = 20, PIECES = 2 * LIST_PIECE };
    struct world *world = *state;
    fill(world, N);
    int fd = reader(world);
    int other = reader(world);
    loop_settle(&world->scene.t);
    for (int i = 0; i < ROUNDS; i++) {
        receive_some(world, fd, PIECES);
        loop_pass(&world->scene.t, LIST_TIMEOUT_S * 1000 - 1000);
    }
    assert_int_equal(world->server.n_readers, 1); /* fd's */
    assert_int_equal(count_lines(read_on(world, fd)), N);
    world->length = 0;
    assert_true(ends_with(read_on(world, other), "busy"));
}

static void an_octet_now_and_then_is_not_reading(void **state)
{
    enum { ROUNDS = 4 };
    struct world *world = *state;
    fill(world, N);
    int fd = reader(world);
    loop_settle(&world->scene.t);
    for (int i = 0; i < ROUNDS; i++) {
        receive_some(world, fd, 1);
        loop_pass(&world->scene.t, LIST_TIMEOUT_S * 1000 / 2);
    }
    assert_int_equal(world->server.n_readers, 0);
    close(fd);
}

static void a_reader_may_go_early(void **state)
{
    struct world *world = *state;
    int fd = reader(world);
    close(fd);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_readers == 0);
    fill(world, N);
    fd = reader(world);
    loop_settle(&world->scene.t);
    close(fd);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_readers == 0);
}

static void what_a_reader_says_is_ignored(void **state)
{
    struct world *world = *state;
    int fd = reader(world);
    (void)!send(fd, "hello\n", 6, MSG_NOSIGNAL);
    scene_claim(&world->scene, "www", "eth0");
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_readers == 0);
    close(fd);
}

/* ---- places ---- */

static void root_has_places_of_its_own(void **state)
{
    enum { FIRST = 2000, ALL = LIST_READERS_MAX + LIST_READERS_ROOT };
    struct world *world = *state;
    if (!stage_has_uids())
        skip();
    fill(world, N);
    int fds[ALL], i = 0;
    for (; i < LIST_READERS_MAX; i++)
        fds[i] = reader_of(world, FIRST + (uid_t)i);
    assert_true(is_refused(world, reader_of(world, FIRST)));
    assert_true(is_refused(world, reader_of(world, FIRST + ALL)));
    for (; i < ALL; i++)
        fds[i] = reader_of(world, 0);
    assert_true(is_refused(world, reader_of(world, 0)));
    loop_settle(&world->scene.t);
    assert_int_equal(world->server.n_readers, ALL);
    close(fds[0]);
    LOOP_RUN_UNTIL(&world->scene.t, world->server.n_readers == ALL - 1);
    assert_int_equal(count_lines(read_all(world, reader_of(world, FIRST + ALL))), N);
    assert_int_equal(count_lines(read_all(world, fds[ALL - 1])), N);
    for (i = 1; i < ALL - 1; i++)
        close(fds[i]);
}

/* A few users have taken all places; the oldest reader loses its place. */
static void the_user_with_most_readers_makes_way(void **state)
{
    enum { FIRST = 2000, NEW = 3000 };
    struct world *world = *state;
    if (!stage_has_uids())
        skip();
    fill(world, N);
    int fds[LIST_READERS_MAX];
    for (int i = 0; i < LIST_READERS_MAX; i++)
        fds[i] = reader_of(world, FIRST + (uid_t)i / LIST_READERS_PER_USER);
    loop_settle(&world->scene.t);
    int first = reader_of(world, NEW);
    int second = reader_of(world, NEW);
    assert_int_equal(world->server.n_readers, LIST_READERS_MAX);
    assert_non_null(strstr(read_all(world, fds[0]), "busy"));
    assert_non_null(strstr(read_all(world, fds[LIST_READERS_PER_USER]), "busy"));
    assert_int_equal(count_lines(read_all(world, first)), N);
    assert_int_equal(count_lines(read_all(world, second)), N);
    for (int i = 1; i < LIST_READERS_MAX; i++)
        if (i != LIST_READERS_PER_USER)
            close(fds[i]);
}

static void one_uid_takes_no_more_than_its_share(void **state)
{
    struct world *world = *state;
    if (!stage_has_uids())
        skip();
    fill(world, N);
    int fds[LIST_READERS_PER_USER];
    for (int i = 0; i < LIST_READERS_PER_USER; i++)
        fds[i] = reader_of(world, 2001);
    loop_settle(&world->scene.t);
    assert_true(is_refused(world, reader_of(world, 2001)));
    assert_int_equal(loop_logged(&world->scene.t, "uid 2001 is refused the list"), 1);
    assert_int_equal(count_lines(read_all(world, reader_of(world, 2002))), N);
    for (int i = 0; i < LIST_READERS_PER_USER; i++)
        close(fds[i]);
}

/* A place is safe for LIST_TIMEOUT_S; then a user without one gets it, even if the reader reads. */
static void the_oldest_reader_makes_way(void **state)
{
    struct world *world = *state;
    if (!stage_has_uids())
        skip();
    fill(world, N);
    int fds[LIST_READERS_PER_USER];
    for (int i = 0; i < LIST_READERS_PER_USER; i++) {
        fds[i] = reader_of(world, 2001);
        loop_pass(&world->scene.t, 1000);
    }
    loop_pass(&world->scene.t, (LIST_TIMEOUT_S - LIST_READERS_PER_USER) * 1000 - 1000);
    for (int i = 0; i < LIST_READERS_PER_USER; i++)
        receive_some(world, fds[i], 16 * LIST_PIECE);
    assert_true(is_refused(world, reader_of(world, 2001)));
    loop_pass(&world->scene.t, 1000);
    assert_int_equal(world->server.n_readers, LIST_READERS_PER_USER);
    int more = reader_of(world, 2001);
    assert_int_equal(world->server.n_readers, LIST_READERS_PER_USER);
    assert_true(is_refused(world, reader_of(world, 2001)));
    assert_true(ends_with(read_all(world, fds[0]), "busy"));
    assert_int_equal(count_lines(read_all(world, more)), N);
    for (int i = 1; i < LIST_READERS_PER_USER; i++)
        assert_true(ends_with(read_all(world, fds[i]), "\n"));
}

static void the_server_may_close_with_readers(void **state)
{
    struct world *world = *state;
    fill(world, N);
    int fds[3];
    for (int i = 0; i < 3; i++)
        fds[i] = reader(world);
    loop_settle(&world->scene.t);
    close(fds[1]);
    turn(world);
    list_server_close(&world->server);
    assert_int_equal(world->server.n_readers, 0);
    assert_true(ends_with(read_all(world, fds[0]), "busy"));
    close(fds[2]);
    loop_settle(&world->scene.t);
    list_server_init(&world->server, &world->scene.t.loop, &world->source); /* for teardown() */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(without_names_the_list_is_empty),
        TEST(each_name_is_listed),
        TEST(readers_share_what_is_written),
        TEST(nobody_is_given_an_older_state),
        TEST(slices_go_with_their_state),
        TEST(a_turn_of_the_loop_writes_one_slice),
        TEST(readers_take_turns),
        TEST(slow_readers_get_each_name_once_and_in_order),
        TEST(a_reader_that_never_reads_is_ended),
        TEST(a_slow_reader_is_served),
        TEST(an_octet_now_and_then_is_not_reading),
        TEST(a_reader_may_go_early),
        TEST(what_a_reader_says_is_ignored),
        TEST(root_has_places_of_its_own),
        TEST(the_user_with_most_readers_makes_way),
        TEST(one_uid_takes_no_more_than_its_share),
        TEST(the_oldest_reader_makes_way),
        TEST(the_server_may_close_with_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
