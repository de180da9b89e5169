/* Where the listening sockets come from, and what happens to their paths. */
#include "../../phonebookd/clients/doors.h"

#include "../unit/test.h"
#include "loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { TEXT_MAX = 128 };

struct world {
    struct test_loop t;
    struct doors doors;
    unsigned n_accepted;
};

static const struct listener_options for_all = {.mode = 0666}, for_us = {.mode = 0600};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    loop_setup(&world->t);
    doors_init(&world->doors, world->t.directory);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    int result = loop_teardown(&world->t);
    free(world);
    return result;
}

static void on_accepted(void *owner, int fd)
{
    struct world *world = owner;
    world->n_accepted++;
    close(fd);
}

static struct door *publish(struct world *world)
{
    return &world->doors.all[DOOR_PUBLISH];
}

static int open_door(struct world *world, int which, const struct listener_options *options)
{
    return door_open(&world->doors.all[which], &world->t.loop, options, on_accepted, world);
}

static ino_t inode_of(const char *path)
{
    struct stat status = {.st_ino = 0};
    lstat(path, &status);
    return status.st_ino;
}

/* A socket as a former phonebookd made it, and the text that it gave the keeper. */
static int made_before(struct world *world, char text[static TEXT_MAX])
{
    int fd = listener_bind(publish(world)->path, &for_all);
    assert_true(fd >= 0);
    struct stat status;
    assert_int_equal(lstat(publish(world)->path, &status), 0);
    snprintf(text, TEXT_MAX, "publish %llu %llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    return fd;
}

static void connect_once(struct world *world)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, publish(world)->path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    LOOP_RUN_UNTIL(&world->t, world->n_accepted == 1);
    close(fd);
}

static void finish(struct world *world)
{
    doors_close(&world->doors);
    loop_settle(&world->t);
}

/* If the path has its inode. Clients in its queue are accepted; mode and group are set again.
 * Sockets that are offered later are not used. */
static void the_keepers_socket_is_used(void **state)
{
    struct world *world = *state;
    char text[TEXT_MAX];
    int fd = made_before(world, text);
    ino_t inode = inode_of(publish(world)->path);
    doors_take(&world->doors, fd, text, strlen(text));
    assert_int_equal(publish(world)->kept, fd);
    doors_take(&world->doors, dup(fd), text, strlen(text));
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_us), 0);
    assert_int_equal(open_door(world, DOOR_LIST, &for_us), 0);
    assert_int_equal(open_door(world, DOOR_CONTROL, &for_us), 0);
    assert_int_equal(inode_of(publish(world)->path), inode);
    struct stat status;
    assert_int_equal(stat(publish(world)->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    doors_take(&world->doors, dup(fd), text, strlen(text));
    connect_once(world);
    world->doors.kept = true; /* and by the next keeper */
    finish(world);
    assert_int_equal(inode_of(publish(world)->path), inode);
}

/* Another inode, another name, an invalid text, a socket that does not listen. */
static void a_changed_socket_is_closed_and_made_again(void **state)
{
    struct world *world = *state;
    char text[TEXT_MAX];
    int fd = made_before(world, text);
    char other[TEXT_MAX + 8];
    snprintf(other, sizeof other, "%s0", text);
    doors_take(&world->doors, dup(fd), other, strlen(other));
    doors_take(&world->doors, dup(fd), text, strlen(text) - 1);
    doors_take(&world->doors, dup(fd), "list 1 2", 8);
    doors_take(&world->doors, dup(fd), "publish", 7);
    doors_take(&world->doors, dup(fd), "", 0);
    assert_int_equal(shutdown(fd, SHUT_RDWR), 0);
    doors_take(&world->doors, dup(fd), text, strlen(text));
    doors_take(&world->doors, dup(STDIN_FILENO), text, strlen(text));
    assert_int_equal(publish(world)->kept, -1);
    close(fd);
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_all), 0);
    assert_int_equal(open_door(world, DOOR_LIST, &for_all), 0);
    connect_once(world);
    finish(world);
    assert_int_equal(inode_of(publish(world)->path), 0); /* no keeper has it, so it is removed */
}

/* The socket there is not ours to remove. */
static void a_replaced_path_is_not_the_keepers(void **state)
{
    struct world *world = *state;
    char text[TEXT_MAX], *other = files_path(world->t.directory, "other");
    int fd = made_before(world, text);
    assert_int_equal(mkdir(other, 0700), 0); /* another inode, even if numbers are used again */
    assert_int_equal(unlink(publish(world)->path), 0);
    assert_int_equal(symlink(other, publish(world)->path), 0);
    doors_take(&world->doors, fd, text, strlen(text));
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_all), -EEXIST);
    assert_int_equal(unlink(publish(world)->path), 0);
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_all), 0);
    assert_int_equal(open_door(world, DOOR_LIST, &for_all), 0);
    assert_int_equal(unlink(publish(world)->path), 0);
    assert_int_equal(symlink(other, publish(world)->path), 0);
    finish(world);
    assert_int_not_equal(inode_of(publish(world)->path), 0);
    unlink(publish(world)->path);
}

/* It has precedence over the keeper's; its path stays as it is. */
static void the_supervisors_socket_comes_first(void **state)
{
    struct world *world = *state;
    char text[TEXT_MAX];
    int fd = made_before(world, text);
    publish(world)->handed = fd;
    doors_take(&world->doors, dup(fd), text, strlen(text));
    assert_int_equal(publish(world)->kept, -1);
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_us), 0);
    assert_int_equal(open_door(world, DOOR_LIST, &for_us), 0);
    struct stat status;
    assert_int_equal(stat(publish(world)->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0666);
    connect_once(world);
    finish(world);
    assert_int_not_equal(inode_of(publish(world)->path), 0);
    unlink(publish(world)->path);
}

static void without_control_the_others_are_used(void **state)
{
    struct world *world = *state;
    struct door *control = &world->doors.all[DOOR_CONTROL];
    assert_int_equal(mkdir(control->path, 0700), 0);
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_all), 0);
    assert_int_equal(open_door(world, DOOR_LIST, &for_all), 0);
    assert_int_equal(open_door(world, DOOR_CONTROL, &for_all), -EEXIST);
    assert_int_equal(loop_logged(&world->t, "/control: "), 1);
    assert_int_equal(listener_open_up(&control->listener, &for_us), 0);
    doors_hold(&world->doors, true);
    doors_hold(&world->doors, false);
    connect_once(world);
    finish(world);
    assert_int_equal(inode_of(publish(world)->path), 0);
    assert_int_equal(rmdir(control->path), 0);
}

static void a_path_that_is_too_long_is_an_error(void **state)
{
    struct world *world = *state;
    char directory[200];
    memset(directory, 'x', sizeof directory);
    directory[0] = '/';
    directory[sizeof directory - 1] = '\0';
    doors_init(&world->doors, directory);
    assert_int_equal(open_door(world, DOOR_PUBLISH, &for_all), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_keepers_socket_is_used),          TEST(a_changed_socket_is_closed_and_made_again),
        TEST(a_replaced_path_is_not_the_keepers),  TEST(the_supervisors_socket_comes_first),
        TEST(without_control_the_others_are_used), TEST(a_path_that_is_too_long_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
