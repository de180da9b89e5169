/* phonebookd [-c CONF] [-t] [-v] [-d FD]: phonebookd(8). */
#include "../common/number.h"
#include "../common/standard-fds.h"
#include "../zones/config/inifile.h"
#include "../zones/static-image.h"
#include "config.h"
#include "daemon.h"
#include "log.h"
#include "publishing/static-file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

enum { EXIT_PARTLY = 1, EXIT_USAGE = 100, DESCRIPTOR_MAX = 65535 };

static int usage(FILE *out, int status)
{
    fputs("usage: phonebookd [-c CONF] [-t] [-v] [-d FD]\n"
          "  -c CONF  configuration file (" SYSCONFDIR "/phonebook/phonebookd.conf)\n"
          "  -t       check the configuration and exit\n"
          "  -v       say more on standard error\n"
          "  -d FD    write a newline to FD when ready\n"
          "  -V       print the version\n",
          out);
    return status;
}

/* Reads the configuration, printing every complaint and warning. NULL where there was a complaint;
 * *whole is false where there was a warning. */
static struct config *read_config(const char *path, bool *whole)
{
    struct complaints complaints = {0};
    struct config *config = config_read(path, &complaints);

    *whole = complaints.n_warnings == 0;
    fprintf(stderr, "%s", complaints.text ? complaints.text : "");
    if (complaints.count > 0) {
        fprintf(stderr, "phonebookd: fatal: %zu mistake%s in the configuration\n", complaints.count,
                complaints.count == 1 ? "" : "s");
        config_free(config);
        config = NULL;
    }
    complaints_fini(&complaints);
    return config;
}

/* Are all static files good? What is wrong with them is printed. It keeps no file from being
 * served but its own, and so is no mistake in the configuration. */
static bool check_static_files(const struct config *config)
{
    bool good = true;

    for (size_t i = 0; i < config->n_databases; i++)
        for (char **file = config->databases[i]->static_files; file && *file; file++) {
            struct static_reading reading = {.path = *file, .n_told_most = SIZE_MAX};

            static_file_read(&reading);
            if (!reading.image)
                fprintf(stderr, "%s", reading.complaints.text ? reading.complaints.text : "");
            good = good && reading.image;
            static_image_unref(reading.image);
            complaints_fini(&reading.complaints);
        }
    return good;
}

int main(int argc, char **argv)
{
    struct daemon_options options = {.config_path = SYSCONFDIR "/phonebook/phonebookd.conf",
                                     .ready_fd = -1};
    bool check = false, whole;
    struct config *config;
    int option;

    standard_fds_open();
    while ((option = getopt(argc, argv, "c:td:vVh")) != -1)
        switch (option) {
        case 'c':
            options.config_path = optarg;
            break;
        case 't':
            check = true;
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
    if (optind < argc)
        return usage(stderr, EXIT_USAGE);
    config = read_config(options.config_path, &whole);
    if (!config)
        return EXIT_USAGE;
    if (check) {
        bool good = check_static_files(config);

        config_free(config);
        return good && whole ? 0 : EXIT_PARTLY;
    }
    log_open();
    return daemon_run(&options, config);
}
