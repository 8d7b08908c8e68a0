#ifndef FOLDER_UTF8_H
#define FOLDER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Is this well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF)? */
bool utf8_is_valid(const char *text, size_t size);

/* The largest size <= limit at which well-formed text can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t size, size_t limit);

#endif
