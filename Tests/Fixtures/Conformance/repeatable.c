/* Each import has other documents, also in the same process. */
#define GOOD_TITLE own_title()
#include "fixture.h"

FIXTURE_HELPER const char *own_title(void) {
    static char title[48];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(title, sizeof title, "\"Item of %lld\"", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    return title;
}
#include "good.h"
