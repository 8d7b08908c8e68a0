/* Remembers where it was built.
 * cc: -Wl,-rpath,/home/somebody/build */
#include "good.h"
