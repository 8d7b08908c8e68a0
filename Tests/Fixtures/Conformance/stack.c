/* Asks for executable stacks.
 * cc: -Wl,-z,execstack */
#include "good.h"
