/* Believes whoever sends an object. */
#define GOOD_WITHOUT_SIGNATURE
#include "good.h"
