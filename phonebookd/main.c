/* The options of phonebookd(8), and its start. */
#include "../common/number.h"
#include "../common/option-table.h"
#include "../common/standard-fds.h"
#include "../zones/config/complaints.h"
#include "../zones/config/findings-system.h"
#include "check.h"
#include "config.h"
#include "daemon.h"
#include "log.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

enum {
    EXIT_USAGE = 100,
    GO_ON = -1, /* no exit code yet */
    DESCRIPTOR_MAX = 65535,
    MAPPING_MIN = 1 << 20, /* octets of a block of memory that has a mapping of its own */
};

static const struct option_row rows[] = {
    {'c', "config", "CONF", "configuration file (" SYSCONFDIR "/phonebook/phonebookd.conf)"},
    {'t', "check", NULL, "check the configuration and exit"},
    {'u', "user", "USER", "with -t: check it for phonebookd running as this user"},
    {'v', "verbose", NULL, "log more"},
    {'d', "ready-fd", "FD", "write a newline to this descriptor when ready"},
};

static const struct option_table table = {
    .program = "phonebookd",
    .operands = "",
    .description = "give names to processes as long as they run",
    .rows = rows,
    .n_rows = sizeof rows / sizeof *rows,
};

/* Reads the configuration, and logs every complaint and warning, as at a SIGHUP. NULL if there was
 * a complaint. */
static struct config *read_config(const char *path, struct findings *findings)
{
    struct complaints complaints = {0};
    struct config *config = config_read(path, findings, &complaints);
    if (complaints.count > 0) {
        log_error_lines(complaints.text);
        log_error("%zu mistake%s in the configuration", complaints.count,
                  complaints.count == 1 ? "" : "s");
        findings_fini(findings);
        config_free(config);
        config = NULL;
    } else {
        log_warning_lines(complaints.text);
    }
    complaints_fini(&complaints);
    return config;
}

static int misused(const char *what)
{
    log_error("%s (phonebookd --help)", what);
    return EXIT_USAGE;
}

struct arguments {
    struct daemon_options options;
    const char *user; /* of -u, or NULL */
    bool check;
};

/* An exit code, or GO_ON. */
static int take_option(struct arguments *arguments, const struct option_found *found)
{
    struct daemon_options *options = &arguments->options;
    switch (found->row ? found->row->key : 0) {
    case 0:
        return misused(found->text);
    case 'c':
        options->config_path = optarg;
        return GO_ON;
    case 't':
        arguments->check = true;
        return GO_ON;
    case 'u':
        arguments->user = optarg;
        return GO_ON;
    case 'd':
        options->ready_fd = (int)number_of(optarg, strlen(optarg), DESCRIPTOR_MAX);
        return options->ready_fd < 0 ? misused("-d takes the number of a descriptor") : GO_ON;
    case 'v':
        log_set_verbose(true);
        return GO_ON;
    default:
        return option_table_answer(&table, found->row) ? CHECK_SYSTEM : 0;
    }
}

static int take_arguments(struct arguments *arguments, int argc, char **argv)
{
    int code = GO_ON;
    struct option_found found;
    while (code == GO_ON && option_table_next(&table, argc, argv, &found))
        code = take_option(arguments, &found);
    if (code == GO_ON && optind < argc)
        code = misused("phonebookd takes only options");
    if (code == GO_ON && arguments->user && !arguments->check)
        code = misused("-u works only with -t");
    return code;
}

/* An array with a mapping of its own grows without being copied (mremap(2)); copying 16 MiB took
 * 9 ms of the loop. By default, glibc raises the least size of such an array up to 32 MiB as blocks
 * are freed (mallopt(3)). musl has no such function, and always maps from 128 KiB on. */
static void set_mappings(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, MAPPING_MIN);
#endif
}

int main(int argc, char **argv)
{
    struct findings findings = {.source = findings_system};
    standard_fds_open();
    set_mappings();
    struct arguments arguments = {
        .options = {.config_path = SYSCONFDIR "/phonebook/phonebookd.conf", .ready_fd = -1}};
    int code = take_arguments(&arguments, argc, argv);
    if (code != GO_ON)
        return code;
    if (arguments.check)
        return check_config(arguments.options.config_path, arguments.user);
    signal(SIGPIPE, SIG_IGN); /* the process that reads the log may end, */
    signal(SIGXFSZ, SIG_IGN); /* and a file may reach RLIMIT_FSIZE: write(2) then fails */
    log_open();
    struct config *config = read_config(arguments.options.config_path, &findings);
    return config ? daemon_run(&arguments.options, config, &findings) : EXIT_USAGE;
}
