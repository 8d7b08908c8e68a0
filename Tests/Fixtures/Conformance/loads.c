/* Calls a function that no library has. */
int function_that_is_nowhere(void);
#define GOOD_BEGIN function_that_is_nowhere();
#include "good.h"
