#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t text_cut(const char *text, size_t limit) {
    size_t size = strnlen(text, limit + 1);
    if (size <= limit) return size;
    size = limit;
    while (size > 0 && limit - size < 4 && ((unsigned char)text[size] & 0xC0) == 0x80) size--;
    return size;
}

/* How many bytes follow this first one, and what the second must lie between; -1: none begins so. */
static int following(unsigned char first, unsigned char *low, unsigned char *high) {
    *low = 0x80;
    *high = 0xBF;
    if (first == 0xE0) *low = 0xA0;
    if (first == 0xED) *high = 0x9F;
    if (first == 0xF0) *low = 0x90;
    if (first == 0xF4) *high = 0x8F;
    if (first >= 0xC2 && first <= 0xDF) return 1;
    if (first >= 0xE0 && first <= 0xEF) return 2;
    if (first >= 0xF0 && first <= 0xF4) return 3;
    return -1;
}

bool text_is_utf8(const void *bytes, size_t size) {
    const unsigned char *at = bytes, *end = at + size;
    while (at < end) {
        /* Most text is ASCII: eight bytes at a time. */
        uint64_t eight;
        while (end - at >= 8 && (memcpy(&eight, at, 8), !(eight & 0x8080808080808080u))) at += 8;
        if (at == end) break;
        if (*at < 0x80) {
            at++;
            continue;
        }
        unsigned char low, high;
        int more = following(*at, &low, &high);
        if (more < 0 || end - at <= more || at[1] < low || at[1] > high) return false;
        for (int i = 2; i <= more; i++)
            if ((at[i] & 0xC0) != 0x80) return false;
        at += more + 1;
    }
    return true;
}

static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

bool text_is_collection(const char *text) {
    size_t size = 0;
    while (is_word(text[size]) || text[size] == '-') size++;
    return size >= 1 && size <= 64 && text[size] == 0;
}

void text_step(const char *text, char *out) {
    static const char *const reserved[] = {"starting",  "queued",   "waiting", "resumed",
                                           "importing", "complete", "error",   "document_failed"};
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
