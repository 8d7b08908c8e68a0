import Foundation
import Testing

/// The contract's binary layout, and plugins and hosts of different minor versions.
@Suite(.realPrograms) struct ABITests {
    private static let snapshot = BuildProducts.checkout.appending(path: "Sources/PluginABI/layout-1.0.txt")
    private static let fixtures = BuildProducts.checkout.appending(path: "Tests/Fixtures/ABI")
    private static let binary = fixtures.appending(path: "plugin-1.0-x86_64.so")

    // MARK: The layout

    private static func layout(_ include: String? = nil) async throws -> [String] {
        let script = BuildProducts.checkout.appending(path: "scripts/abi-layout").path
        let command = try await Command.end(of: try ChildProcess(script, include.map { [$0] } ?? []))
        #expect(command.status == .exited(0), "\(command.errors)")
        return command.lines
    }

    private static var committed: [String] {
        get throws { try String(contentsOf: snapshot, encoding: .utf8).split(separator: "\n").map(String.init) }
    }

    /// What a plugin that was compiled against the one may rely on and the other has not.
    private static func lost(_ old: [String], in new: [String]) -> [String] {
        let mayGrow = ["  size ", "INTEGRATION_ABI_MINOR", "INTEGRATION_ABI_VERSION"]
        return old.filter { line in
            let isSize = line.contains("  size ") && !line.contains("  offset ")
            return !isSize && !mayGrow.dropFirst().contains { line.hasPrefix($0) } && !new.contains(line)
        }
    }

    @Test func `the layout of the contract is the one that was committed`() async throws {
        let now = try await Self.layout()
        #expect(now == (try Self.committed), "a change of the contract: scripts/abi-layout shows it")
        #expect(now.count > 90, "the script found the header's members")
    }

    @Test func `a version that appends keeps all that 1_0 has, and one that edits does not`() async throws {
        let folder = try TemporaryFolder()
        let appended = try await Self.layout(try Self.header(in: folder).path)
        #expect(Self.lost(try Self.committed, in: appended).isEmpty)
        #expect(appended.contains { $0.hasPrefix("integration_host.now  offset 128  size 8  ") })
        for (text, other) in [
            ("int32_t (*known)(", "int64_t (*known)("), ("int64_t count, int64_t total);", "int64_t count);"),
        ] {
            let edited = try await Self.layout(try Self.header(in: folder, replacing: text, with: other).path)
            #expect(!Self.lost(try Self.committed, in: edited).isEmpty)
        }
    }

    // MARK: A made-up 1.1

