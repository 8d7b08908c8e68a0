/*
 * As much JSON as this plugin needs: members of one object, and strings to put into another.
 */
#ifndef JSON_H
#define JSON_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *json_space(const char *at) { return at + strspn(at, " \t\r\n"); }

/* What stands behind a string's closing quote; NULL if it has none. */
static inline const char *json_after_string(const char *at) {
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && !*++at) return NULL;
    return *at ? at + 1 : NULL;
}

/* What stands behind a value; NULL if the text ends within it. */
static inline const char *json_after_value(const char *at) {
    int depth = 0;
    do {
        at = json_space(at);
        if (*at == '"') {
            if (!(at = json_after_string(at))) return NULL;
            continue;
        }
        if (!*at) return NULL;
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        at++;
    } while (depth > 0 || !strchr(",}]", *json_space(at)));
    return json_space(at);
}

/* The value of a member of an object, by its key; NULL if there is none. */
static inline const char *json_member(const char *object, const char *key) {
    const char *at = json_space(object);
    size_t size = strlen(key);
    if (*at++ != '{') return NULL;
    for (at = json_space(at); *at == '"'; at = json_space(at + 1)) {
        const char *name = at + 1, *value = json_after_string(at);
        if (!value || *(value = json_space(value)) != ':') return NULL;
        value = json_space(value + 1);
        const char *end = json_after_value(value);
        if (!end) return NULL;
        if (strncmp(name, key, size) == 0 && name[size] == '"') return value;
        if (*(at = end) != ',') return NULL;
    }
    return NULL;
}

/* An integer; false if there is something else. */
static inline bool json_integer(const char *value, long *number) {
    if (!value || !(*value == '-' || (*value >= '0' && *value <= '9'))) return false;
    char *end;
    errno = 0;
    *number = strtol(value, &end, 10);
    return errno == 0 && strchr(",}] \t\r\n", *end);
}

/* A string as it is written, with its quotes and escapes: what can go into other JSON.  False if
 * there is something else, or it does not fit. */
static inline bool json_string(const char *value, char *text, size_t capacity) {
    const char *end = value && *value == '"' ? json_after_string(value) : NULL;
    if (!end || (size_t)(end - value) >= capacity) return false;
    snprintf(text, capacity, "%.*s", (int)(end - value), value);
    return true;
}

#endif
