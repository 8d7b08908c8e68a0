/* Each process has other documents. */
#define GOOD_TITLE own_title()
#include "fixture.h"

FIXTURE_HELPER const char *own_title(void) {
    static char title[32];
    snprintf(title, sizeof title, "\"Item of %d\"", (int)getpid());
    return title;
}
#include "good.h"
