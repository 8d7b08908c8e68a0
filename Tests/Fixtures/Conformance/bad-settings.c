/* Settings that make no sense are passed over. */
#define GOOD_WITH_BAD_SETTINGS
#include "good.h"
