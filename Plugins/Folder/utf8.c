#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* The range that a sequence's second byte must be in; it is what rules out overlong forms,
 * surrogates and everything beyond U+10FFFF.  length 0: not a first byte. */
typedef struct sequence {
    size_t length;
    unsigned char low, high;
} sequence;

static sequence sequence_starting_with(unsigned char first) {
    if (first >= 0xC2 && first <= 0xDF) return (sequence){2, 0x80, 0xBF};
    if (first == 0xE0) return (sequence){3, 0xA0, 0xBF};
    if (first == 0xED) return (sequence){3, 0x80, 0x9F};
    if (first >= 0xE1 && first <= 0xEF) return (sequence){3, 0x80, 0xBF};
    if (first == 0xF0) return (sequence){4, 0x90, 0xBF};
    if (first >= 0xF1 && first <= 0xF3) return (sequence){4, 0x80, 0xBF};
    if (first == 0xF4) return (sequence){4, 0x80, 0x8F};
    return (sequence){0, 0, 0};
}

static bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/* How many of these bytes are ASCII before the first that is not; eight at a time. */
static size_t ascii_prefix(const char *text, size_t size) {
    size_t at = 0;
    for (uint64_t word; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080)) break;
    }
    while (at < size && (unsigned char)text[at] < 0x80) at++;
    return at;
}

bool utf8_is_valid(const char *text, size_t size) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    for (;;) {
        at += ascii_prefix(text + at, size - at);
        if (at == size) return true;
        sequence expected = sequence_starting_with(bytes[at]);
        if (expected.length == 0 || expected.length > size - at) return false;
        if (bytes[at + 1] < expected.low || bytes[at + 1] > expected.high) return false;
        for (size_t i = 2; i < expected.length; i++)
            if (!is_continuation(bytes[at + i])) return false;
        at += expected.length;
    }
}

size_t utf8_cut(const char *text, size_t size, size_t limit) {
    if (size <= limit) return size;
    while (limit > 0 && is_continuation((unsigned char)text[limit])) limit--;
    return limit;
}
