/* Clients of the library that do not wait for one answer before the next request, and look whether
 * each answer is that of its request.
 *
 *     pipeline RUNTIME CONNECTIONS INTERFACE [ANSWERS]
 *
 * Each connection has WINDOW requests under way, for names of its own: every other one is refused.
 * One that is closed by phonebookd is made again, and its requests with it. Ends after so many
 * answers, or by a SIGTERM, with "OWN answers of their request, FOREIGN of another, LOST ends". */
#include "../../include/phonebook.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, WINDOW = 16, NAME_ROOM = 64, RETRY_US = 2000 };

struct client {
    struct phonebook *phonebook;
    unsigned long asked,
        answered; /* on this connection; a request's name follows from its number */
};

struct load {
    const char *runtime, *interface;
    size_t n;
    struct client clients[CONNECTIONS_MAX];
    unsigned long own, foreign, lost;
};

static volatile sig_atomic_t ended;

static void on_end(int number)
{
    (void)number;
    ended = 1;
}

/* Names differ from each other in all requests that can be under way at a time, and more. */
static bool name_of(char name[static NAME_ROOM], size_t client, unsigned long number)
{
    bool refused = number % 2;
    snprintf(name, NAME_ROOM, refused ? "r%zu-%lu.nowhere.example." : "p%zu-%lu", client,
             number / 2 % WINDOW);
    return refused;
}

static void ask(struct load *load, size_t i)
{
    struct client *client = &load->clients[i];
    char name[NAME_ROOM];
    while (client->asked - client->answered < WINDOW) {
        struct phonebook_request request = {.name = name, .interface = load->interface};
        name_of(name, i, client->asked);
        request.ttl = 1 + (int)(client->asked / WINDOW % 1000); /* so that it changes something */
        if (phonebook_queue(client->phonebook, &request) != 0)
            return;
        client->asked++;
    }
}

/* The text of each answer begins with the name. */
static void check(struct load *load, size_t i, int result)
{
    struct client *client = &load->clients[i];
    const char *text = phonebook_text(client->phonebook);
    char name[NAME_ROOM];
    bool refused = name_of(name, i, client->answered++);
    size_t length = strlen(name) - refused; /* its last dot is not said */
    bool own = strncmp(text, name, length) == 0 && text[length] == (refused ? ' ' : '.') &&
               result == (refused ? PHONEBOOK_ZONE : PHONEBOOK_OK);
    load->own += own;
    load->foreign += !own;
    if (!own)
        fprintf(stderr, "%s was answered %d %s\n", name, result, text);
}

static void work(struct load *load, size_t i)
{
    struct client *client = &load->clients[i];
    if (!client->phonebook) {
        client->asked = client->answered = 0;
        if (phonebook_connect(&client->phonebook, load->runtime, 0) != 0)
            return;
    }
    int result;
    do {
        ask(load, i);
        while ((result = phonebook_interpret(client->phonebook)) >= 0)
            check(load, i, result);
    } while (result == -EAGAIN && client->asked - client->answered < WINDOW);
    if (result == -EAGAIN)
        return;
    if (result != -ECONNRESET)
        fprintf(stderr, "a connection ended: %s\n", strerror(-result));
    phonebook_free(client->phonebook);
    client->phonebook = NULL;
    load->lost++;
}

static void wait_for_some(const struct load *load)
{
    int limit_ms = -1;
    struct pollfd ready[CONNECTIONS_MAX];
    for (size_t i = 0; i < load->n; i++) {
        struct phonebook *phonebook = load->clients[i].phonebook;
        ready[i] = (struct pollfd){.fd = phonebook ? phonebook_fd(phonebook) : -1,
                                   .events = phonebook ? phonebook_events(phonebook) : (short)0};
        if (!phonebook)
            limit_ms = RETRY_US / 1000;
    }
    poll(ready, load->n, limit_ms);
}

int main(int argc, char **argv)
{
    static struct load load;
    unsigned long answers = argc > 4 ? strtoul(argv[4], NULL, 10) : (unsigned long)-1;
    const struct sigaction end = {.sa_handler = on_end};
    if (argc < 4 || (load.n = strtoul(argv[2], NULL, 10)) > CONNECTIONS_MAX) {
        fputs("usage: pipeline RUNTIME CONNECTIONS INTERFACE [ANSWERS]\n", stderr);
        return 100;
    }
    load.runtime = argv[1];
    load.interface = argv[3];
    sigaction(SIGTERM, &end, NULL);
    while (!ended && load.own + load.foreign < answers) {
        for (size_t i = 0; i < load.n; i++)
            work(&load, i);
        wait_for_some(&load);
    }
    printf("%lu answers of their request, %lu of another, %lu ends\n", load.own, load.foreign,
           load.lost);
    return load.foreign ? 1 : 0;
}
