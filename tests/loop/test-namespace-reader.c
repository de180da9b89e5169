/* The process that reads other network namespaces gives the same answers as the kernel. */
#include "../../phonebookd/network/namespace-reader.h"

#include "../../phonebookd/limits.h"
#include "../../phonebookd/network/netwatch-dumper.h"
#include "../../phonebookd/network/netwatch-requests.h"
#include "../unit/test.h"
#include "residents.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = NETWATCH_NSID_FIRST };

/* A reader, and a resident whose namespace it reads. */
struct scene {
    struct house *house;
    struct namespace_reader *reader;
    struct resident resident;
    int32_t nsid;
};

static struct namespace_identity identify(struct scene *scene)
{
    struct namespace_identity identity;
    namespace_reader_identify(scene->reader, scene->resident.fd, FIRST, &identity);
    return identity;
}

static struct scene begin(void **state)
{
    struct scene scene = {.house = *state, .reader = namespace_reader_start()};
    assert_non_null(scene.reader);
    scene.resident = resident_start(0, NULL, NULL);
    struct namespace_identity identity = identify(&scene);
    assert_int_equal(identity.error, 0);
    scene.nsid = identity.nsid;
    return scene;
}

static void end(struct scene *scene)
{
    resident_close(&scene->resident);
    namespace_reader_free(scene->reader);
}

static pid_t pid_of_reader(void)
{
    pid_t pid = 0;
    FILE *found = popen("pgrep -n -x phonebookd-net -P $PPID", "re");
    assert_int_equal(fscanf(found, "%d", &pid), 1);
    pclose(found);
    return pid;
}

/* Sends SIGKILL or SIGSTOP, and waits until it has an effect. */
static pid_t signal_reader(int signal)
{
    pid_t pid = pid_of_reader();
    assert_int_equal(kill(pid, signal), 0);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    return pid;
}

static struct snapshot dump(struct scene *scene, struct namespace_reader *reader)
{
    struct netwatch_requests requests;
    assert_int_equal(netwatch_requests_init(&requests, reader), 0);
    struct snapshot snapshot;
    assert_int_equal(netwatch_requests_dump(&requests, scene->nsid, &snapshot), 0);
    netwatch_requests_fini(&requests);
    return snapshot;
}

static void a_namespace_keeps_its_number(void **state)
{
    struct scene scene = begin(state);
    struct namespace_identity again = identify(&scene);
    assert_int_equal(again.error, 0);
    assert_int_equal(again.nsid, scene.nsid);
    assert_true(again.inode > 0);
    struct resident other = resident_start(0, NULL, NULL);
    namespace_reader_identify(scene.reader, other.fd, FIRST, &again);
    assert_int_equal(again.error, 0);
    assert_int_not_equal(again.nsid, scene.nsid);
    assert_true(again.next > again.nsid);
    resident_close(&other);
    end(&scene);
}

static bool link_equal(const struct link *a, const struct link *b)
{
    return b && a->index == b->index && a->up == b->up && a->n_addresses == b->n_addresses &&
           (a->n_addresses == 0 ||
            memcmp(a->addresses, b->addresses, a->n_addresses * sizeof *a->addresses) == 0);
}

/* The dump is larger than the memory that both processes share. */
static void its_dump_is_what_the_kernel_tells_us(void **state)
{
    struct scene scene = begin(state);
    resident_run(&scene.resident, "for i in $(seq 400); do echo link add t$i type ifb;"
                                  " echo addr add 10.0.$((i / 250)).$((i %% 250))/32 dev t$i;"
                                  " done | ip -batch -");
    struct snapshot theirs = dump(&scene, scene.reader), ours = dump(&scene, NULL);
    assert_true(theirs.n_links > 400);
    assert_int_equal(theirs.n_links, ours.n_links);
    for (size_t i = 0; i < ours.n_links; i++)
        assert_true(link_equal(&theirs.links[i], &ours.links[i]));
    assert_int_equal(snapshot_link(&theirs, "t400")->n_addresses, 1);
    snapshot_fini(&theirs);
    snapshot_fini(&ours);
    end(&scene);
}

/* No part of an answer that was not read to its end gets into the next answer. */
static void an_answer_may_be_left_unread(void **state)
{
    struct scene scene = begin(state);
    resident_run(&scene.resident, "for i in $(seq 400); do echo link add t$i type ifb; done"
                                  " | ip -batch -");
    struct netwatch_requests requests;
    assert_int_equal(netwatch_requests_init(&requests, scene.reader), 0);
    struct netlink_question question = {.kind = NETLINK_LINKS, .sequence = 7, .nsid = scene.nsid};
    struct netlink_answer answer;
    namespace_reader_ask(scene.reader, &question, &answer);
    assert_int_equal(answer.error, 0); /* there is more */
    requests.fresh = true;
    struct snapshot snapshot;
    assert_int_equal(netwatch_requests_dump(&requests, scene.nsid, &snapshot), 0);
    assert_true(requests.cpu > 0);
    snapshot_fini(&snapshot);
    netwatch_requests_fini(&requests);
    end(&scene);
}

