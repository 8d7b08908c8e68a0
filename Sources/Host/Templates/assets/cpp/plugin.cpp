// __TITLE__: imports a few notes.  include/integration_plugin.h has the contract.
#include "host.hpp"
#include "json.hpp"

#include <functional>

namespace {

// A secret is {"type":"string","x-secret":true}: ask the host's secret() for it.
constexpr char manifest[] = R"({
    "id": "com.example.__NAME__", "name": "__TITLE__", "version": "0.1.0", "min_abi": "1.0",
    "settings_schema": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "greeting": {"type": "string", "default": "Hello", "maxLength": 100},
            "count": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3}
        }
    },
    "collections": [{"name": "notes", "title": "Notes"}],
    "network": []
})";

struct Settings {
    std::string greeting;  // with its quotes
    long count;
};

// The host has checked them against the schema; what only the plugin can know is checked here.
Settings read_settings(std::string_view text) {
    try {
        return {json::quoted_string(json::member(text, "greeting")), json::integer(json::member(text, "count"))};
    } catch (const std::exception &) {
        throw Failure{INTEGRATION_INVALID_SETTINGS, "settings-invalid", "greeting must be a string, count a number."};
    }
}

using Progress = std::function<void(long count, long total)>;

void import(const Host &host, const Settings &settings, const Progress &progress) {
    // Changes when the notes do; a source has dates or etags for that.
    const auto revision = "1-" + std::to_string(std::hash<std::string>{}(settings.greeting));
    for (long number = 1; number <= settings.count; number++) {
        const auto id = std::to_string(number);  // the source's own id
        if (!host.known("notes", id, revision))
            host.upsert("notes", id,
                        R"({"title":"Note )" + id + R"(","content":)" + settings.greeting +
                            R"(,"contentType":"text/markdown","revision":")" + revision + R"("})");
        progress(number, settings.count);
    }
    host.complete("notes");
}

// From exceptions to a status: none may leave the plugin.
integration_status run(const Host &host, const std::function<void()> &body) {
    try {
        body();
        return INTEGRATION_OK;
    } catch (const Cancelled &) {
        return INTEGRATION_CANCELLED;
    } catch (const Failure &failure) {
        host.fail(failure);
        return failure.status;
    } catch (const std::exception &error) {
        host.fail({INTEGRATION_INTERNAL, "internal", error.what()});
        return INTEGRATION_INTERNAL;
    }
}

}  // namespace

extern "C" {

INTEGRATION_EXPORT uint32_t integration_abi_version(void) noexcept { return INTEGRATION_ABI_VERSION; }

INTEGRATION_EXPORT const char *integration_manifest(void) noexcept { return manifest; }

INTEGRATION_EXPORT integration_status integration_import_progress_v1(
    const integration_call *call, integration_progress_fn progress, void *progress_context) noexcept {
    const Host host(call);
    return run(host, [&] {
        import(host, read_settings({call->settings_json, call->settings_size}), [&](long count, long total) {
            if (progress(progress_context, "storing_note", "Storing notes", count, total) != INTEGRATION_OK)
                throw Cancelled{};
        });
    });
}

}
