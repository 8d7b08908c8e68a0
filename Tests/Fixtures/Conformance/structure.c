/* Replies with a list of names. */
#define GOOD_STRUCTURE "[\"items\"]"
#include "good.h"
