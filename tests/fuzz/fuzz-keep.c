/* A message between phonebookd and the keeper, as either end reads it, and made again. */
#include "../../keeper/protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct message_header header;
    const uint8_t *text;
    bool other_version;
    if (!message_parse(bytes, length, &header, &text, &other_version))
        return 0;
    struct message_header made =
        message_header((enum message_type)header.type, header.key, header.length);
    made.result = header.result;
    made.count = header.count;
    made.limit = header.limit;
    if (other_version || text + header.length != bytes + length ||
        memcmp(&made, bytes, sizeof made) != 0)
        abort();
    return 0;
}
