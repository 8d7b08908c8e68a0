#include "json_text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Each reader takes a position and returns the one behind what it read, or NULL. */

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_plain(char c) { return c != '"' && c != '\\' && (unsigned char)c >= 0x20; }

/* Behind all that may stand in a string as it is; most of a text is that, so eight bytes at a time. */
static const char *skip_plain(const char *at, const char *end) {
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t quotes = word ^ ones * '"', escapes = word ^ ones * '\\';
        /* The highest bit of a byte is set where that is zero, zero, or below 0x20. */
        uint64_t found = ((quotes - ones) & ~quotes) | ((escapes - ones) & ~escapes) |
                         ((word - ones * 0x20) & ~word);
        if (found & highs) break;
    }
    while (at < end && is_plain(*at)) at++;
    return at;
}

static const char *read_string(const char *at, const char *end) {
    for (at++; (at = skip_plain(at, end)) < end; at++) {
        if (*at == '"') return at + 1;
        if ((unsigned char)*at < 0x20) return NULL;
        if (*at != '\\') continue;
        if (++at == end) return NULL;
        if (*at == 'u') {
            for (int i = 0; i < 4; i++)
                if (++at >= end || hex_digit(*at) < 0) return NULL;
        } else if (*at == '\0' || !strchr("\"\\/bfnrt", *at)) {
            return NULL;
        }
    }
    return NULL;
}

static const char *read_digits(const char *at, const char *end) {
    if (at >= end || !is_digit(*at)) return NULL;
    while (at < end && is_digit(*at)) at++;
    return at;
}

/* Longer than any number that a double could tell from its neighbours. */
#define MAX_NUMBER 512

/* Readers of JSON take doubles, and many refuse the whole text for one that is too large. */
static bool is_finite_number(const char *start, const char *end) {
    char digits[MAX_NUMBER + 1];
    size_t size = (size_t)(end - start);
    if (size > MAX_NUMBER) return false;
    memcpy(digits, start, size);
    digits[size] = 0;
    return isfinite(strtod(digits, NULL));
}

static const char *read_number_text(const char *at, const char *end) {
    if (*at == '-') at++;
    if (at < end && *at == '0') at++;
    else if (!(at = read_digits(at, end))) return NULL;
    if (at < end && *at == '.' && !(at = read_digits(at + 1, end))) return NULL;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        at = read_digits(at, end);
    }
    return at;
}

static const char *read_number(const char *start, const char *end) {
    const char *at = read_number_text(start, end);
    /* Only an exponent or hundreds of digits can be too much, so most are not looked at twice. */
    bool may_overflow = at && (at - start > 300 || memchr(start, 'e', (size_t)(at - start)) ||
                               memchr(start, 'E', (size_t)(at - start)));
    return may_overflow && !is_finite_number(start, at) ? NULL : at;
}

static const char *read_word(const char *at, const char *end, const char *word) {
    size_t size = strlen(word);
    return (size_t)(end - at) >= size && memcmp(at, word, size) == 0 ? at + size : NULL;
}

static const char *read_value(const char *at, const char *end, int depth);

static const char *read_array(const char *at, const char *end, int depth) {
    at = skip_space(at + 1, end);
    if (at < end && *at == ']') return at + 1;
    while ((at = read_value(skip_space(at, end), end, depth))) {
        at = skip_space(at, end);
        if (at == end) return NULL;
        if (*at == ']') return at + 1;
        if (*at++ != ',') return NULL;
    }
    return NULL;
}

/* Behind `"key" :`, at the value. */
static const char *read_key(const char *at, const char *end) {
    if (at >= end || *at != '"' || !(at = read_string(at, end))) return NULL;
    at = skip_space(at, end);
    return at < end && *at == ':' ? skip_space(at + 1, end) : NULL;
}

static const char *read_object(const char *at, const char *end, int depth) {
    at = skip_space(at + 1, end);
    if (at < end && *at == '}') return at + 1;
    while ((at = read_key(skip_space(at, end), end)) && (at = read_value(at, end, depth))) {
        at = skip_space(at, end);
        if (at == end) return NULL;
        if (*at == '}') return at + 1;
        if (*at++ != ',') return NULL;
    }
    return NULL;
}

