/* The contract's functions: C, so that the compiler holds each against the header. */
#include "integration_plugin.h"

#include "_cgo_export.h"

INTEGRATION_EXPORT uint32_t integration_abi_version(void) { return INTEGRATION_ABI_VERSION; }

INTEGRATION_EXPORT const char *integration_manifest(void) { return goManifest(); }

INTEGRATION_EXPORT integration_status
integration_import_progress_v1(const integration_call *call, integration_progress_fn progress,
                               void *progress_context) {
    return goImport((integration_call *)call, progress, progress_context);
}
