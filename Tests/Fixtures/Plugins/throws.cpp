/* A C++ exception leaves the entry: noexcept makes that std::terminate, in the worker.
 * documents: how many come first. */
#include "fixture.h"

#include <stdexcept>

FIXTURE_PLUGIN("throws", FIXTURE_INTEGER("documents", "3"))

static integration_status import_items(const integration_call *call) {
    if (fixture_documents(call, fixture_number(call, "documents", 3)) == INTEGRATION_OK)
        throw std::runtime_error("the fixture throws");
    return INTEGRATION_CANCELLED;
}

FIXTURE_IMPORT {
    return import_items(call);
}
