import Foundation
import Testing

/// A package of its own that takes PluginKit from this one.
@Suite(.realPrograms) struct PluginKitPackageTests {
    private static let built = Task { try await build() }

    /// Builds it once for all tests.
    private static func build() async throws -> URL {
        let folder = FixturePlugins.directory.appending(path: "outside")
        try FileManager.default.copyItem(
            at: BuildProducts.checkout.appending(path: "Tests/Fixtures/SwiftPackage"), to: folder)
        var environment = ProcessInfo.processInfo.environment
        environment["INTEGRATIOND"] = BuildProducts.checkout.path
        let build = try ChildProcess(
            "/usr/bin/env", ["swift", "build"], environment: environment, folder: folder.path)
        let command = try await Command.end(of: build, within: .seconds(280))
        guard command.status == .exited(0) else {
            throw FixturePlugins.CompileError(description: command.output + command.errors)
        }
        return folder.appending(path: ".build/debug/libOutside.so")
    }

    @Test func `a plugin on the main actor, with types of its own, keeps all rules`() async throws {
        let library = try await Self.built.value
        let check = try await Command.run(
            ["plugin", "check", library.path], in: TemporaryFolder(), within: .seconds(120))
        #expect(check.status == .exited(0), "\(check.output)\(check.errors)")
        #expect(check.output.contains("ok    34  resume"), "its checkpoint was tried")
    }

    @Test func `its documents and its log reach the host`() async throws {
        let library = try await Self.built.value
        let run = try await Command.run(["plugin", "run", library.path], in: TemporaryFolder())
        #expect(run.status == .exited(0) && run.lines.count == 30, "\(run.errors)")
        let first = try JSON(run.lines[0])
        #expect(first["title"] == "Note 1" && first["metadata"]?["labels"]?[0] == "a")
        #expect(run.errors.contains("log (info): begins"))
    }

    @Test func `its task is cancelled when the run is`() async throws {
        let library = try await Self.built.value
        let plugins = try TemporaryFolder()
        try FileManager.default.copyItem(at: library, to: plugins.url.appending(path: "libOutside.so"))
        try plugins.write(
            """
            plugins: {directories: [.]}
            store: {sqlite: var/store.db}
            integrations: {outside: {plugin: libOutside.so, settings: {waits: true}}}
            """, to: "integrations.yaml")
        let sync = try Command.start(["sync", "outside", "--json"], in: plugins)
        try await sync.output.line { $0.contains("\"count\":30") }
        kill(sync.id, SIGINT)
        let end = try await Command.end(of: sync)
        #expect(end.status == .exited(4), "\(end.errors)")
        #expect(end.lines.last?.contains("\"code\":\"cancelled\"") == true, "\(end.output)")
    }
}
