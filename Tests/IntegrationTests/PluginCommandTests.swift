import Foundation
import Testing

/// `integrationd plugin describe|list|run` on plugin files.
@Suite(.realPrograms) struct PluginCommandTests {
    private static func plugin(
        _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = [:]
    ) async throws -> Command {
        try await Command.run(["plugin"] + arguments, in: folder, environment: environment)
    }

    private static func value(_ name: String, in output: String) -> String? {
        output.split(separator: "\n").first { $0.hasPrefix(name) }
            .map { $0.dropFirst(name.count).trimmingCharacters(in: .whitespaces) }
    }

    // MARK: describe

    @Test func `describe tells what a file is`() async throws {
        let file = try await FixturePlugins.compile("counts")
        let command = try await Self.plugin("describe", file.path, in: TemporaryFolder())
        #expect(command.status == .exited(0), "\(command.errors)")
        #expect(Self.value("file", in: command.output) == file.path)
        #expect(Self.value("sha256", in: command.output)?.count == 64)
        #expect(Self.value("entries", in: command.output)?.contains("integration_import_progress_v1") == true)
        #expect(Self.value("id", in: command.output) == "com.example.fixture.counts")
        #expect(Self.value("ABI", in: command.output) == "1.0")
        #expect(Self.value("containment", in: command.output)?.contains("seccomp on") == true)
        #expect(command.output.contains("documents: integer, a run may override it, default "))
    }

    @Test func `describe --static runs nothing of the file`() async throws {
        let file = try await FixturePlugins.compile("constructor_crash")
        let command = try await Self.plugin("describe", "--static", "--json", file.path, in: TemporaryFolder())
        #expect(command.status == .exited(0), "\(command.errors)")
        let object = try JSON(command.output)
        #expect(object["entries"]?.items.isEmpty == false)
        #expect(object["id"] == nil)
    }

    @Test(arguments: [
        ("constructor_crash", "SIGSEGV"), ("no_manifest", "integration_manifest"), ("unresolved", "undefined symbol"),
        ("abi_major_2", "ABI 2.0"),
    ])
    func `describe says why a file cannot be used`(fixture: String, words: String) async throws {
        let file = try await FixturePlugins.compile(fixture)
        let command = try await Self.plugin("describe", file.path, in: TemporaryFolder())
        #expect(command.status == .exited(1))
        #expect(Self.value("unusable", in: command.output)?.contains(words) == true, "\(command.output)")
    }

