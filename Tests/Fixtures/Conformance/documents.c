/* Titles that are numbers. */
#define GOOD_TITLE "1"
#include "good.h"
