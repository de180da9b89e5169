/* A keeper with four sockets reads texts that another keeper left for it (keeper/park.h). Then it
 * passes on what it holds, and the next keeper must hold the same. */
#include "../../keeper/cells.h"
#include "../../keeper/holdings.h"
#include "../../keeper/notes.h"
#include "../../keeper/park.h"
#include "../../keeper/protocol.h"
#include "../../keeper/table.h"
#include "../unit/require.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { SOCKETS = 4, NOTES = 6, FDS = 2, NOW = 1000 };

/* Sockets with the keys 1 to SOCKETS; these descriptors are only numbers, and are not used. */
static void open_holdings(struct holdings *holdings)
{
    *holdings = (struct holdings){.epoll = -1};
    require(table_init(&holdings->table, SOCKETS + 1) == 0);
    require(notes_init(&holdings->notes, NOTES) == 0);
    for (int i = 1; i <= SOCKETS; i++)
        require(table_add(&holdings->table, (uint64_t)i, i) == KEEP_OK);
}

static void close_holdings(struct holdings *holdings)
{
    holdings_drop_listeners(holdings);
    table_fini(&holdings->table);
    notes_fini(&holdings->notes);
}

/* As in a memfd, but without listening sockets, because their descriptors do not exist. */
static uint8_t *write_all(const struct holdings *holdings, size_t *length)
{
    struct giving giving = giving_begin(holdings, KEEP_KNOWS_NOTES);
    uint8_t text[KEEP_NOTE_MAX], *all = NULL;
    int fd;
    struct message_header header;
    for (*length = 0; giving_message(&giving, holdings, &header, text, &fd);
         giving_advance(&giving, holdings)) {
        size_t more = sizeof header + header.length;
        require((fd > 0) == (header.type == MESSAGE_SOCKET));
        require(header.type == MESSAGE_SOCKET || header.length > 0);
        all = realloc(all, *length + more);
        require(all != NULL);
        memcpy(all + *length, &header, sizeof header);
        memcpy(all + *length + sizeof header, text, header.length);
        *length += more;
    }
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    /* These are not sockets, so their cookie counts as 0. */
    int fds[FDS] = {open("/dev/null", O_RDONLY | O_CLOEXEC),
                    open("/dev/null", O_RDONLY | O_CLOEXEC)};
    struct holdings first;
    open_holdings(&first);
    park_read_texts(&first, bytes, length, fds, FDS, NOW);
    require(first.table.count == SOCKETS && first.notes.count <= NOTES && first.n_listeners <= FDS);
    size_t first_length;
    uint8_t *first_all = write_all(&first, &first_length);
    struct holdings second;
    open_holdings(&second);
    park_read_texts(&second, first_all, first_length, fds, 0, NOW);
    size_t second_length;
    uint8_t *second_all = write_all(&second, &second_length);
    require(first_length == second_length && memcmp(first_all, second_all, first_length) == 0);
    free(first_all);
    free(second_all);
    close_holdings(&first);
    close_holdings(&second);
    for (int i = 0; i < FDS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return 0;
}
