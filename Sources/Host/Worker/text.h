/* text.h -- judges and cuts the texts that a plugin passes. */
#ifndef INTEGRATIOND_TEXT_H
#define INTEGRATIOND_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes of a text to take so that at most `limit` are, and no character is torn. */
size_t text_cut(const char *text, size_t limit);

/* Whether these bytes are UTF-8: no surrogates, nothing longer than it has to be. */
bool text_is_utf8(const void *bytes, size_t size);

/* Whether a text is 1 to 64 of [a-z0-9_-]: the name of a collection. */
bool text_is_collection(const char *text);

/* Makes a step name of any text: characters other than [a-z0-9_] become '_', long ones are cut,
 * the host's own steps get the prefix "plugin_".  `out` holds 65 bytes. */
void text_step(const char *text, char *out);

#endif
