/* Reads the first byte of a body that may have none. */
#define GOOD_WITHOUT_OBJECT                                                                       \
    return *(const volatile char *)(request->body_size ? request->body : NULL) == '{'              \
               ? INTEGRATION_AUTH_FAILED : INTEGRATION_INVALID_SETTINGS;
#include "good.h"
