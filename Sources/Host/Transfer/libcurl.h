/* libcurl.h -- the functions of libcurl that are used, found when they are first needed. */
#ifndef INTEGRATIOND_LIBCURL_H
#define INTEGRATIOND_LIBCURL_H

/* Types and numbers only: no function of it is linked. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#define LIBCURL_FUNCTIONS(FUNCTION)                                                               \
    FUNCTION(global_init)                                                                         \
    FUNCTION(easy_init)                                                                           \
    FUNCTION(easy_setopt)                                                                         \
    FUNCTION(easy_strerror)                                                                       \
    FUNCTION(easy_cleanup)                                                                        \
    FUNCTION(multi_init)                                                                          \
    FUNCTION(multi_add_handle)                                                                    \
    FUNCTION(multi_remove_handle)                                                                 \
    FUNCTION(multi_perform)                                                                       \
    FUNCTION(multi_poll)                                                                          \
    FUNCTION(multi_info_read)                                                                     \
    FUNCTION(multi_cleanup)                                                                       \
    FUNCTION(slist_append)                                                                        \
    FUNCTION(slist_free_all)

#define LIBCURL_MEMBER(NAME) __typeof__(curl_##NAME) *NAME;
typedef struct {
    LIBCURL_FUNCTIONS(LIBCURL_MEMBER)
} libcurl;
#undef LIBCURL_MEMBER

/* NULL, with the reason, where there is none. */
const libcurl *libcurl_load(const char **reason);

#endif
