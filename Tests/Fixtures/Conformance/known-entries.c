/* A slip of the pen: the host will never find it. */
#include "good.h"

FIXTURE_EXPORT integration_status integration_tset_v1(const integration_call *call) {
    (void)call;
    return INTEGRATION_OK;
}
