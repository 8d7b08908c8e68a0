#include "json_text.h"

#include <stdlib.h>
#include <string.h>

void json_clear(json_buffer *buffer) {
    buffer->size = 0;
    buffer->out_of_memory = false;
}

void json_free(json_buffer *buffer) {
    free(buffer->bytes);
    *buffer = (json_buffer){0};
}

static bool reserve(json_buffer *buffer, size_t more) {
    if (buffer->capacity - buffer->size >= more) return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 4096;
    while (capacity - buffer->size < more) capacity += capacity / 2;
    char *bytes = realloc(buffer->bytes, capacity);
    if (!bytes) {
        buffer->out_of_memory = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

static void put_bytes(json_buffer *buffer, const char *bytes, size_t size) {
    if (size == 0 || !reserve(buffer, size)) return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void json_put(json_buffer *buffer, const char *syntax) {
    put_bytes(buffer, syntax, strlen(syntax));
}

static void put_escape(json_buffer *buffer, unsigned char byte) {
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    switch (byte) {
    case '"': json_put(buffer, "\\\""); break;
    case '\\': json_put(buffer, "\\\\"); break;
    case '\n': json_put(buffer, "\\n"); break;
    case '\r': json_put(buffer, "\\r"); break;
    case '\t': json_put(buffer, "\\t"); break;
    default: put_bytes(buffer, escape, sizeof escape);
    }
}

void json_put_string(json_buffer *buffer, const char *text, size_t size) {
    size_t done = 0; /* whatever needs no escape goes in runs */
    json_put(buffer, "\"");
    for (size_t at = 0; at < size; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        put_bytes(buffer, text + done, at - done);
        put_escape(buffer, byte);
        done = at + 1;
    }
    put_bytes(buffer, text + done, size - done);
    json_put(buffer, "\"");
}
