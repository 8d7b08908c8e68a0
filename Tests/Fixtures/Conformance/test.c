/* Imports while it should only test. */
#define GOOD_IN_TEST upsert(call, "items", "1", "\"Item\"", "Some text.");
#include "good.h"
