/*
 * templates.c -- C for #embed, as in Dashboard.  The header, and for Swift PluginKit, are the files
 * of this very source tree.
 */
#include "templates.h"

static const uint8_t file_c_gitignore[] = {
#embed "assets/c/gitignore"
};

static const uint8_t file_c_README_md[] = {
#embed "assets/c/README.md"
};

static const uint8_t file_c_Makefile[] = {
#embed "assets/c/Makefile"
};

static const uint8_t file_c_json_h[] = {
#embed "assets/c/json.h"
};

static const uint8_t file_c_plugin_c[] = {
#embed "assets/c/plugin.c"
};

static const uint8_t header[] = {
#embed "../../PluginABI/include/integration_plugin.h"
};

static const uint8_t exports_map[] = {
#embed "../../PluginABI/exports.map"
};

static const uint8_t settings_yaml[] = {
#embed "assets/settings.yaml"
};

static const uint8_t file_cpp_gitignore[] = {
#embed "assets/cpp/gitignore"
};

static const uint8_t file_cpp_README_md[] = {
#embed "assets/cpp/README.md"
};

static const uint8_t file_cpp_Makefile[] = {
#embed "assets/cpp/Makefile"
};

static const uint8_t file_cpp_host_hpp[] = {
#embed "assets/cpp/host.hpp"
};

static const uint8_t file_cpp_json_hpp[] = {
#embed "assets/cpp/json.hpp"
};

static const uint8_t file_cpp_plugin_cpp[] = {
#embed "assets/cpp/plugin.cpp"
};

static const uint8_t file_go_gitignore[] = {
#embed "assets/go/gitignore"
};

static const uint8_t file_go_README_md[] = {
#embed "assets/go/README.md"
};

static const uint8_t file_go_Makefile[] = {
#embed "assets/go/Makefile"
};

static const uint8_t file_go_go_mod[] = {
#embed "assets/go/go.mod"
};

static const uint8_t file_go_plugin_go[] = {
#embed "assets/go/plugin.go"
};

static const uint8_t file_go_host_go[] = {
#embed "assets/go/host.go"
};

static const uint8_t file_go_entry_c[] = {
#embed "assets/go/entry.c"
};

static const uint8_t file_rust_gitignore[] = {
#embed "assets/rust/gitignore"
};

static const uint8_t file_rust_README_md[] = {
#embed "assets/rust/README.md"
};

static const uint8_t file_rust_Cargo_toml[] = {
#embed "assets/rust/Cargo.toml"
};

static const uint8_t file_rust_lib_rs[] = {
#embed "assets/rust/lib.rs"
};

static const uint8_t file_rust_host_rs[] = {
#embed "assets/rust/host.rs"
};

static const uint8_t file_rust_json_rs[] = {
#embed "assets/rust/json.rs"
};

static const uint8_t file_swift_gitignore[] = {
#embed "assets/swift/gitignore"
};

static const uint8_t file_swift_README_md[] = {
#embed "assets/swift/README.md"
};

static const uint8_t file_swift_Package_swift[] = {
#embed "assets/swift/Package.swift.in"
};

static const uint8_t file_swift_Plugin_swift[] = {
#embed "assets/swift/Plugin.swift.in"
};

static const uint8_t file_swift_Entry_swift[] = {
#embed "assets/swift/Entry.swift.in"
};

static const uint8_t layout_c[] = {
#embed "../../PluginABI/layout.c"
};

static const uint8_t file_zig_gitignore[] = {
#embed "assets/zig/gitignore"
};

static const uint8_t file_zig_README_md[] = {
#embed "assets/zig/README.md"
};

static const uint8_t file_zig_build_zig[] = {
#embed "assets/zig/build.zig"
};

static const uint8_t file_zig_plugin_zig[] = {
#embed "assets/zig/plugin.zig"
};

static const uint8_t file_zig_host_zig[] = {
#embed "assets/zig/host.zig"
};

/* PluginKit: all of its files. */
static const uint8_t kit_Document_swift[] = {
#embed "../../PluginKit/Document.swift"
};

static const uint8_t kit_Entries_swift[] = {
#embed "../../PluginKit/Entries.swift"
};

static const uint8_t kit_HostBridge_Entries_swift[] = {
#embed "../../PluginKit/HostBridge+Entries.swift"
};

static const uint8_t kit_HostBridge_swift[] = {
#embed "../../PluginKit/HostBridge.swift"
};

static const uint8_t kit_HostServices_swift[] = {
#embed "../../PluginKit/HostServices.swift"
};

static const uint8_t kit_ImportCall_swift[] = {
#embed "../../PluginKit/ImportCall.swift"
};

static const uint8_t kit_JSONValue_Parsing_swift[] = {
#embed "../../PluginKit/JSONValue+Parsing.swift"
};

static const uint8_t kit_JSONValue_Text_swift[] = {
#embed "../../PluginKit/JSONValue+Text.swift"
};

static const uint8_t kit_JSONValue_swift[] = {
#embed "../../PluginKit/JSONValue.swift"
};

static const uint8_t kit_Plugin_swift[] = {
#embed "../../PluginKit/Plugin.swift"
};

static const uint8_t kit_PluginCall_swift[] = {
#embed "../../PluginKit/PluginCall.swift"
};

static const uint8_t kit_PluginError_swift[] = {
#embed "../../PluginKit/PluginError.swift"
};

