/* Datagrams from the event socket, with any octets. */
#include "../../phonebookd/network/rtnl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static size_t touch_names(const struct rtnl_message *message)
{
    size_t sum = message->name ? strlen(message->name) : 0;
    for (size_t i = 0; i < message->n_altnames; i++)
        sum += strlen(message->altnames[i]);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t cursor = 0, sum = 0;
    bool malformed = false;
    struct rtnl_message message;
    while (rtnl_next(bytes, length, &cursor, &message, &malformed)) {
        size_t names = touch_names(&message);
        if (cursor > length || names > (RTNL_NAMES_MAX + 1) * (RTNL_NAME_TEXT_MAX - 1))
            abort();
        if (message.has_address && address_length(&message.address) > ADDRESS_OCTETS_MAX)
            abort();
        sum += names;
    }
    if (malformed && cursor >= length)
        abort();
    return sum == SIZE_MAX; /* so the compiler keeps the reads */
}
