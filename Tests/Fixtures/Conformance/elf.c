/* An object file, not linked yet.
 * cc: -c */
#include "good.h"
