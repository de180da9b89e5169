/* The control socket: who may end which connection, what each side is told, and who is admitted. */
#include "../../phonebookd/clients/control-server.h"

#include "../../phonebookd/limits.h"
#include "../../publish-client/eviction.h"
#include "../unit/made.h"
#include "../unit/test.h"
#include "clock.h"
#include "stage.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OTHER = 4242 /* a uid */ };

struct world {
    struct stage *stage;
    struct control_server server;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    int result = stage_setup((void **)&world->stage);
    control_server_init(&world->server, &world->stage->set);
    *state = world;
    return result;
}

static int teardown(void **state)
{
    struct world *world = *state;
    control_server_close(&world->server);
    int result = stage_teardown((void **)&world->stage);
    free(world);
    return result;
}

static int control_of(struct world *world, uid_t uid)
{
    int ours, theirs;
    stage_pair(uid, &ours, &theirs);
    control_server_add(&world->server, ours);
    return theirs;
}

/* One line, its answer, and the end. */
static void ask_as(struct world *world, uid_t uid, const char *line, const char *beginning)
{
    int client = control_of(world, uid);
    stage_say(client, line);
    stage_expect_line(world->stage, client, beginning);
    stage_expect_end(world->stage, client);
    close(client);
}

static void ask(struct world *world, const char *line, const char *beginning)
{
    ask_as(world, geteuid(), line, beginning);
}

static void expect_evicted(struct world *world, int client)
{
    char beginning[64];
    snprintf(beginning, sizeof beginning, "error evicted uid %u, pid %d ", geteuid(), getpid());
    stage_expect_line(world->stage, client, beginning);
    stage_expect_end(world->stage, client);
    close(client);
}

/* The socket of the newest connection. */
static void expect_newest_evicted(struct world *world, const char *name, int client)
{
    char line[64];
    snprintf(line, sizeof line, "evict %s socket=%llu\n", name,
             (unsigned long long)stage_newest(world->stage)->holder.socket);
    char reply[64];
    snprintf(reply, sizeof reply, "ok %s\n", name);
    ask(world, line, reply);
    expect_evicted(world, client);
}

static void all_names_of_the_connection_go(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    int client = stage_client(stage, geteuid()), other = stage_client(stage, geteuid());
    stage_ask(stage, client, "www eth0\n", "ok www.box.example www.internal\n");
    stage_ask(stage, client, "www eth1\n", "ok www.box.example www.internal\n");
    stage_ask(stage, client, "mail.internal eth0\n", "ok mail.internal\n");
    stage_ask(stage, other, "db.internal eth0\n", "ok db.internal\n");
    stage->n_changed = 0;
    ask(world, "evict mail.internal\n", "ok mail.internal www.box.example www.internal\n");
    expect_evicted(world, client);
    stage_expect_names(stage, "db.internal");
    assert_int_equal(stage->n_changed, 1);
    assert_int_equal(stage->n_left, 1);
    assert_int_equal(loop_logged(&stage->t, "has evicted mail.internal on eth0"), 1);
    close(other);
}

/* The keeper's copy too. */
static void every_copy_of_the_connection_sees_the_end(void **state)
{
    struct world *world = *state;
    int ours, theirs;
    stage_pair(geteuid(), &ours, &theirs);
    int copy = dup(ours);
    struct pollfd peer = {.fd = copy};
    connections_add(&world->stage->set, ours);
    stage_ask(world->stage, theirs, "www eth0\n", "ok www.box.example www.internal\n");
    assert_int_equal(poll(&peer, 1, 0), 0);
    ask(world, "evict www\n", "ok www.box.example www.internal\n");
    assert_int_equal(poll(&peer, 1, 0), 1);
    assert_int_equal(peer.revents, POLLHUP);
    close(copy);
    expect_evicted(world, theirs);
}

static void one_of_several_connections_is_ended(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    int clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = stage_client(stage, geteuid());
        stage_ask(stage, clients[i], "www.internal eth0\n", "ok www.internal\n");
        clock_sleep(1); /* within a second, the order is that of the sockets' inodes */
    }
    ask(world, "evict www.internal\n", "error number www.internal is held by 3 connections");
    ask(world, "evict www\n", "error number ");
    ask(world, "evict www 4\n", "error absent www.internal is held by 3 connections\n");
    ask(world, "evict www.internal socket=1\n", "error absent ");
    expect_newest_evicted(world, "www.internal", clients[2]);
    ask(world, "evict www.internal 1\n", "ok www.internal\n");
    expect_evicted(world, clients[0]);
    ask(world, "evict www\n", "ok www.internal\n");
    expect_evicted(world, clients[1]);
    ask(world, "evict www\n", "error absent nobody holds this name\n");
}

