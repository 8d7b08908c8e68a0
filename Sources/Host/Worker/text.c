#include "text.h"

#include <stdio.h>
#include <string.h>

size_t text_cut(const char *text, size_t limit) {
    size_t size = strnlen(text, limit + 1);
    if (size <= limit) return size;
    size = limit;
    while (size > 0 && limit - size < 4 && ((unsigned char)text[size] & 0xC0) == 0x80) size--;
    return size;
}

static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

bool text_is_collection(const char *text) {
    size_t size = 0;
    while (is_word(text[size]) || text[size] == '-') size++;
    return size >= 1 && size <= 64 && text[size] == 0;
}

void text_step(const char *text, char *out) {
    static const char *const reserved[] = {"starting",  "queued",   "waiting", "resumed",
                                           "importing", "complete", "error"};
    size_t size = 0;
    for (; text[size] && size < 64; size++) out[size] = is_word(text[size]) ? text[size] : '_';
    out[size] = 0;
    if (size == 0) strcpy(out, "other");
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (strcmp(out, reserved[i]) != 0) continue;
        snprintf(out, 65, "plugin_%s", reserved[i]);
        return;
    }
}
