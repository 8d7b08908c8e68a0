/* Emits into a collection of which the manifest says nothing. */
#define GOOD_END if (!call->collections) upsert(call, "others", "1", "\"Other\"", "Unexpected.");
#include "good.h"
