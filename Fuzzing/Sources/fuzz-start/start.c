/* The first frame that a worker reads, and the JSON that a plugin emits. */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    unsigned char *frame = malloc(size + 1);
    if (!frame) return 0;
    memcpy(frame, bytes, size);
    struct start start;
    start_read(&start, frame, size);
    start_free(&start); /* the frame with it */

    struct json_slice key, value;
    if (json_is_object((const char *)bytes, size)) {
        struct json_members members = json_members((const char *)bytes, size);
        while (json_next_member(&members, &key, &value)) {
            char *text = malloc(key.size + 1);
            if (text) json_unescape(key, text);
            free(text);
        }
    }
    return 0;
}
