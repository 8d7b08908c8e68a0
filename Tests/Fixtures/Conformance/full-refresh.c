/* Asks what is known though it was told to read everything. */
#define GOOD_ASKS 1
#include "good.h"
