import Foundation
import Testing

@Suite("Files of plugins", .realPrograms, .timeLimit(.minutes(30)))
struct PluginFileTests {
    /// What an import with a file ends with.
    private struct Case: Sendable {
        /// The integration and, with `.so`, the file.
        var name: String
        var code: String
        /// What the message or the hint must say.
        var words: [String]
        /// Lines of the integration.
        var lines: [String] = []
    }

    /// A daemon that looks for plugins in the folder `plugins` beside its configuration.
    private static func start(_ cases: [Case], in folder: TemporaryFolder) async throws -> DaemonProcess {
        let integrations = cases.map { item in
            (["  \(item.name):", "    plugin: \(item.name).so"] + item.lines.map { "    " + $0 }).joined(
                separator: "\n")
        }
        return try await DaemonProcess.start(
            yaml: """
                server: {listen: "127.0.0.1:0"}
                store: {sqlite: store.db}
                plugins: {directories: [plugins]}
                integrations:
                \(integrations.joined(separator: "\n"))
                """, in: folder)
    }

    /// A folder with `plugins` in it.
    private static func folder() throws -> (TemporaryFolder, plugins: URL) {
        let folder = try TemporaryFolder()
        let plugins = folder.url.appending(path: "plugins")
        try FileManager.default.createDirectory(
            at: plugins, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        return (folder, plugins)
    }

    /// Puts a compiled fixture there, under another name and with other bytes.
    private static func put(
        _ fixture: String = "hello", as name: String, in plugins: URL, mode: Int = 0o755,
        _ change: (inout Data) -> Void = { _ in }
    ) async throws {
        var content = try Data(contentsOf: try await FixturePlugins.compile(fixture))
        change(&content)
        let file = plugins.appending(path: "\(name).so")
        try content.write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    /// Each case's import ends as it says, with one daemon that goes on all the while.
    private static func expect(_ cases: [Case], of daemon: DaemonProcess) async throws {
        for item in cases {
            let stream = try await daemon.http.sync(item.name)
            #expect(stream.head?.status == 200)
            let events = try await stream.rest()
            #expect(events.filter(\.isTerminal).count == 1 && events.last?.type == "error", "\(item.name)")
            let end = try #require(events.last).json
            #expect(end["code"]?.string == item.code, "\(item.name): \(end)")
            let text = [end["error"]?.string, end["hint"]?.string].compactMap { $0 }.joined(separator: " ")
            for word in item.words { #expect(text.contains(word), "\(item.name): \(text)") }
            #expect(!text.contains("\n"))
            #expect(try await daemon.http.get("/integrations/\(item.name)").status == 200)
        }
        #expect(try await daemon.http.get("/healthz").status == 200)
        #expect(try await daemon.http.get("/integrations").json["items"]?.items.count == cases.count)
    }

    @Test func `a file that cannot be loaded is plugin-unavailable with the reason`() async throws {
        let (folder, plugins) = try Self.folder()
        let cases = [
            Case(name: "missing", code: "plugin-unavailable", words: ["missing.so", "not found"]),
            Case(name: "empty", code: "plugin-unavailable", words: ["empty.so", "not an ELF file"]),
            Case(name: "text", code: "plugin-unavailable", words: ["text.so", "not an ELF file"]),
            Case(name: "machine", code: "plugin-unavailable", words: ["machine.so", "another machine", "243"]),
            Case(name: "bits", code: "plugin-unavailable", words: ["bits.so", "64-bit"]),
            Case(name: "program", code: "plugin-unavailable", words: ["program.so", "not a shared object"]),
            Case(name: "head", code: "plugin-unavailable", words: ["head.so", "it is cut off"]),
            Case(name: "half", code: "plugin-unavailable", words: ["half.so", "it is cut off"]),
            Case(name: "unresolved", code: "plugin-unavailable", words: ["unresolved.so", "undefined symbol"]),
            Case(name: "manifest", code: "plugin-unavailable", words: ["manifest.so", "manifest is not JSON"]),
            Case(name: "import", code: "plugin-unavailable", words: ["integration_import_progress_v1"]),
            Case(name: "symbols", code: "plugin-unavailable", words: ["integration_abi_version"]),
            Case(name: "folder", code: "plugin-refused", words: ["not a regular file"]),
        ]
        try folder.write("", to: "plugins/empty.so")
        try folder.write("#!/bin/sh\necho no plugin, but long enough for a header\n", to: "plugins/text.so")
        try await Self.put(as: "machine", in: plugins) { $0[18] = 243 }  // e_machine: RISC-V
        try await Self.put(as: "bits", in: plugins) { $0[4] = 1 }  // EI_CLASS: 32 bits
        try await Self.put(as: "program", in: plugins) { $0[16] = 2 }  // e_type: an executable at a fixed address
        try await Self.put(as: "head", in: plugins) { $0 = $0.prefix(64) }
        try await Self.put(as: "half", in: plugins) { $0 = $0.prefix($0.count / 2) }
        try await Self.put("unresolved", as: "unresolved", in: plugins)
        try await Self.put("garbage_manifest", as: "manifest", in: plugins)
        try await Self.put("no_import", as: "import", in: plugins)
        let source = try folder.write("int nothing_of_ours(void) { return 0; }\n", to: "symbols.c")
        try await FixturePlugins.compile(source, to: plugins, name: "symbols")
        try FileManager.default.createDirectory(
            at: plugins.appending(path: "folder.so"), withIntermediateDirectories: false)
        for name in ["empty", "text"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: plugins.appending(path: "\(name).so").path)
        }
        try await Self.expect(cases, of: try await Self.start(cases, in: folder))
    }

    @Test func `a file that was cut anywhere ends the import and nothing else`() async throws {
        let (folder, plugins) = try Self.folder()
        let size = try Data(contentsOf: try await FixturePlugins.compile("hello")).count
        let parts = [1, 2, 3, 4, 5, 6, 7]
        for part in parts {
            try await Self.put(as: "cut-\(part)", in: plugins) { $0 = $0.prefix(size * part / 8) }
        }
        let daemon = try await Self.start(parts.map { Case(name: "cut-\($0)", code: "", words: []) }, in: folder)
        for part in parts {
            let end = try #require(try await daemon.http.events(ofImport: "cut-\(part)").last)
            // What is behind the last segment is for debuggers: a file without it can be loaded.
            if end.type == "complete" { continue }
            #expect(["plugin-unavailable", "plugin-crashed"].contains(try end.json["code"]?.string), "\(end.data)")
        }
        #expect(try await daemon.http.events(ofImport: "cut-1").last?.type == "error")
        #expect(try await daemon.http.get("/healthz").status == 200)
    }

    @Test func `another ABI is plugin-incompatible and says which side is older`() async throws {
        let (folder, plugins) = try Self.folder()
        let cases = [
            Case(
                name: "major", code: "plugin-incompatible",
                words: ["needs ABI 2.0", "this daemon has 1.0", "Update integrationd"]),
            Case(
                name: "minor", code: "plugin-incompatible",
                words: ["needs ABI 1.9", "this daemon has 1.0", "Update integrationd"]),
            Case(
                name: "old", code: "plugin-incompatible",
                words: ["needs ABI 0.7", "this daemon has 1.0", "Build the plugin anew"]),
        ]
        try await Self.put("abi_major_2", as: "major", in: plugins)
        try await Self.put("needs_abi_1_9", as: "minor", in: plugins)
        let source = try folder.write(
            """
            #include "fixture.h"
            FIXTURE_ABI(7)
            FIXTURE_MANIFEST(FIXTURE_JSON("old", "0.7", ""))
            FIXTURE_IMPORT { (void)call; return INTEGRATION_OK; }
            """, to: "old.c")
        try await FixturePlugins.compile(source, to: plugins, name: "old")
        try await Self.expect(cases, of: try await Self.start(cases, in: folder))
    }

    @Test(arguments: ["process", "in-process"])
    func `a constructor that crashes is plugin-crashed, also where the plugin would run inside the daemon`(
        isolation: String
    ) async throws {
        let (folder, plugins) = try Self.folder()
        let cases = [
            Case(
                name: "constructor", code: "plugin-crashed",
                words: ["constructor.so", "while it was being loaded", "SIG"],
                lines: ["isolation: \(isolation)"])
        ]
        try await Self.put("constructor_crash", as: "constructor", in: plugins)
        try await Self.expect(cases, of: try await Self.start(cases, in: folder))
    }

    @Test func `a file that someone else could have changed is plugin-refused`() async throws {
        let (folder, plugins) = try Self.folder()
        let wrong = String(repeating: "0", count: 64)
        let cases = [
            Case(name: "group", code: "plugin-refused", words: ["written by other users", "chmod go-w"]),
            Case(name: "world", code: "plugin-refused", words: ["written by other users", "chmod go-w"]),
            Case(name: "outside", code: "plugin-refused", words: ["not a regular file"]),
            Case(name: "inside", code: "plugin-refused", words: ["not a regular file"]),
            Case(name: "pinned", code: "plugin-refused", words: ["SHA-256", wrong], lines: ["sha256: \"\(wrong)\""]),
        ]
        try await Self.put(as: "group", in: plugins, mode: 0o775)
        try await Self.put(as: "world", in: plugins, mode: 0o757)
        let other = try await FixturePlugins.compile("hello")
        try FileManager.default.createSymbolicLink(at: plugins.appending(path: "outside.so"), withDestinationURL: other)
        try await Self.put(as: "pinned", in: plugins)
        try FileManager.default.createSymbolicLink(
            atPath: plugins.appending(path: "inside.so").path, withDestinationPath: "pinned.so")
        try await Self.expect(cases, of: try await Self.start(cases, in: folder))
    }

    @Test func `plugins in a folder that others can write are refused`() async throws {
        let (folder, plugins) = try Self.folder()
        let cases = [Case(name: "hello", code: "plugin-refused", words: ["plugin directory", "chmod go-w"])]
        try await Self.put(as: "hello", in: plugins)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: plugins.path)
        try await Self.expect(cases, of: try await Self.start(cases, in: folder))
    }

    @Test func `the right pin is accepted, in either case`() async throws {
        let (folder, plugins) = try Self.folder()
        try await Self.put(as: "hello", in: plugins)
        let first = try await Self.start([Case(name: "hello", code: "", words: [])], in: folder)
        let shown = try await first.http.get("/integrations/hello").json
        let sum = try #require(shown["plugin"]?["sha256"]?.string)
        #expect(sum.count == 64)
        _ = try await first.terminate()
        let pinned = Case(name: "hello", code: "", words: [], lines: ["sha256: \"\(sum)\""])
        let second = try await Self.start([pinned], in: folder)
        #expect(try await second.http.events(ofImport: "hello").last?.type == "complete")
        // Another file under the same name is refused from then on.
        try await Self.put("plain", as: "hello", in: plugins)
        #expect(try await second.http.events(ofImport: "hello").last?.json["code"] == "plugin-refused")
    }

    @Test(arguments: ["../hello.so", "plugins/hello.so", "/usr/lib/hello.so", ".."])
    func `a path instead of a file name is refused in the YAML`(name: String) async throws {
        let folder = try TemporaryFolder()
        let process = try DaemonProcess.spawn(
            yaml: "integrations:\n  hello: {plugin: \"\(name)\"}\n", in: folder)
        let command = try await Command.end(of: process)
        #expect(command.status == .exited(2) && command.errors.contains("integrations.yaml:2:19: error: "))
        #expect(command.errors.contains("plugins.directories") || command.errors.contains("file"), "\(command.errors)")
    }

    @Test func `a file that is replaced is what the next run uses, and a running one is not disturbed`() async throws {
        let (folder, plugins) = try Self.folder()
        let gate = folder.path("gate")
        let daemon = try await Self.start(
            [Case(name: "changing", code: "", words: [], lines: ["settings: {gate: \"\(gate)\"}"])], in: folder)
        try await Self.put("gated", as: "changing", in: plugins)
        let running = try await daemon.http.sync("changing")
        try await running.until(step: "before_the_gate")
        // In place, with the same inode, as cp(1) does it.
        let file = plugins.appending(path: "changing.so")
        let replacement = try await Self.replacement(in: folder)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(contentsOf: replacement))
        try handle.close()
        try folder.write("", to: "gate")
        let events = try await running.rest()
        #expect(events.contains { $0.step == "after_the_gate" } && events.last?.type == "complete")
        let next = try await daemon.http.events(ofImport: "changing")
        #expect(next.contains { $0.step == "replaced" } && next.last?.type == "complete")
        #expect(try await daemon.http.get("/integrations/changing").json["plugin"]?["version"] == "2.0.0")
    }

    /// Takes the setting of `gated`, and says another step.
    private static func replacement(in folder: TemporaryFolder) async throws -> URL {
        let manifest = #"""
            {\"id\":\"com.example.replaced\",\"name\":\"Replaced\",\"version\":\"2.0.0\",\"min_abi\":\"1.0\"}
            """#
        let source = try folder.write(
            """
            #include "fixture.h"
            FIXTURE_ABI(INTEGRATION_ABI_VERSION)
            FIXTURE_MANIFEST("\(manifest)")
            FIXTURE_IMPORT_PROGRESS {
                progress(context, "replaced", "The new file", 1, 1);
                return fixture_document(call, "new", "New", "New.");
            }
            """, to: "replacement.c")
        return try await FixturePlugins.compile(source, to: folder.url, name: "replacement")
    }
}
