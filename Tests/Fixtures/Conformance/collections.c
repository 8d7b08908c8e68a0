/* Names a collection twice. */
#define GOOD_COLLECTIONS "[{\"name\":\"items\"},{\"name\":\"notes\"},{\"name\":\"items\"}]"
#include "good.h"
