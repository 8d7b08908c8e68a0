#ifndef FOLDER_LISTING_H
#define FOLDER_LISTING_H

#include <stddef.h>

/* The names in one directory in byte order, without those that start with a dot. */
typedef struct listing {
    char *text; /* all names, each with its NUL */
    const char **names; /* into text */
    size_t count;
} listing;

/* Reads a directory; the descriptor stays the caller's and open.  0, or an errno; listing_free
 * must follow only after 0. */
int listing_read(listing *names, int directory);
void listing_free(listing *names);

#endif
