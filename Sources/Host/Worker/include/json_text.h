/*
 * json_text.h -- reads JSON in place: checks a whole text, walks over the members of an object,
 * unescapes a string.  Allocates nothing.  Accepts exactly RFC 8259, except that bytes above
 * 0x7F are not checked to be UTF-8 (the receiver repairs them), nesting is limited, and a number
 * has to fit a double.
 */
#ifndef INTEGRATIOND_JSON_TEXT_H
#define INTEGRATIOND_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_MAX_DEPTH 512

/* A piece of the text that was given; valid as long as that is. */
struct json_slice {
    const char *bytes;
    size_t size;
};

/* Whether the text is one JSON object and nothing else but white space around it. */
bool json_is_object(const char *text, size_t size);

/* Walks over the members of an object that json_is_object accepted. */
struct json_members {
    const char *next, *end;
};
struct json_members json_members(const char *object, size_t size);
/* False at the end.  `key` and string values include their quotes. */
bool json_next_member(struct json_members *members, struct json_slice *key,
                      struct json_slice *value);

/* The same for the elements of an array inside such an object. */
struct json_members json_elements(const char *array, size_t size);
bool json_next_element(struct json_members *elements, struct json_slice *value);

/* Writes what a string (with its quotes) stands for; `out` needs string.size bytes at most.
 * A surrogate without its other half becomes U+FFFD.  Returns the number of bytes written. */
size_t json_unescape(struct json_slice string, char *out);

/* Makes a text that was accepted one that every strict reader takes: an escaped surrogate without
 * its other half becomes \ufffd, in place. */
void json_mend(char *text, size_t size);

#endif
