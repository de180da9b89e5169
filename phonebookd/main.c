/* phonebookd [-c CONF] [-t [-u USER]] [-v] [-d FD]: phonebookd(8). */
#include "../common/number.h"
#include "../common/standard-fds.h"
#include "../zones/config/findings.h"
#include "../zones/config/inifile.h"
#include "check.h"
#include "config.h"
#include "daemon.h"
#include "log.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

enum { EXIT_USAGE = 100, DESCRIPTOR_MAX = 65535 };

static int usage(FILE *out, int status)
{
    fputs("usage: phonebookd [-c CONF] [-t [-u USER]] [-v] [-d FD]\n"
          "  -c CONF  configuration file (" SYSCONFDIR "/phonebook/phonebookd.conf)\n"
          "  -t       check the configuration and exit\n"
          "  -u USER  check it as this user, whom phonebookd runs as\n"
          "  -v       say more on standard error\n"
          "  -d FD    write a newline to FD when ready\n"
          "  -V       print the version\n",
          out);
    return status;
}

/* Reads the configuration; every complaint and warning is logged, as at a SIGHUP. NULL where there
 * was a complaint. */
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

int main(int argc, char **argv)
{
    struct daemon_options options = {.config_path = SYSCONFDIR "/phonebook/phonebookd.conf",
                                     .ready_fd = -1};
    const char *user = NULL;
    bool check = false;
    struct findings findings = {0};
    struct config *config;
    int option;

    standard_fds_open();
    while ((option = getopt(argc, argv, "c:tu:d:vVh")) != -1)
        switch (option) {
        case 'c':
            options.config_path = optarg;
            break;
        case 't':
            check = true;
            break;
        case 'u':
            user = optarg;
            break;
        case 'd':
            options.ready_fd = (int)number_of(optarg, strlen(optarg), DESCRIPTOR_MAX);
            if (options.ready_fd < 0)
                return usage(stderr, EXIT_USAGE);
            break;
        case 'v':
            log_set_verbose(true);
            break;
        case 'V':
            puts("phonebookd " PHONEBOOK_VERSION);
            return 0;
        case 'h':
            return usage(stdout, 0);
        default:
            return usage(stderr, EXIT_USAGE);
        }
    if (optind < argc || (user && !check))
        return usage(stderr, EXIT_USAGE);
    if (check)
        return check_config(options.config_path, user);
    signal(SIGPIPE, SIG_IGN); /* whoever reads the log may end */
    log_open();
    config = read_config(options.config_path, &findings);
    return config ? daemon_run(&options, config, &findings) : EXIT_USAGE;
}