static const char *read_value(const char *at, const char *end, int depth) {
    if (at >= end || depth >= JSON_MAX_DEPTH) return NULL;
    switch (*at) {
    case '{': return read_object(at, end, depth + 1);
    case '[': return read_array(at, end, depth + 1);
    case '"': return read_string(at, end);
    case 't': return read_word(at, end, "true");
    case 'f': return read_word(at, end, "false");
    case 'n': return read_word(at, end, "null");
    default: return *at == '-' || is_digit(*at) ? read_number(at, end) : NULL;
    }
}

bool json_is_object(const char *text, size_t size) {
    const char *end = text + size, *at = skip_space(text, end);
    if (at == end || *at != '{') return false;
    at = read_value(at, end, 0);
    return at && skip_space(at, end) == end;
}

struct json_members json_members(const char *object, size_t size) {
    const char *end = object + size;
    return (struct json_members){skip_space(object, end) + 1, end};
}

bool json_next_member(struct json_members *members, struct json_slice *key,
                      struct json_slice *value) {
    const char *end = members->end, *at = skip_space(members->next, end);
    if (at < end && *at == ',') at = skip_space(at + 1, end);
    if (at >= end || *at != '"') return false;
    const char *after_key = read_string(at, end);
    const char *start = after_key ? read_key(at, end) : NULL;
    const char *after_value = start ? read_value(start, end, 1) : NULL;
    if (!after_value) return false;
    *key = (struct json_slice){at, (size_t)(after_key - at)};
    *value = (struct json_slice){start, (size_t)(after_value - start)};
    members->next = after_value;
    return true;
}

struct json_members json_elements(const char *array, size_t size) {
    return json_members(array, size); /* one bracket or the other */
}

bool json_next_element(struct json_members *elements, struct json_slice *value) {
    const char *end = elements->end, *at = skip_space(elements->next, end);
    if (at < end && *at == ',') at = skip_space(at + 1, end);
    const char *after = at < end && *at != ']' ? read_value(at, end, 1) : NULL;
    if (!after) return false;
    *value = (struct json_slice){at, (size_t)(after - at)};
    elements->next = after;
    return true;
}

static char *write_utf8(uint32_t code, char *out) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (char)(0xF0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

static uint32_t read_hex4(const char *at) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value = value << 4 | (uint32_t)hex_digit(at[i]);
    return value;
}

/* `at` is behind the `\u`. */
static const char *unescape_unicode(const char *at, const char *end, char **out) {
    uint32_t code = read_hex4(at);
    at += 4;
    if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        uint32_t low = read_hex4(at + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
            at += 6;
        }
    }
    if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
    *out = write_utf8(code, *out);
    return at;
}

size_t json_unescape(struct json_slice string, char *out) {
    const char *at = string.bytes + 1, *end = string.bytes + string.size - 1;
    char *start = out;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape ? escape : end) - at);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (!escape) break;
        char kind = at[1];
        at += 2;
        switch (kind) {
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 't': *out++ = '\t'; break;
        case 'u': at = unescape_unicode(at, end, &out); break;
        default: *out++ = kind;
        }
    }
    return (size_t)(out - start);
}

static bool is_escaped_surrogate(const char *at, const char *end, uint32_t first) {
    return end - at >= 6 && at[0] == '\\' && at[1] == 'u' && (read_hex4(at + 2) & 0xFC00) == first;
}

void json_mend(char *text, size_t size) {
    char *at = text, *end = text + size;
    while ((at = memchr(at, '\\', (size_t)(end - at)))) {
        bool is_high = is_escaped_surrogate(at, end, 0xD800);
        if (is_high && is_escaped_surrogate(at + 6, end, 0xDC00)) {
            at += 12;
        } else if (is_high || is_escaped_surrogate(at, end, 0xDC00)) {
            memcpy(at + 2, "fffd", 4);
            at += 6;
        } else {
            at += 2;
        }
    }
}
