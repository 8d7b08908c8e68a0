/* Once the first item is known, the third is forgotten. */
#define GOOD_BEFORE_DOCUMENT                                                                      \
    if (number == 3 && GOOD_ASKS && call->host->known(call->host, "items", "1", "1") == 1) continue;
#include "good.h"
