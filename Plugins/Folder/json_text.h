/*
 * As much JSON as a plugin needs: a reader that looks into a text without building a tree, and
 * a writer that appends to one buffer.
 */
#ifndef FOLDER_JSON_TEXT_H
#define FOLDER_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- reading ---- */

/* A part of somebody else's JSON text: one value, or what is left of an array. */
typedef struct json_text {
    const char *start;
    size_t size;
} json_text;

/* Finds a member of an object by its key (one without escapes).  False if there is none, or
 * this is not an object. */
bool json_member(json_text object, const char *key, json_text *value);

/* Begins an array; false if this is not one.  json_next takes its elements off one by one. */
bool json_elements(json_text array, json_text *rest);
bool json_next(json_text *rest, json_text *element);

/* A string's content, decoded, NUL-terminated, for the caller to free.  NULL if this is not a
 * string, holds a NUL or half a surrogate pair, or memory is out. */
char *json_string(json_text value);

/* A whole number within int64_t; false if this is anything else. */
bool json_integer(json_text value, int64_t *number);

/* ---- writing ---- */

/* One buffer, used again for text after text.  Starts zeroed; ends with json_free. */
typedef struct json_buffer {
    char *bytes;
    size_t size, capacity;
    bool out_of_memory; /* sticky until json_clear: what was put since then is lost */
} json_buffer;

void json_clear(json_buffer *buffer);
void json_free(json_buffer *buffer);

/* Appends JSON syntax as it is. */
void json_put(json_buffer *buffer, const char *syntax);

/* Appends a string with quotes and escapes; the text must be UTF-8. */
void json_put_string(json_buffer *buffer, const char *text, size_t size);

#endif
