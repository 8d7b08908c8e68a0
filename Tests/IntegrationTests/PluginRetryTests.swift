import Foundation
import Testing

/// `integrationd plugin retry`
@Suite(.realPrograms) struct PluginRetryTests {
    @Test func `retry ends a quarantine, and the next run is tried at once`() async throws {
        try await FixturePlugins.compile("crash")
        let daemon = try await DaemonProcess.start(
            yaml: """
                server: {listen: "127.0.0.1:0"}
                store: {sqlite: store.db}
                plugins: {directories: [\(FixturePlugins.directory.path)]}
                integrations: {shaky: {plugin: crash.so}}
                """)
        for code in ["plugin-crashed", "plugin-crashed", "plugin-crashed", "plugin-quarantined"] {
            #expect(try await daemon.http.events(ofImport: "shaky").last?.json["code"]?.string == code)
        }
        let retry = try await Self.retry("shaky", at: daemon)
        #expect(retry.status == .exited(0) && retry.output == "shaky may run again\n", "\(retry.errors)")
        #expect(try await daemon.http.events(ofImport: "shaky").last?.json["code"] == "plugin-crashed")
    }

    @Test func `retry says so where there is no such integration, and no daemon`() async throws {
        let daemon = try await DaemonProcess.start(DaemonConfiguration(.fixture("hello")))
        #expect(try await Self.retry("hello", at: daemon).status == .exited(0), "nothing is in quarantine: fine")
        let unknown = try await Self.retry("nobody", at: daemon)
        #expect(unknown.status == .exited(2) && unknown.errors.contains("nobody"), "\(unknown.errors)")
        let nowhere = try await Command.run(
            ["plugin", "retry", "hello", "--server", "http://127.0.0.1:1"], in: TemporaryFolder())
        #expect(nowhere.status == .exited(3) && nowhere.errors.contains("no daemon answers"), "\(nowhere.errors)")
    }

    private static func retry(_ name: String, at daemon: DaemonProcess) async throws -> Command {
        try await Command.run(
            ["plugin", "retry", name, "--server", "http://127.0.0.1:\(daemon.http.port)"], in: daemon.folder)
    }
}
