/* Dies inside dlopen, before anything could be asked. */
#include "fixture.h"

#include <signal.h>

FIXTURE_PLUGIN("constructor-crash", "")

__attribute__((constructor)) static void crash(void) {
    raise(SIGSEGV);
}

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
