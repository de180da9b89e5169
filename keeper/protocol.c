#include "protocol.h"

#include <string.h>

_Static_assert(sizeof(struct message_header) == 24, "the header has no padding that could differ");

static bool length_fits(const struct message_header *header)
{
    if (header->type == MESSAGE_REQUEST)
        return header->length > 0 && header->length <= KEEP_TEXT_MAX &&
               header->count <= header->length;
    if (header->type == MESSAGE_FORGET)
        return header->length > 0 && header->length <= KEEP_TEXT_MAX;
    if (header->type == MESSAGE_NOTE)
        return header->length <= KEEP_NOTE_MAX;
    if (header->type == MESSAGE_LISTENER)
        return header->length > 0 && header->length <= KEEP_LISTENER_MAX &&
               header->count <= header->length;
    return header->length == 0;
}

static bool is_known(const struct message_header *header)
{
    return header->type >= MESSAGE_HELLO && header->type <= MESSAGE_FORGET &&
           header->result <= KEEP_VERSIONS && length_fits(header);
}

bool message_parse(const void *bytes, size_t length, struct message_header *header,
                   const uint8_t **text, bool *other_version)
{
    *other_version = false;
    uint16_t version;
    if (length < sizeof version)
        return false;
    memcpy(&version, bytes, sizeof version);
    if (version != KEEP_VERSION) {
        *other_version = true;
        return false;
    }
    if (length < sizeof *header)
        return false;
    memcpy(header, bytes, sizeof *header);
    *text = (const uint8_t *)bytes + sizeof *header;
    return is_known(header) && header->length == length - sizeof *header;
}

size_t message_next(const void *bytes, size_t length, struct message_header *header,
                    const uint8_t **text, bool *known)
{
    if (length < sizeof *header)
        return 0;
    memcpy(header, bytes, sizeof *header);
    if (header->version != KEEP_VERSION || header->length > length - sizeof *header)
        return 0;
    *text = (const uint8_t *)bytes + sizeof *header;
    *known = is_known(header);
    return sizeof *header + header->length;
}

struct message_header message_header(enum message_type type, uint64_t key, size_t length)
{
    return (struct message_header){
        .version = KEEP_VERSION,
        .type = (uint16_t)type,
        .length = (uint16_t)length,
        .key = key,
    };
}