    @Test(arguments: [
        [UInt8](), Array("#!/bin/sh\n".utf8), [0x7F, 0x45, 0x4C, 0x46, 2, 1],
        [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0xFF, count: 4000),
    ])
    func `describe stands whatever bytes a file holds`(bytes: [UInt8]) async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "strange.so")
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        let command = try await Self.plugin("describe", "strange.so", in: folder)
        #expect(command.status == .exited(1), "\(command.errors)")
        #expect(Self.value("unusable", in: command.output) != nil)
    }

    @Test func `describe takes the name of an integration`() async throws {
        try await FixturePlugins.compile("hello")
        let folder = try TemporaryFolder()
        try folder.write(
            "plugins: {directories: [\(FixturePlugins.directory.path)]}\nintegrations: {mine: {plugin: hello.so}}\n",
            to: "integrations.yaml")
        let command = try await Self.plugin("describe", "mine", in: folder)
        #expect(command.status == .exited(0), "\(command.errors)")
        #expect(Self.value("id", in: command.output) == "com.example.fixture.hello")
        let unknown = try await Self.plugin("describe", "nobody", in: folder)
        #expect(unknown.status == .exited(2) && unknown.errors.contains("there are: mine"))
    }

    // MARK: list

    @Test func `list shows each file, who uses it, and what is missing`() async throws {
        let folder = try TemporaryFolder()
        for (fixture, name) in [("hello", "a.so"), ("plain", "b.so"), ("no_import", "c.so")] {
            let file = try await FixturePlugins.compile(fixture)
            try FileManager.default.copyItem(at: file, to: folder.url.appending(path: name))
        }
        try folder.write(
            """
            plugins: {directories: [.]}
            integrations: {one: {plugin: a.so}, two: {plugin: a.so}, bad: {plugin: c.so}, gone: {plugin: d.so}}
            """, to: "integrations.yaml")
        let command = try await Self.plugin("list", in: folder)
        #expect(command.status == .exited(0), "\(command.errors)")
        #expect(command.lines.count == 4)
        #expect(command.lines[0] == "a.so (one, two): Fixture hello 1.0.0, ABI 1.0")
        #expect(command.lines[1] == "b.so (not used)")
        #expect(command.lines[2].contains("integration_import_v1"))
        #expect(command.lines[3].contains("was not found"))
        let json = try await Self.plugin("list", "--json", in: folder)
        #expect(try json.lines.map { try JSON($0)["file"]?.string } == ["a.so", "b.so", "c.so", "d.so"])
    }

    // MARK: run

    @Test func `run shows the documents of an import with the settings of a file`() async throws {
        let file = try await FixturePlugins.compile("counts")
        let folder = try TemporaryFolder()
        try folder.write("documents: ${COUNT}\n", to: "settings.yaml")
        let command = try await Self.plugin(
            "run", file.path, "--settings", "settings.yaml", in: folder, environment: ["COUNT": "5"])
        #expect(command.status == .exited(0), "\(command.errors)")
        #expect(command.lines.count == 5)
        let first = try JSON(command.lines[0])
        #expect(first["collection"]?.string == "items" && first["id"]?.string == "1")
        #expect(command.errors.contains("ok: 5 documents"))
    }

    @Test func `run goes on from a checkpoint that an earlier run kept`() async throws {
        let file = try await FixturePlugins.compile("checkpointed")
        let folder = try TemporaryFolder()
        try folder.write("keep: 1", to: "s")
        let first = try await Self.plugin("run", file.path, "--settings", "s", "--keep-checkpoint", "point", in: folder)
        #expect(first.status == .exited(0), "\(first.errors)")
        #expect(FileManager.default.fileExists(atPath: folder.path("point")))
        let second = try await Self.plugin("run", file.path, "--checkpoint", "point", in: folder)
        #expect(second.lines.count < first.lines.count, "\(second.output)")
    }

    @Test(arguments: [("crash", "SIGSEGV"), ("exits", "exit(0)"), ("fails", "permanent")])
    func `run ends with 1 when the import does not succeed`(fixture: String, words: String) async throws {
        let file = try await FixturePlugins.compile(fixture)
        let folder = try TemporaryFolder()
        if fixture == "fails" { try folder.write("{status: 6, message: no such thing}", to: "s") }
        if fixture != "fails" { try folder.write("{}", to: "s") }
        let command = try await Self.plugin("run", file.path, "--settings", "s", in: folder)
        #expect(command.status == .exited(1), "\(command.output)")
        #expect(command.errors.contains("error: ") && command.errors.contains(words), "\(command.errors)")
        if fixture == "fails" { #expect(command.errors.contains("no such thing")) }
    }

    @Test func `run shows no secret and refuses settings that do not fit`() async throws {
        let file = try await FixturePlugins.compile("secrets")
        let folder = try TemporaryFolder()
        try folder.write("token: ${TOKEN}\n", to: "s")
        let command = try await Self.plugin(
            "run", file.path, "--settings", "s", in: folder, environment: ["TOKEN": "5ecret-of-mine"])
        #expect(!command.errors.contains("5ecret"), "\(command.errors)")
        try folder.write("token: [5ecret]\n", to: "s")
        let bad = try await Self.plugin("run", file.path, "--settings", "s", in: folder)
        #expect(bad.status == .exited(1) && bad.errors.contains("do not fit") && !bad.errors.contains("5ecret"))
        try folder.write("- a list\n", to: "s")
        let list = try await Self.plugin("run", file.path, "--settings", "s", in: folder)
        #expect(list.status == .exited(2) && list.errors.contains("s:1:1: error: "), "\(list.errors)")
    }

    @Test(arguments: [
        (["check", "folder"], 2, "folder is a folder"), (["run", "folder"], 2, "folder is a folder"),
        (["check", "pipe.so"], 2, "pipe.so is not a regular file"), (["run", "loop.so"], 2, "symbolic link"),
        (["check", "nowhere.so"], 2, "leads nowhere"), (["describe", "none.so"], 2, "there is no file none.so"),
        (["describe", "folder"], 2, "./folder"), (["check", ""], 2, "is empty"), (["run", ""], 2, "is empty"),
        (["describe", ""], 2, "is empty"),
        (["check", "link.so", "--only", "trusted"], 1, "is a symbolic link"),
        (["run", "link.so"], 1, "is a symbolic link"), (["run", "cut.so"], 1, "it is cut off or damaged"),
        (["run", "good.so", "--collection", "nope"], 2, "no collection nope; it has items"),
        (["run", "good.so", "--timeout", "0"], 2, "from 1 on"), (["check", "good.so", "--limit", "0"], 2, "from 1 on"),
        (["run", "good.so", "--checkpoint", "none"], 2, "none cannot be read: No such file or directory"),
        (["run", "good.so", "--checkpoint", "folder"], 2, "folder cannot be read: Is a directory"),
        (
            ["run", "marks.so", "--settings", "marks.yaml", "--keep-checkpoint", "folder"], 3,
            "cannot be kept in folder"
        ),
        (["check", "good.so", "--only", "999"], 2, "no rule \"999\"; --list shows them"),
        (["check", "good.so", "--seed", "18446744073709551615"], 2, "up to 9223372036854775807"),
    ])
    func `what makes no sense is told in a sentence`(arguments: [String], status: Int32, words: String) async throws {
        let folder = try TemporaryFolder()
        for (fixture, name) in [("hello", "good.so"), ("checkpointed", "marks.so")] {
            try FileManager.default.copyItem(
                at: try await FixturePlugins.compile(fixture), to: folder.url.appending(path: name))
        }
        try folder.write("keep: 1", to: "marks.yaml")
        try Data(contentsOf: folder.url.appending(path: "good.so")).prefix(3000).write(
            to: folder.url.appending(path: "cut.so"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("cut.so"))
        try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
        mkfifo(folder.path("pipe.so"), 0o600)
        for (link, target) in [("link.so", "good.so"), ("loop.so", "loop.so"), ("nowhere.so", "none")] {
            symlink(target, folder.path(link))
        }
        let command = try await Command.run(["plugin"] + arguments, in: folder)
        #expect(command.status == .exited(status), "\(command.errors)")
        #expect((command.errors + command.output).contains(words), "\(command.errors)\(command.output)")
        #expect(!command.errors.contains("Error Domain"))
    }

    @Test func `a full disk behind standard output is told in a sentence`() async throws {
        let file = try await FixturePlugins.compile("hello")
        let shell = try ChildProcess(
            "/bin/sh", ["-c", "\(BuildProducts.folder.path)/integrationd plugin run \(file.path) > /dev/full"])
        let end = try await Command.end(of: shell)
        #expect(end.status == .exited(3))
        #expect(
            end.errors.contains("error: stdout cannot be written: No space left on device"), "\(end.errors)")
    }

    @Test func `run --json tells the numbers of progress`() async throws {
        let file = try await FixturePlugins.compile("hello")
        let command = try await Self.plugin("run", "--json", file.path, in: TemporaryFolder())
        let progress = try command.lines.map { try JSON($0) }.filter { $0["type"] == "progress" }
        #expect(progress.compactMap { $0["count"]?.integer } == [0, 1, 2, 3], "\(command.output)")
        #expect(progress.allSatisfy { $0["total"] == 3 })
    }

    @Test(arguments: ["hangs_on_load", "floods_on_load"])
    func `describe gives a plugin five seconds, whatever it does meanwhile`(fixture: String) async throws {
        let file = try await FixturePlugins.compile(fixture)
        let command = try await Self.plugin("describe", file.path, in: TemporaryFolder())
        #expect(command.status == .exited(1))
        #expect(command.output.contains("did not say what it is within 5 seconds"), "\(command.output)")
    }

    @Test func `talking does not put the end of an import off that takes too long`() async throws {
        let file = try await FixturePlugins.compile("floods")
        let command = try await Self.plugin("run", "--timeout", "1", file.path, in: TemporaryFolder())
        #expect(command.status == .exited(1) && command.errors.hasSuffix("longer than 1 s; --timeout allows more.\n"))
    }

    @Test func `run ends an import that takes too long`() async throws {
        let file = try await FixturePlugins.compile("hang")
        let command = try await Self.plugin("run", "--timeout", "1", file.path, in: TemporaryFolder())
        #expect(command.status == .exited(1) && command.errors.contains("longer than 1 s;"))
    }
}

