/*
 * templates.h -- the files of which `integrationd plugin new` makes a plugin.  They are part of the
 * program, so that a skeleton never belongs to another version than its header.
 */
#ifndef INTEGRATIOND_TEMPLATES_H
#define INTEGRATIOND_TEMPLATES_H

#include <stddef.h>
#include <stdint.h>

/* All of it lives as long as the program.  Texts hold __NAME__ (my-notes), __TITLE__ (My notes),
 * __MODULE__ (MyNotes) and __IDENTIFIER__ (my_notes), and so may the path. */
typedef struct {
    const char *language; /* "c", … */
    const char *path;     /* in the folder that is made */
    const uint8_t *bytes;
    size_t size;
} template_file;

size_t template_count(void);
const template_file *template_at(size_t number);

#endif
