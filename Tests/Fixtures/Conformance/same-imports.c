/* The plain import forgets the last document. */
#define GOOD_LAST (progress ? count : count - 1)
#include "good.h"
