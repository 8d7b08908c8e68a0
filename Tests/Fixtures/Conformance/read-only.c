/* Takes the settings apart in place. */
#define GOOD_BEGIN ((char *)call->settings_json)[0] = '{';
#include "good.h"
