#ifndef FOLDER_DOCUMENT_H
#define FOLDER_DOCUMENT_H

#include "file_bytes.h"
#include "json_text.h"

#include <sys/stat.h>

#define REVISION_CAPACITY 96

/* What identifies a state of a file without reading it: size, modification time, inode. */
void document_revision(char revision[REVISION_CAPACITY], const struct stat *info);

/* Writes the document of a file: what the contract calls its JSON.  `path` is relative to the
 * root; path and content must be UTF-8. */
void document_write(json_buffer *json, const char *path, const file_bytes *content,
                    const struct stat *info);

#endif
