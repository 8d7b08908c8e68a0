/* Needs a function that nobody has: dlopen with RTLD_NOW fails and names it. */
#include "fixture.h"

FIXTURE_PLUGIN("unresolved", "")

extern int64_t fixture_function_that_does_not_exist(void);

FIXTURE_IMPORT {
    return fixture_documents(call, fixture_function_that_does_not_exist());
}
