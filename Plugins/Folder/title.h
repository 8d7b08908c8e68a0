#ifndef FOLDER_TITLE_H
#define FOLDER_TITLE_H

#include <stddef.h>

/* The first heading of a Markdown text: "# Like this", or a line underlined with === or ---.
 * Not inside a fenced code block or the front matter.  Points into the text; size 0: none. */
typedef struct title {
    const char *start;
    size_t size;
} title;

title title_of_markdown(const char *text, size_t size);

#endif