static const uint8_t kit_RateLimit_swift[] = {
#embed "../../PluginKit/RateLimit.swift"
};

static const uint8_t kit_Timestamp_swift[] = {
#embed "../../PluginKit/Timestamp.swift"
};

#define FILE(LANGUAGE, PATH, BYTES) {LANGUAGE, PATH, BYTES, sizeof BYTES}

static const template_file files[] = {
    FILE("c", ".gitignore", file_c_gitignore),
    FILE("c", "README.md", file_c_README_md),
    FILE("c", "Makefile", file_c_Makefile),
    FILE("c", "json.h", file_c_json_h),
    FILE("c", "plugin.c", file_c_plugin_c),
    FILE("c", "include/integration_plugin.h", header),
    FILE("c", "exports.map", exports_map),
    FILE("c", "settings.yaml", settings_yaml),
    FILE("cpp", ".gitignore", file_cpp_gitignore),
    FILE("cpp", "README.md", file_cpp_README_md),
    FILE("cpp", "Makefile", file_cpp_Makefile),
    FILE("cpp", "host.hpp", file_cpp_host_hpp),
    FILE("cpp", "json.hpp", file_cpp_json_hpp),
    FILE("cpp", "plugin.cpp", file_cpp_plugin_cpp),
    FILE("cpp", "include/integration_plugin.h", header),
    FILE("cpp", "exports.map", exports_map),
    FILE("cpp", "settings.yaml", settings_yaml),
    FILE("go", ".gitignore", file_go_gitignore),
    FILE("go", "README.md", file_go_README_md),
    FILE("go", "Makefile", file_go_Makefile),
    FILE("go", "go.mod", file_go_go_mod),
    FILE("go", "plugin.go", file_go_plugin_go),
    FILE("go", "host.go", file_go_host_go),
    FILE("go", "entry.c", file_go_entry_c),
    FILE("go", "include/integration_plugin.h", header),
    FILE("go", "exports.map", exports_map),
    FILE("go", "settings.yaml", settings_yaml),
    FILE("rust", ".gitignore", file_rust_gitignore),
    FILE("rust", "README.md", file_rust_README_md),
    FILE("rust", "Cargo.toml", file_rust_Cargo_toml),
    FILE("rust", "src/lib.rs", file_rust_lib_rs),
    FILE("rust", "src/host.rs", file_rust_host_rs),
    FILE("rust", "src/json.rs", file_rust_json_rs),
    FILE("rust", "include/integration_plugin.h", header),
    FILE("rust", "settings.yaml", settings_yaml),
    FILE("swift", ".gitignore", file_swift_gitignore),
    FILE("swift", "README.md", file_swift_README_md),
    FILE("swift", "Package.swift", file_swift_Package_swift),
    FILE("swift", "Sources/__MODULE__/Plugin.swift", file_swift_Plugin_swift),
    FILE("swift", "Sources/__MODULE__/Entry.swift", file_swift_Entry_swift),
    FILE("swift", "exports.map", exports_map),
    FILE("swift", "settings.yaml", settings_yaml),
    FILE("swift", "Sources/PluginABI/include/integration_plugin.h", header),
    FILE("swift", "Sources/PluginABI/layout.c", layout_c),
    FILE("swift", "Sources/PluginKit/Document.swift", kit_Document_swift),
    FILE("swift", "Sources/PluginKit/Entries.swift", kit_Entries_swift),
    FILE("swift", "Sources/PluginKit/HostBridge+Entries.swift", kit_HostBridge_Entries_swift),
    FILE("swift", "Sources/PluginKit/HostBridge.swift", kit_HostBridge_swift),
    FILE("swift", "Sources/PluginKit/HostServices.swift", kit_HostServices_swift),
    FILE("swift", "Sources/PluginKit/ImportCall.swift", kit_ImportCall_swift),
    FILE("swift", "Sources/PluginKit/JSONValue+Parsing.swift", kit_JSONValue_Parsing_swift),
    FILE("swift", "Sources/PluginKit/JSONValue+Text.swift", kit_JSONValue_Text_swift),
    FILE("swift", "Sources/PluginKit/JSONValue.swift", kit_JSONValue_swift),
    FILE("swift", "Sources/PluginKit/Plugin.swift", kit_Plugin_swift),
    FILE("swift", "Sources/PluginKit/PluginCall.swift", kit_PluginCall_swift),
    FILE("swift", "Sources/PluginKit/PluginError.swift", kit_PluginError_swift),
    FILE("swift", "Sources/PluginKit/RateLimit.swift", kit_RateLimit_swift),
    FILE("swift", "Sources/PluginKit/Timestamp.swift", kit_Timestamp_swift),
    FILE("zig", ".gitignore", file_zig_gitignore),
    FILE("zig", "README.md", file_zig_README_md),
    FILE("zig", "build.zig", file_zig_build_zig),
    FILE("zig", "src/plugin.zig", file_zig_plugin_zig),
    FILE("zig", "src/host.zig", file_zig_host_zig),
    FILE("zig", "include/integration_plugin.h", header),
    FILE("zig", "settings.yaml", settings_yaml),
};

size_t template_count(void) { return sizeof files / sizeof *files; }

const template_file *template_at(size_t number) {
    return number < template_count() ? &files[number] : NULL;
}
