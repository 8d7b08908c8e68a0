/* Imports while it should only say what changed. */
#define GOOD_IN_WEBHOOK upsert(call, "items", "1", "\"Item\"", "Some text.");
#include "good.h"
