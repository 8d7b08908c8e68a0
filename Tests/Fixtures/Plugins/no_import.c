/* Neither of the two imports: not a plugin. */
#include "fixture.h"

FIXTURE_PLUGIN("no-import", "")
