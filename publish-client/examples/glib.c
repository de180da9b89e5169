/* usage: glib NAME INTERFACE
 *
 * Holds the name, and registers it again after phonebookd was away.
 *
 *     cc glib.c $(pkg-config --cflags --libs glib-2.0 libphonebook) */
#include "../../include/phonebook.h" /* <phonebook.h> once it is installed */

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>

enum { RETRY_S = 1 };

static gboolean on_retry(gpointer phonebook);
static gboolean on_ready(gint fd, GIOCondition condition, gpointer phonebook);

/* Gives all answers that are there, and waits for more. */
static void interpret(struct phonebook *phonebook)
{
    int result;
    while ((result = phonebook_interpret(phonebook)) >= 0)
        g_print("%s %s\n", phonebook_outcome_word(result), phonebook_text(phonebook));
    if (result == -EAGAIN) {
        GIOCondition condition =
            phonebook_events(phonebook) & POLLOUT ? G_IO_IN | G_IO_OUT : G_IO_IN;
        g_unix_fd_add(phonebook_fd(phonebook), condition, on_ready, phonebook);
        return;
    }
    g_printerr("phonebookd: %s\n", g_strerror(-result));
    g_timeout_add_seconds(RETRY_S, on_retry, phonebook);
}

/* Each source is for once: what it waits for, and the descriptor, may be another one next time. */
static gboolean on_ready(gint fd, GIOCondition condition, gpointer phonebook)
{
    (void)fd, (void)condition;
    interpret(phonebook);
    return G_SOURCE_REMOVE;
}

static gboolean on_retry(gpointer phonebook)
{
    int result = phonebook_reconnect(phonebook, 0);
    if (result != 0 && result != -ETIMEDOUT)
        return G_SOURCE_CONTINUE;
    interpret(phonebook); /* connected; the answers are still to come */
    return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 100;

    struct phonebook_request request = {.name = argv[1], .interface = argv[2]};
    struct phonebook *phonebook;
    int result = phonebook_connect(&phonebook, NULL, 5000);
    if (result == 0)
        result = phonebook_queue(phonebook, &request);
    if (result) { /* negative, or a refusal of the request as it is written */
        g_printerr("%s: %s\n", argv[1],
                   result < 0 ? g_strerror(-result) : phonebook_text(phonebook));
        return result < 0 ? 111 : 1;
    }
    interpret(phonebook);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return 0;
}
