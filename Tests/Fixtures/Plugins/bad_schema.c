/* A settings schema with a keyword outside the subset: it must be refused by name. */
#include "fixture.h"

FIXTURE_PLUGIN("bad-schema", "\"name\":{\"type\":\"string\",\"oneOf\":[{\"minLength\":1}]}")

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
