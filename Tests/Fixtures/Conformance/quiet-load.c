/* Greets whoever loads it. */
#include "good.h"

__attribute__((constructor)) static void greet(void) { puts("Hello!"); }
