#include "residents.h"

#include "../../phonebookd/log.h"
#include "../unit/test.h"
#include "clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NO_NAMESPACE = 2, /* exit status of a resident */
    COMMAND_SIZE = 4096,
    LINES_MAX = 8192,
    LINES_SHOWN = 40,
    LINE_SIZE = 256,
    STEP_MS = 10,
};

bool residents_possible(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
        printf("# network namespaces cannot be made here: root is needed\n");
        return false;
    }
    if (system("ip link set lo up") != 0) {
        printf("# no `ip` command here\n");
        return false;
    }
    return true;
}

static void is_skipped(void **state)
{
    (void)state;
    skip();
}

int residents_skip(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_skipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The listener has a path, because an abstract name would belong to one namespace. */
static int listen_at(struct sockaddr_un *address)
{
    static unsigned n;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "/tmp/residents-%d-%u", getpid(), n++);
    unlink(address->sun_path);
    assert_int_equal(bind(listener, (struct sockaddr *)address, sizeof *address), 0);
    chmod(address->sun_path, 0666);
    assert_int_equal(listen(listener, 4), 0);
    return listener;
}

static void live(const struct sockaddr_un *address, uid_t uid, void (*work)(void *context),
                 void *context)
{
    pid_t parent = getppid();
    if (uid != 0 && setresuid(uid, uid, uid) < 0)
        _exit(1);
    if (unshare(uid ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET) < 0)
        _exit(NO_NAMESPACE);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* changing the uid before would have cleared it */
    if (getppid() != parent)
        _exit(0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0)
        _exit(3);
    if (work)
        work(context);
    for (;;)
        pause();
}

/* Waits until it connects. If it cannot have a user namespace (switched off, or in a chroot), the
 * test does not fail. */
static void wait_for(pid_t pid, int listener, const struct sockaddr_un *address, uid_t uid)
{
    struct pollfd one = {.fd = listener, .events = POLLIN};
    while (poll(&one, 1, 50) == 0) {
        int status;
        if (waitpid(pid, &status, WNOHANG) != pid)
            continue;
        if (uid != 0 && WIFEXITED(status) && WEXITSTATUS(status) == NO_NAMESPACE) {
            print_message("no user namespaces here\n");
            close(listener);
            unlink(address->sun_path);
            skip();
        }
        fail_msg("a resident ended with status %d before it came", status);
    }
}

struct resident resident_start(uid_t uid, void (*work)(void *context), void *context)
{
    struct sockaddr_un address = {0};
    int listener = listen_at(&address);
    fflush(NULL);
    struct resident resident = {.own = -1};
    resident.pid = fork();
    assert_true(resident.pid >= 0);
    if (resident.pid == 0)
        live(&address, uid, work, context);
    wait_for(resident.pid, listener, &address, uid);
    resident.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(resident.fd >= 0);
    close(listener);
    unlink(address.sun_path);
    return resident;
}

struct resident resident_here(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    return (struct resident){.fd = ends[0], .own = ends[1]};
}

void resident_kill(struct resident *resident)
{
    if (resident->pid > 0) {
        kill(resident->pid, SIGKILL);
        waitpid(resident->pid, NULL, 0);
    }
    resident->pid = 0;
}

void resident_close(struct resident *resident)
{
    resident_kill(resident);
    close(resident->fd);
    if (resident->own >= 0)
        close(resident->own);
}

/* `nsenter ... sh -c 'command'`, or only the command if the resident is in our namespace. */
static void command_in(char text[static COMMAND_SIZE], const struct resident *resident,
                       const char *command)
{
    if (resident->pid > 0)
        snprintf(text, COMMAND_SIZE, "nsenter -t %d -n sh -ec '%s'", resident->pid, command);
    else
        snprintf(text, COMMAND_SIZE, "%s", command);
}

void resident_run(const struct resident *resident, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char command[COMMAND_SIZE / 2];
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    char text[COMMAND_SIZE];
    command_in(text, resident, command);
    int status = system(text);
    if (status != 0)
        fail_msg("status %d of: %s", status, command);
}

/* A namespace's known content as sorted lines: "link NAME [up] [ALTNAME]..." and "address NAME
 * ADDRESS [tentative] [deprecated] [temporary]". */
struct lines {
    char *line[LINES_MAX];
    size_t n;
};

