/* An address within the code.
 * cc: -Wl,-z,notext */
#include "good.h"

__asm__(".text\n.quad integration_abi_version\n");
