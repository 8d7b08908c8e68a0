import Foundation
import Testing

@Suite("Adding an integration", .realPrograms, .timeLimit(.minutes(30)))
struct AddingAnIntegrationTests {
    /// All that somebody writes who brings an integration: this file and five lines of YAML.
    private static let source = #"""
        #include "integration_plugin.h"

        #include <stdio.h>

        uint32_t integration_abi_version(void) { return INTEGRATION_ABI_VERSION; }

        const char *integration_manifest(void) {
            return "{\"id\":\"com.example.planets\",\"name\":\"Planets\",\"version\":\"0.1.0\",\"min_abi\":\"1.0\","
                   "\"settings_schema\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                   "\"star\":{\"type\":\"string\",\"minLength\":1}}}}";
        }

        integration_status integration_import_progress_v1(const integration_call *call, integration_progress_fn progress,
                                                          void *context) {
            static const char *const planets[] = {"Mercury", "Venus", "Earth"};
            for (int i = 0; i < 3; i++) {
                char json[256];
                int size = snprintf(json, sizeof json, "{\"title\":\"%s\",\"content\":\"Planet %d.\",\"metadata\":%s}",
                                    planets[i], i + 1, call->settings_json);
                if (progress(context, "looking", planets[i], i + 1, 3) != INTEGRATION_OK) return INTEGRATION_CANCELLED;
                integration_status status = call->host->upsert(call->host, "planets", planets[i], json, (size_t)size);
                if (status != INTEGRATION_OK) return status;
            }
            return call->host->complete(call->host, "planets", NULL);
        }
        """#

    private static let yaml = """
          planets:
            plugin: planets.so
            display_name: Planets
            settings:
              star: Sun
        """

    private static func configuration(_ integrations: String) -> String {
        """
        server: {listen: "127.0.0.1:0"}
        store: {sqlite: store.db}
        plugins: {directories: [plugins]}
        integrations:
        \(integrations)
        """
    }

    @Test func `a C file, one line of cc and five of YAML are enough for the daemon that is there`() async throws {
        let folder = try TemporaryFolder()
        let plugins = folder.url.appending(path: "plugins")
        try FileManager.default.createDirectory(
            at: plugins, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        let built =
            try FileManager.default.attributesOfItem(atPath: BuildProducts.daemon.path)[.modificationDate] as? Date
        let before = try await DaemonProcess.start(yaml: Self.configuration("  {}"), in: folder)
        #expect(try await before.http.get("/integrations/planets/sync/stream").status == 404)
        _ = try await before.terminate()

        try folder.write(Self.source, to: "planets.c")
        try FileManager.default.copyItem(
            at: BuildProducts.pluginHeaders.appending(path: "integration_plugin.h"),
            to: folder.url.appending(path: "integration_plugin.h"))
        let compiler = try ChildProcess(
            "/usr/bin/cc",
            ["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", "plugins/planets.so", "planets.c"],
            folder: folder.url.path)
        #expect(try await compiler.exitStatus() == .exited(0), "\(compiler.errors.text)")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: plugins.appending(path: "planets.so").path)
        #expect(Self.yaml.split(separator: "\n").count == 5)

        let daemon = try await DaemonProcess.start(yaml: Self.configuration(Self.yaml), in: folder)
        let events = try await daemon.http.events(ofImport: "planets")
        #expect(try events.first?.json["message"] == "Starting Planets import...")
        let looking = try events.filter { $0.step == "looking" }.map { try $0.json["message"]?.string }
        #expect(looking == ["Mercury", "Venus", "Earth"])
        #expect(try events.last?.json["result"]?["totalImported"] == 3)
        let documents =
            try await daemon.http.get("/documents?integration=planets&include=content").json["items"]?.items ?? []
        #expect(Set(documents.map { $0["title"]?.string }) == ["Mercury", "Venus", "Earth"])
        #expect(documents.allSatisfy { $0["metadata"]?["star"] == "Sun" && $0["collection"] == "planets" })
        #expect(documents.first { $0["externalId"] == "Mercury" }?["content"] == "Planet 1.")
        #expect(
            try FileManager.default.attributesOfItem(atPath: BuildProducts.daemon.path)[.modificationDate] as? Date
                == built)
    }
}
