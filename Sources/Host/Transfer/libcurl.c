#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "libcurl.h"

static libcurl functions;
static char problem[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(problem, sizeof problem, "libcurl is missing: %s", dlerror());
        return;
    }
#define LIBCURL_FIND(NAME)                                                                        \
    functions.NAME = (__typeof__(curl_##NAME) *)dlsym(library, "curl_" #NAME);                    \
    if (!functions.NAME) snprintf(problem, sizeof problem, "this libcurl has no curl_" #NAME);
    LIBCURL_FUNCTIONS(LIBCURL_FIND)
#undef LIBCURL_FIND
    if (!problem[0] && functions.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        snprintf(problem, sizeof problem, "libcurl cannot be started");
}

const libcurl *libcurl_load(const char **reason) {
    pthread_once(&once, load);
    *reason = problem;
    return problem[0] ? NULL : &functions;
}
