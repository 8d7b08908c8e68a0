#ifndef FOLDER_IMPORT_H
#define FOLDER_IMPORT_H

#include "integration_plugin.h"
#include "settings.h"

#define FOLDER_COLLECTION "files"

/* Imports the tree below an open directory, whose descriptor it takes over. */
integration_status folder_import(const integration_call *call, const folder_settings *settings,
                                 int root);

#endif
