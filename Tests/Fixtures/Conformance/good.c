/* All rules are kept. */
#include "good.h"
