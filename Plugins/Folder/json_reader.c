#include "json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The text comes from the host and was checked there, so this accepts some texts that are not
 * JSON; it never reads past the end of any. */

static void skip_space(json_text *text) {
    while (text->size > 0 && strchr(" \t\r\n", *text->start) && *text->start != '\0') {
        text->start++;
        text->size--;
    }
}

static bool take(json_text *text, char expected) {
    skip_space(text);
    if (text->size == 0 || *text->start != expected) return false;
    text->start++;
    text->size--;
    return true;
}

/* The size of the string that starts here, quotes included; 0 if it does not end. */
static size_t string_size(json_text text) {
    for (size_t at = 1; at < text.size; at++) {
        if (text.start[at] == '\\') at++;
        else if (text.start[at] == '"') return at + 1;
    }
    return 0;
}

/* The size of the array or object that starts here; 0 if it does not end. */
static size_t nested_size(json_text text) {
    size_t depth = 0, at = 0;
    while (at < text.size) {
        char byte = text.start[at];
        if (byte == '"') {
            size_t size = string_size((json_text){text.start + at, text.size - at});
            if (size == 0) return 0;
            at += size;
            continue;
        }
        at++;
        if (byte == '{' || byte == '[') depth++;
        if ((byte == '}' || byte == ']') && --depth == 0) return at;
    }
    return 0;
}

static size_t word_size(json_text text) {
    size_t at = 0;
    while (at < text.size && !memchr(",]} \t\r\n:\"[{", text.start[at], 12)) at++;
    return at;
}

static bool take_value(json_text *text, json_text *value) {
    skip_space(text);
    if (text->size == 0) return false;
    char first = *text->start;
    size_t size = first == '"'                 ? string_size(*text)
                  : first == '{' || first == '[' ? nested_size(*text)
                                                 : word_size(*text);
    if (size == 0) return false;
    *value = (json_text){text->start, size};
    text->start += size;
    text->size -= size;
    return true;
}

bool json_member(json_text object, const char *key, json_text *value) {
    size_t key_size = strlen(key);
    if (!take(&object, '{')) return false;
    do {
        json_text name;
        if (!take_value(&object, &name) || !take(&object, ':')) return false;
        if (!take_value(&object, value)) return false;
        if (name.size == key_size + 2 && memcmp(name.start + 1, key, key_size) == 0) return true;
    } while (take(&object, ','));
    return false;
}

bool json_elements(json_text array, json_text *rest) {
    *rest = array;
    return take(rest, '[');
}

bool json_next(json_text *rest, json_text *element) {
    bool found = take_value(rest, element);
    if (found) take(rest, ',');
    return found;
}

/* Four hexadecimal digits, or -1. */
static int32_t hex_unit(json_text text, size_t at) {
    int32_t unit = 0;
    if (at + 4 > text.size) return -1;
    for (size_t i = at; i < at + 4; i++) {
        char digit = text.start[i];
        int32_t value = digit >= '0' && digit <= '9'   ? digit - '0'
                        : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                        : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                       : -1;
        if (value < 0) return -1;
        unit = unit * 16 + value;
    }
    return unit;
}

/* The character of the \u escape whose digits start at *at, which moves past it; -1 if broken. */
static int32_t escaped_character(json_text text, size_t *at) {
    int32_t unit = hex_unit(text, *at);
    *at += 4;
    if (unit < 0xD800 || unit > 0xDFFF) return unit;
    bool has_pair = unit < 0xDC00 && *at + 2 <= text.size && text.start[*at] == '\\'
                    && text.start[*at + 1] == 'u';
    int32_t low = has_pair ? hex_unit(text, *at + 2) : -1;
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    *at += 6;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

static char *put_character(char *out, int32_t character) {
    if (character < 0x80) {
        *out++ = (char)character;
        return out;
    }
    if (character < 0x800) {
        *out++ = (char)(0xC0 | character >> 6);
    } else {
        if (character < 0x10000) {
            *out++ = (char)(0xE0 | character >> 12);
        } else {
            *out++ = (char)(0xF0 | character >> 18);
            *out++ = (char)(0x80 | (character >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (character & 0x3F));
    return out;
}

/* The character after a backslash at *at, which moves past the escape; -1 if broken. */
static int32_t unescape(json_text text, size_t *at) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (*at >= text.size) return -1;
    char name = text.start[(*at)++];
    if (name == 'u') return escaped_character(text, at);
    const char *found = memchr(names, name, sizeof names - 1);
    return found ? values[found - names] : -1;
}

char *json_string(json_text value) {
    if (value.size < 2 || value.start[0] != '"') return NULL;
    json_text inner = {value.start + 1, value.size - 2};
    char *text = malloc(inner.size + 1), *out = text; /* an escape is longer than what it means */
    if (!text) return NULL;
    for (size_t at = 0; at < inner.size;) {
        char byte = inner.start[at++];
        int32_t character = byte == '\\' ? unescape(inner, &at) : 1;
        if (character <= 0 || byte == '\0') {
            free(text);
            return NULL;
        }
        if (byte == '\\') out = put_character(out, character);
        else *out++ = byte;
    }
    *out = '\0';
    return text;
}

bool json_integer(json_text value, int64_t *number) {
    char digits[24];
    if (value.size == 0 || value.size >= sizeof digits) return false;
    memcpy(digits, value.start, value.size);
    digits[value.size] = '\0';
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(digits, &end, 10);
    *number = parsed;
    bool is_number = digits[0] == '-' || (digits[0] >= '0' && digits[0] <= '9');
    return is_number && errno == 0 && *end == '\0';
}