    /// The folder of a header with a member more in the host table and in the call.
    private static func header(
        in folder: TemporaryFolder, replacing text: String = "", with other: String = ""
    ) throws -> URL {
        var header = try String(
            contentsOf: BuildProducts.pluginHeaders.appending(path: "integration_plugin.h"), encoding: .utf8)
        let changes = [
            ("INTEGRATION_ABI_MINOR   0", "INTEGRATION_ABI_MINOR   1"),
            ("(uint32_t)0x00010000", "(uint32_t)0x00010001"),
            (
                "later; test with INTEGRATION_HAS ---- */",
                "*/ int64_t (*INTEGRATION_NULLABLE now)(const integration_host *host);"
            ), ("/* ---- appended in 1.1 and later ---- */", "const char *INTEGRATION_NULLABLE locale;"),
            ("sizeof(integration_host) == 128", "sizeof(integration_host) == 136"),
            ("sizeof(integration_call) == 104", "sizeof(integration_call) == 112"),
        ]
        for (old, new) in changes {
            #expect(header.contains(old), "\(old)")
            header = header.replacingOccurrences(of: old, with: new)
        }
        if !text.isEmpty { header = header.replacingOccurrences(of: text, with: other) }
        let include = folder.url.appending(path: "include-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: include, withIntermediateDirectories: false)
        try Data(header.utf8).write(to: include.appending(path: "integration_plugin.h"))
        return include
    }

    /// A daemon program whose worker beside it is of 1.1.
    private static func newerHost(in folder: TemporaryFolder) async throws -> URL {
        let include = try header(in: folder)
        let sources = folder.url.appending(path: "worker")
        try FileManager.default.copyItem(at: BuildProducts.checkout.appending(path: "Sources/Host/Worker"), to: sources)
        let table = sources.appending(path: "host_table.c")
        let text = try String(contentsOf: table, encoding: .utf8)
        let filled = text.replacingOccurrences(
            of: ".extension = host_extension,", with: ".extension = host_extension, .now = mock_now,")
        #expect(filled != text)
        try Data(
            ("#include \"integration_plugin.h\"\n"
                + "static int64_t mock_now(const integration_host *h) { (void)h; return 11; }\n" + filled).utf8
        )
        .write(to: table)
        let files = try FileManager.default.contentsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".c") }
        try await compile(
            [
                "-std=c11", "-D_GNU_SOURCE", "-I", include.path, "-I", sources.appending(path: "include").path, "-o",
                folder.path("integrationd-worker"),
                BuildProducts.checkout.appending(path: "Sources/Host/WorkerMain/main.c").path, "-ldl", "-pthread",
            ] + files.map { sources.appending(path: $0).path })
        let daemon = folder.url.appending(path: "integrationd")
        // By a program of its own: a process that another test starts meanwhile would hold the copy open for
        // writing until it has become that program, and no such file can be run.
        let copying = try ChildProcess("/bin/cp", [BuildProducts.daemon.path, daemon.path])
        #expect(try await copying.exitStatus() == .exited(0))
        return daemon
    }

    private static func compile(_ arguments: [String]) async throws {
        let compiler = try ChildProcess("/usr/bin/cc", arguments)
        guard try await compiler.exitStatus(within: .seconds(120)) == .exited(0) else {
            throw FixturePlugins.CompileError(description: compiler.errors.text)
        }
    }

    /// `newer.c`, compiled against 1.1.
    private static func newerPlugin(needing version: String = "1.0", in folder: TemporaryFolder) async throws -> URL {
        let library = folder.url.appending(path: "newer-\(version).so")
        try await compile([
            "-std=gnu11", "-shared", "-fPIC", "-I", try header(in: folder).path, "-I",
            BuildProducts.fixtureFolders[0].path, "-DNEEDS=\"\(version)\"", "-o", library.path,
            fixtures.appending(path: "newer.c").path,
        ])
        return library
    }

    private static func run(
        _ plugin: URL, on program: URL = BuildProducts.daemon, in folder: TemporaryFolder
    ) async throws -> Command {
        try await Command.run(["plugin", "run", plugin.path], in: folder, program: program)
    }

    private static let isOnIntel = {
        #if arch(x86_64)
            true
        #else
            false
        #endif
    }()

    @Test(.enabled(if: isOnIntel, "the binary is for x86-64"))
    func `a binary that was built against 1_0 runs, and keeps all rules`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("token: a-token\n", to: "settings.yaml")
        let copy = folder.url.appending(path: "old.so")
        try FileManager.default.copyItem(at: Self.binary, to: copy)
        let check = try await Command.run(["plugin", "check", "old.so", "--settings", "settings.yaml"], in: folder)
        #expect(check.status == .exited(0), "\(check.output)\(check.errors)")
        #expect(try await Self.run(copy, in: folder).lines.count == 41)
    }

    @Test(.enabled(if: isOnIntel, "the binary is for x86-64"))
    func `a binary that was built against 1_0 runs on a host of 1_1`() async throws {
        let folder = try TemporaryFolder()
        let copy = folder.url.appending(path: "old.so")
        try FileManager.default.copyItem(at: Self.binary, to: copy)
        let run = try await Self.run(copy, on: try await Self.newerHost(in: folder), in: folder)
        #expect(run.status == .exited(0) && run.lines.count == 41, "\(run.errors)")
    }

    @Test func `a plugin for 1_1 finds what its host has`() async throws {
        let folder = try TemporaryFolder()
        let plugin = try await Self.newerPlugin(in: folder)
        let old = try await Self.run(plugin, in: folder)
        #expect(try JSON(old.output)["title"] == "now -1, locale none", "\(old.errors)")
        let new = try await Self.run(plugin, on: try await Self.newerHost(in: folder), in: folder)
        #expect(try JSON(new.output)["title"] == "now 11, locale none", "\(new.errors)")
    }

    @Test func `a plugin that needs 1_1 is refused, and the sentence says who is older`() async throws {
        let folder = try TemporaryFolder()
        let run = try await Self.run(try await Self.newerPlugin(needing: "1.1", in: folder), in: folder)
        #expect(run.status == .exited(1))
        #expect(run.errors.contains("needs ABI 1.1, and this daemon has 1.0"), "\(run.errors)")
        #expect(run.errors.contains("Update integrationd to a version with ABI 1.1 or later"))
    }
}