static void after_its_end_every_call_fails(void **state)
{
    struct scene scene = begin(state);
    struct netlink_question question = {.kind = NETLINK_LINKS, .nsid = scene.nsid};
    signal_reader(SIGKILL);
    for (int i = 0; i < 2; i++) {
        struct netlink_answer answer;
        namespace_reader_ask(scene.reader, &question, &answer);
        assert_int_equal(answer.error, -EPIPE);
        assert_int_equal(answer.length, 0);
        assert_int_equal(identify(&scene).error, -EPIPE);
    }
    end(&scene);
}

/* The loop waits once. The late answer is not mistaken for that of a later question. */
static void a_late_answer_is_waited_for_once(void **state)
{
    struct scene scene = begin(state);
    struct resident other = resident_start(0, NULL, NULL);
    pid_t pid = signal_reader(SIGSTOP);
    uint64_t began = clock_kernel_ms();
    assert_int_equal(identify(&scene).error, -ETIMEDOUT);
    assert_true(clock_kernel_ms() - began >= NAMESPACE_READER_ANSWER_MS / 2);
    for (int i = 0; i < 100; i++) /* would take 100 s */
        assert_int_equal(identify(&scene).error, -ETIMEDOUT);
    kill(pid, SIGCONT);
    struct namespace_identity identity;
    do
        namespace_reader_identify(scene.reader, other.fd, FIRST, &identity);
    while (identity.error == -ETIMEDOUT);
    assert_int_equal(identity.error, 0);
    assert_int_not_equal(identity.nsid, scene.nsid);
    resident_close(&other);
    end(&scene);
}

static void ignore(void *owner)
{
    (void)owner;
}

static void a_thread_that_waits_for_it_can_be_ended(void **state)
{
    struct scene scene = begin(state);
    struct netwatch_dumper dumper = {.done = ignore};
    pid_t pid = signal_reader(SIGSTOP);
    assert_int_equal(netwatch_dumper_init(&dumper, scene.reader, 0), 0);
    netwatch_dumper_listen(&dumper, &scene.house->t.loop);
    netwatch_dumper_start(&dumper, scene.nsid);
    assert_false(netwatch_dumper_wait(&dumper, UINT64_C(50000000)));
    netwatch_dumper_fini(&dumper);
    uv_close((uv_handle_t *)&dumper.async, NULL);
    house_run(scene.house, 1);
    kill(pid, SIGCONT);
    end(&scene);
}

/* It is asked again only when something has changed, with any number of namespaces. */
static void a_reader_that_has_ended_is_not_asked_again_and_again(void **state)
{
    struct scene scene = begin(state);
    struct house *house = scene.house;
    assert_int_equal(netwatch_new(&house->watch, &house->t.loop, scene.reader, &house->interfaces,
                                  &house->accounts, ignore, NULL),
                     0);
    assert_int_equal(netwatch_start(house->watch, &house->t.loop), 0);
    struct namespace *namespace = house_acquire(house, &scene.resident);
    signal_reader(SIGKILL);
    for (unsigned i = 1; i <= 2; i++) {
        house_let_rest(house, namespace);
        resident_run(&scene.resident, "ip addr add 10.0.0.%u/32 dev lo", i);
        LOOP_RUN_UNTIL(&house->t, namespace->failures == i);
        house_run(house, 5 * NETWATCH_DUMP_INTERVAL_MS);
        assert_int_equal(namespace->failures, i);
    }
    assert_true(namespace->known);
    netwatch_release(house->watch, namespace);
    netwatch_close(house->watch);
    house->watch = NULL;
    end(&scene);
}

/* Code that runs in phonebookd can send it anything. */
static void questions_of_no_kind_do_no_harm(void **state)
{
    struct scene scene = begin(state);
    for (int octet = 1; octet < 256; octet += 51) {
        struct netlink_question question;
        memset(&question, octet, sizeof question);
        question.fresh = octet & 1;
        struct netlink_answer answer;
        namespace_reader_ask(scene.reader, &question, &answer);
        assert_int_not_equal(answer.error, -EPIPE);
    }
    namespace_reader_identify(scene.reader, STDERR_FILENO, -1, &(struct namespace_identity){0});
    struct snapshot snapshot = dump(&scene, scene.reader);
    snapshot_fini(&snapshot);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(a_namespace_keeps_its_number, house_setup_empty),
        IN_HOUSE(its_dump_is_what_the_kernel_tells_us, house_setup_empty),
        IN_HOUSE(an_answer_may_be_left_unread, house_setup_empty),
        IN_HOUSE(after_its_end_every_call_fails, house_setup_empty),
        IN_HOUSE(a_late_answer_is_waited_for_once, house_setup_empty),
        IN_HOUSE(a_thread_that_waits_for_it_can_be_ended, house_setup_empty),
        IN_HOUSE(a_reader_that_has_ended_is_not_asked_again_and_again, house_setup_empty),
        IN_HOUSE(questions_of_no_kind_do_no_harm, house_setup_empty),
    };
    return residents_run(tests);
}
