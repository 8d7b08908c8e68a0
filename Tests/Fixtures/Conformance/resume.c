/* Its checkpoints stand one document too far. */
#define GOOD_CHECKPOINT number + 1
#include "good.h"