/* Otherwise it matches none. */
static void a_requested_name_means_one_connection_in_all_zones(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    int both = stage_client(stage, geteuid()), one = stage_client(stage, geteuid());
    stage_ask(stage, both, "www eth0\n", "ok www.box.example www.internal\n");
    clock_sleep(1);
    stage_ask(stage, one, "www.internal eth0\n", "ok www.internal\n");
    clock_sleep(1);
    ask(world, "evict www 1\n", "ok www.box.example www.internal\n");
    expect_evicted(world, both);
    both = stage_client(stage, geteuid());
    stage_ask(stage, both, "www eth0\n", "ok www.box.example www.internal\n");
    ask(world, "evict www 1\n", "error number other connections hold www.internal ");
    ask(world, "evict www.box.example 1\n", "ok www.box.example www.internal\n");
    expect_evicted(world, both);
    close(one);
}

static void each_mistake_has_its_error(void **state)
{
    static const char *const cases[][2] = {
        {"\n", "error syntax "},
        {"www\n", "error syntax "},
        {"evict\n", "error syntax "},
        {"evict www zero\n", "error syntax "},
        {"evict www\r\n", "error syntax control character"},
        {"evict w..w\n", "error name "},
        {"evict www\x9b\n", "error name "},
        {"evict www.example.\n", "error absent "},
        {"evict mail\n", "error absent "},
        {"evict @\n", "error absent "},
        {"EVICT www\n", "error syntax "},
    };
    struct world *world = *state;
    int client = stage_client(world->stage, geteuid());
    stage_ask(world->stage, client, "www.internal eth0\n", "ok www.internal\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ask(world, cases[i][0], cases[i][1]);
    stage_expect_silence(world->stage, client);
    close(client);
}

static void a_name_is_given_as_it_was_requested(void **state)
{
    static const char *const cases[][3] = {
        {"WWW eth0\n", "evict Www\n", "ok www.box.example www.internal\n"},
        {"www.internal eth0\n", "evict WWW.internal.\n", "ok www.internal\n"},
        {"@ eth0\n", "evict @\n", "ok box.example internal\n"},
        {"@ eth0\n", "evict internal\n", "ok box.example internal\n"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int client = stage_client(world->stage, geteuid());
        stage_say(client, cases[i][0]);
        stage_expect_line(world->stage, client, "ok ");
        ask(world, cases[i][1], cases[i][2]);
        expect_evicted(world, client);
    }
}

static void root_and_the_user_who_connected_may_end_it(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    if (!stage_has_uids())
        skip();
    int roots = stage_client(stage, 0);
    int others = stage_client(stage, OTHER);
    stage_ask(stage, roots, "www.internal eth0\n", "ok www.internal\n");
    stage_ask(stage, others, "mail.internal eth0\n", "ok mail.internal\n");
    ask_as(world, OTHER, "evict www.internal\n", "error denied www.internal is held by uid 0\n");
    ask_as(world, OTHER + 1, "evict mail.internal 1\n", "error denied ");
    stage_expect_silence(stage, roots);
    stage_expect_silence(stage, others);
    ask_as(world, OTHER, "evict mail.internal\n", "ok mail.internal\n");
    stage_expect_line(stage, others, "error evicted uid 4242, ");
    close(others);
    others = stage_client(stage, OTHER);
    stage_ask(stage, others, "mail.internal eth0\n", "ok mail.internal\n");
    stage_newest(stage)->holder.nobody = true; /* then its uid may be anybody's */
    ask_as(world, OTHER, "evict mail.internal\n", "error denied ");
    ask_as(world, 0, "evict mail.internal\n", "ok mail.internal\n");
    expect_evicted(world, others);
    close(roots);
}

/* In no zone any more, or set aside. */
static void a_connection_without_a_full_name_is_ended_by_its_request(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    int clients[2];
    for (int i = 0; i < 2; i++) {
        clients[i] = stage_client(stage, geteuid());
        assert_non_null(registry_keep(&stage->room.registry, &stage_newest(stage)->holder,
                                      "old.example.", "eth0", &no_request_options, 1));
    }
    ask(world, "evict old.example\n", "error absent ");
    ask(world, "evict Old.example. 1\n", "error absent ");
    ask(world, "evict old.example.\n", "error number old.example. is held by several ");
    expect_newest_evicted(world, "old.example.", clients[1]);
    ask(world, "evict Old.example.\n", "ok old.example.\n");
    expect_evicted(world, clients[0]);
}

static void an_evicted_name_does_not_linger(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    stage->room.zones[1].linger_max = 60;
    made_links(stage->room.holders[0].namespace, "eth0 10.0.0.1");
    for (int evicted = 0; evicted < 2; evicted++) {
        int client = stage_client(stage, geteuid());
        stage_ask(stage, client, "www.internal eth0 linger=60\n", "ok www.internal\n");
        if (evicted)
            ask(world, "evict www\n", "ok www.internal\n");
        close(client);
        LOOP_RUN_UNTIL(&stage->t, stage->set.n == 0);
        stage_expect_names(stage, evicted ? "" : "www.internal");
        if (!evicted)
            ask(world, "evict www\n", "error absent nobody holds www.internal any more: ");
        registry_drop_remnants(&stage->room.registry);
    }
}

/* Also with more after it; a text without a newline is refused. */
static void a_line_may_come_in_pieces(void **state)
{
    struct world *world = *state;
    struct stage *stage = world->stage;
    int client = control_of(world, geteuid());
    for (const char *at = "evict w"; *at; at++) {
        assert_int_equal(send(client, at, 1, 0), 1);
        stage_expect_silence(stage, client);
    }
    stage_say(client, "ww\nevict more\n");
    stage_expect_line(stage, client, "error absent ");
    stage_expect_end(stage, client);
    close(client);

    client = control_of(world, geteuid());
    stage_say(client, "evict www");
    shutdown(client, SHUT_WR);
    stage_expect_line(stage, client, "error syntax no end of line\n");
    close(client);

    char much[EVICTION_LINE_MAX + 2];
    memset(much, 'x', sizeof much);
    much[sizeof much - 1] = '\0';
    ask(world, much, "error syntax line longer");

    client = control_of(world, geteuid());
    stage_say(client, "evict ");
    close(client);
    LOOP_RUN_UNTIL(&stage->t, TAILQ_EMPTY(&world->server.places));
}

static void who_says_nothing_is_ended(void **state)
{
    struct world *world = *state;
    int client = control_of(world, geteuid());
    stage_say(client, "evict");
    loop_pass(&world->stage->t, CONTROL_TIMEOUT_S * 1000 - 1);
    stage_expect_silence(world->stage, client);
    loop_pass(&world->stage->t, 1);
    stage_expect_line(world->stage, client, "error timeout no line came\n");
    stage_expect_end(world->stage, client);
    close(client);
}

static void expect_no_place(struct world *world, uid_t uid)
{
    int client = control_of(world, uid);
    stage_expect_line(world->stage, client, "error limit too many are connected; try again\n");
    stage_expect_end(world->stage, client);
    close(client);
}

static void nobody_takes_roots_places_or_all_of_another_user(void **state)
{
    enum { USERS = CONTROL_CLIENTS_MAX / CONTROL_CLIENTS_PER_USER };
    struct world *world = *state;
    if (!stage_has_uids())
        skip();
    int clients[CONTROL_CLIENTS_MAX + CONTROL_CLIENTS_ROOT], n = 0;
    for (uid_t uid = OTHER; uid < OTHER + USERS; uid++) {
        for (int i = 0; i < CONTROL_CLIENTS_PER_USER; i++)
            clients[n++] = control_of(world, uid);
        expect_no_place(world, uid);
    }
    expect_no_place(world, OTHER - 1);
    ask_as(world, 0, "evict www\n", "error absent ");
    close(clients[--n]);
    loop_settle(&world->stage->t);
    ask_as(world, OTHER - 1, "evict www\n", "error absent ");
    for (int i = 0; i < CONTROL_CLIENTS_ROOT; i++)
        clients[n++] = control_of(world, 0);
    expect_no_place(world, 0);
    while (n > 0)
        close(clients[--n]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_names_of_the_connection_go),
        TEST(every_copy_of_the_connection_sees_the_end),
        TEST(one_of_several_connections_is_ended),
        TEST(a_requested_name_means_one_connection_in_all_zones),
        TEST(each_mistake_has_its_error),
        TEST(a_name_is_given_as_it_was_requested),
        TEST(root_and_the_user_who_connected_may_end_it),
        TEST(a_connection_without_a_full_name_is_ended_by_its_request),
        TEST(an_evicted_name_does_not_linger),
        TEST(a_line_may_come_in_pieces),
        TEST(who_says_nothing_is_ended),
        TEST(nobody_takes_roots_places_or_all_of_another_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
