/*
 * Locks the binary layout of integration_plugin.h: every member's offset, every struct's size,
 * every constant's value.  Nothing here may ever be edited, only added to: a plugin compiled
 * years ago still reads these bytes.
 */
#include "integration_plugin.h"

#define AT(TYPE, MEMBER, OFFSET) \
    _Static_assert(offsetof(TYPE, MEMBER) == (OFFSET), #TYPE "." #MEMBER " has moved")
#define SIZE(TYPE, BYTES) _Static_assert(sizeof(TYPE) == (BYTES), #TYPE " has changed its size")
#define VALUE(NAME, NUMBER) _Static_assert((NAME) == (NUMBER), #NAME " has changed its value")

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian only");
SIZE(void *, 8);
SIZE(size_t, 8);
SIZE(integration_progress_fn, 8);

/* integration_host */
AT(integration_host, struct_size, 0);
AT(integration_host, abi_version, 4);
AT(integration_host, impl, 8);
AT(integration_host, log, 16);
AT(integration_host, upsert, 24);
AT(integration_host, known, 32);
AT(integration_host, complete, 40);
AT(integration_host, report, 48);
AT(integration_host, waiting, 56);
AT(integration_host, remove, 64);
AT(integration_host, checkpoint, 72);
AT(integration_host, reply, 80);
AT(integration_host, fail, 88);
AT(integration_host, is_cancelled, 96);
AT(integration_host, cancel_fd, 104);
AT(integration_host, secret, 112);
AT(integration_host, extension, 120);
SIZE(integration_host, 128);

/* integration_call */
AT(integration_call, struct_size, 0);
AT(integration_call, flags, 4);
AT(integration_call, host, 8);
AT(integration_call, run_id, 16);
AT(integration_call, integration, 24);
AT(integration_call, settings_json, 32);
AT(integration_call, settings_size, 40);
AT(integration_call, checkpoint, 48);
AT(integration_call, checkpoint_size, 56);
AT(integration_call, collections, 64);
AT(integration_call, collection_count, 72);
AT(integration_call, deadline_unix_ms, 80);
AT(integration_call, data_dir, 88);
AT(integration_call, temp_dir, 96);
SIZE(integration_call, 104);

/* integration_header */
AT(integration_header, name, 0);
AT(integration_header, value, 8);
SIZE(integration_header, 16);

/* integration_webhook_request */
AT(integration_webhook_request, struct_size, 0);
AT(integration_webhook_request, header_count, 4);
AT(integration_webhook_request, method, 8);
AT(integration_webhook_request, path, 16);
AT(integration_webhook_request, query, 24);
AT(integration_webhook_request, headers, 32);
AT(integration_webhook_request, body, 40);
AT(integration_webhook_request, body_size, 48);
SIZE(integration_webhook_request, 56);

/* integration_rate_limit */
AT(integration_rate_limit, struct_size, 0);
AT(integration_rate_limit, reserve, 8);
AT(integration_rate_limit, release, 16);
AT(integration_rate_limit, observe, 24);
SIZE(integration_rate_limit, 32);

/* Constants */
VALUE(INTEGRATION_ABI_MAJOR, 1);
VALUE(INTEGRATION_ABI_VERSION, (INTEGRATION_ABI_MAJOR << 16 | INTEGRATION_ABI_MINOR));

SIZE(integration_status, 4);
VALUE(INTEGRATION_OK, 0);
VALUE(INTEGRATION_CANCELLED, 1);
VALUE(INTEGRATION_INVALID_SETTINGS, 2);
VALUE(INTEGRATION_AUTH_FAILED, 3);
VALUE(INTEGRATION_TRANSIENT, 4);
VALUE(INTEGRATION_RATE_LIMITED, 5);
VALUE(INTEGRATION_PERMANENT, 6);
VALUE(INTEGRATION_UNSUPPORTED, 7);
VALUE(INTEGRATION_INTERNAL, 8);
VALUE(INTEGRATION_REJECTED, 9);
VALUE(INTEGRATION_TOO_LARGE, 10);
VALUE(INTEGRATION_CHECKPOINT_INVALID, 11);

SIZE(integration_log_level, 4);
VALUE(INTEGRATION_LOG_TRACE, 0);
VALUE(INTEGRATION_LOG_DEBUG, 1);
VALUE(INTEGRATION_LOG_INFO, 2);
VALUE(INTEGRATION_LOG_WARN, 3);
VALUE(INTEGRATION_LOG_ERROR, 4);

SIZE(integration_report_kind, 4);
VALUE(INTEGRATION_REPORT_FAILED, 1);
VALUE(INTEGRATION_REPORT_SKIPPED, 2);
VALUE(INTEGRATION_REPORT_NOTE, 3);

VALUE(INTEGRATION_UNKNOWN, -1);
VALUE(INTEGRATION_FLAG_FULL_REFRESH, 1);
VALUE(INTEGRATION_FLAG_NARROWED, 2);
_Static_assert(sizeof(INTEGRATION_EXT_RATE_LIMIT) == sizeof("integrationd.rate_limit/1"),
               "the extension's id has changed");