static char *lines_add(struct lines *lines, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The new line has room for more. */
static char *lines_add(struct lines *lines, const char *format, ...)
{
    assert_true(lines->n < LINES_MAX);
    char **line = &lines->line[lines->n++];
    *line = malloc(LINE_SIZE);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(*line, LINE_SIZE, format, arguments);
    va_end(arguments);
    return *line;
}

static void append(char *line, const char *word)
{
    size_t length = strlen(line);
    snprintf(line + length, LINE_SIZE - length, " %s", word);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "3: v0@if2: <BROADCAST,UP> ... altname NAME": the words after the flags are in strtok()'s
 * hands. */
static void add_link(struct lines *lines, char *name, const char *flags)
{
    name[strcspn(name, "@:")] = '\0';
    char *line = lines_add(lines, "link %s", name);
    if (strstr(flags, ",UP,") || strstr(flags, ",UP>") || strstr(flags, "<UP"))
        append(line, "up");
    for (char *word = strtok(NULL, " \\\n"); word; word = strtok(NULL, " \\\n")) {
        if (strcmp(word, "altname") == 0)
            append(line, strtok(NULL, " \\\n"));
    }
}

/* "3: v0    inet6 fe80::1/64 scope link tentative ..." */
static void add_address(struct lines *lines, const char *name)
{
    char *address = strtok(NULL, " ");
    address[strcspn(address, "/")] = '\0';
    bool tentative = false, deprecated = false, temporary = false;
    for (char *word = strtok(NULL, " \\\n"); word; word = strtok(NULL, " \\\n")) {
        tentative |= strcmp(word, "tentative") == 0 || strcmp(word, "dadfailed") == 0 ||
                     strcmp(word, "optimistic") == 0;
        deprecated |= strcmp(word, "deprecated") == 0;
        temporary |= strcmp(word, "temporary") == 0;
    }
    lines_add(lines, "address %s %s%s%s%s", name, address, tentative ? " tentative" : "",
              deprecated ? " deprecated" : "", temporary ? " temporary" : "");
}

static void read_truth(const struct resident *resident, struct lines *lines)
{
    char command[COMMAND_SIZE];
    command_in(command, resident, "ip -o link; ip -o addr");
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    char text[COMMAND_SIZE];
    while (fgets(text, sizeof text, pipe)) {
        strtok(text, " ");
        char *name = strtok(NULL, " ");
        const char *word = strtok(NULL, " ");
        if (word[0] == '<')
            add_link(lines, name, word);
        else
            add_address(lines, name);
    }
    assert_int_equal(pclose(pipe), 0);
    qsort(lines->line, lines->n, sizeof lines->line[0], compare_lines);
}

static void read_snapshot(const struct snapshot *snapshot, struct lines *lines)
{
    for (size_t i = 0; i < snapshot->n_links; i++) {
        const struct link *link = &snapshot->links[i];
        char *line = lines_add(lines, "link %s%s", link->names[0], link->up ? " up" : "");
        for (size_t j = 1; j < link->n_names; j++)
            append(line, link->names[j]);
        for (size_t j = 0; j < link->n_addresses; j++) {
            uint8_t state = link->addresses[j].state;
            char text[ADDRESS_TEXT_MAX];
            lines_add(lines, "address %s %s%s%s%s", link->names[0],
                      address_text(text, &link->addresses[j]),
                      state & (ADDRESS_TENTATIVE | ADDRESS_DUPLICATE) ? " tentative" : "",
                      state & ADDRESS_DEPRECATED ? " deprecated" : "",
                      state & ADDRESS_TEMPORARY ? " temporary" : "");
        }
    }
    qsort(lines->line, lines->n, sizeof lines->line[0], compare_lines);
}

static bool lines_equal(const struct lines *a, const struct lines *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; i < a->n && equal; i++)
        equal = strcmp(a->line[i], b->line[i]) == 0;
    return equal;
}

static void lines_fini(struct lines *lines)
{
    while (lines->n > 0)
        free(lines->line[--lines->n]);
}

static void lines_show(const struct lines *lines, const char *whose)
{
    for (size_t i = 0; i < lines->n && i < LINES_SHOWN; i++)
        print_error("%s: %s\n", whose, lines->line[i]);
}

static void on_changed(void *owner)
{
    struct house *house = owner;
    house->n_changed++;
}

int house_setup_empty(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    loop_setup(&house->t);
    interfaces_init(&house->interfaces);
    accounts_init(&house->accounts);
    *state = house;
    return 0;
}

int house_setup(void **state)
{
    house_setup_empty(state);
    struct house *house = *state;
    assert_int_equal(netwatch_new(&house->watch, &house->t.loop, NULL, &house->interfaces,
                                  &house->accounts, on_changed, house),
                     0);
    return netwatch_start(house->watch, &house->t.loop);
}

int house_teardown(void **state)
{
    struct house *house = *state;
    if (house->watch)
        netwatch_close(house->watch);
    int result = loop_teardown(&house->t);
    interfaces_fini(&house->interfaces);
    accounts_fini(&house->accounts);
    free(house);
    return result;
}

unsigned house_run(struct house *house, unsigned ms)
{
    return loop_run(&house->t, ms);
}

struct namespace *house_enter(struct house *house, const struct resident *resident, uint32_t uid)
{
    struct namespace *namespace;
    assert_int_equal(netwatch_acquire(house->watch, resident->fd, uid, false, &namespace),
                     NETWATCH_OK);
    return namespace;
}

void house_expect_known(struct house *house, const struct namespace *namespace)
{
    LOOP_RUN_UNTIL(&house->t, namespace->known);
}

struct namespace *house_acquire(struct house *house, const struct resident *resident)
{
    struct namespace *namespace = house_enter(house, resident, 1000);
    house_expect_known(house, namespace);
    return namespace;
}

/* Twice: the first rest ends with the dump for earlier events, and the second is over before the
 * next event. */
void house_let_rest(struct house *house, struct namespace *namespace)
{
    namespace->rests_until = 0;
    house_run(house, STEP_MS);
    namespace->rests_until = 0;
}

static bool is_true(const struct namespace *namespace, const struct resident *resident, bool show)
{
    static struct lines truth, known;
    read_snapshot(&namespace->now, &known);
    read_truth(resident, &truth);
    bool equal = lines_equal(&truth, &known);
    if (!equal && show) {
        lines_show(&truth, "ip");
        lines_show(&known, "we");
    }
    lines_fini(&truth);
    lines_fini(&known);
    return equal;
}

unsigned house_expect_truth(struct house *house, const struct namespace *namespace,
                            const struct resident *resident, unsigned limit_ms)
{
    uint64_t start = uv_now(&house->t.loop);
    for (;;) {
        house_run(house, STEP_MS);
        unsigned ms = (unsigned)(uv_now(&house->t.loop) - start);
        if (is_true(namespace, resident, ms > limit_ms))
            return ms;
        if (ms > limit_ms)
            fail_msg("not what `ip` says after %u ms", limit_ms);
    }
}