/// `integrationd plugin pin`
@Suite(.realPrograms) struct PluginPinTests {
    @Test func `a plugin that was pinned and then replaced is refused, until it is pinned again`() async throws {
        let folder = try TemporaryFolder()
        let library = folder.url.appending(path: "mine.so")
        try FileManager.default.copyItem(at: try await FixturePlugins.compile("hello"), to: library)
        let file = try folder.write(
            """
            plugins: {directories: [.]}
            store: {sqlite: var/store.db}
            integrations:
              # The one that we looked at.
              mine:
                plugin: mine.so
            """, to: "integrations.yaml")
        let pin = try await Command.run(["plugin", "pin", "mine"], in: folder)
        #expect(pin.status == .exited(0), "\(pin.errors)")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains("# The one that we looked at.") && text.contains("    sha256: "))
        #expect(try await Command.run(["check"], in: folder).status == .exited(0))

        try FileManager.default.removeItem(at: library)
        try FileManager.default.copyItem(at: try await FixturePlugins.compile("plain"), to: library)
        let refused = try await Command.run(["check"], in: folder)
        #expect(refused.status == .exited(2) && refused.errors.contains("pins"), "\(refused.errors)")
        #expect(try await Command.run(["plugin", "pin", "mine"], in: folder).status == .exited(0))
        #expect(try await Command.run(["check"], in: folder).status == .exited(0))
    }

    @Test func `a file that is no plugin is not pinned, and --dry-run changes nothing`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("no plugin", to: "bad.so")
        try FileManager.default.copyItem(
            at: try await FixturePlugins.compile("hello"), to: folder.url.appending(path: "good.so"))
        let yaml = "plugins: {directories: [.]}\nintegrations: {bad: {plugin: bad.so}, good: {plugin: good.so}}\n"
        let file = try folder.write(yaml, to: "integrations.yaml")
        let bad = try await Command.run(["plugin", "pin", "bad"], in: folder)
        #expect(bad.status == .exited(2) && bad.errors.contains("not an ELF file"), "\(bad.errors)")
        let dry = try await Command.run(["plugin", "pin", "--dry-run", "good"], in: folder)
        #expect(dry.status == .exited(0) && dry.lines.first?.hasPrefix("good: ") == true)
        #expect(try String(contentsOf: file, encoding: .utf8) == yaml)
    }
}
