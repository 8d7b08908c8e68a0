/* A step that is a sentence. */
#define GOOD_STEP "Storing an item"
#include "good.h"
