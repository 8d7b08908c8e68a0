import Foundation
import Testing

@Suite("integrationd check", .realPrograms, .timeLimit(.minutes(30)))
struct CheckTests {
    private static func check(
        _ yaml: String, environment: [String: String] = [:], in folder: TemporaryFolder? = nil
    ) async throws -> Command {
        let folder = try folder ?? TemporaryFolder()
        try folder.write(yaml, to: "integrations.yaml")
        return try await Command.run(["check", "--config", "integrations.yaml"], in: folder, environment: environment)
    }

    /// A file with these lines below `integrations:`, the first of which is line 5.
    private static func yaml(_ integrations: String) -> String {
        """
        server: {listen: "127.0.0.1:0"}
        store: {sqlite: store.db}
        plugins: {directories: [\(FixturePlugins.directory.path)]}
        integrations:
        \(integrations)
        """
    }

    /// `line:column` of each error, in the order of the output.
    private static func places(_ command: Command) -> [String] {
        command.errors.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("integrations.yaml:"), line.contains(": error: ") else { return nil }
            return line.split(separator: ":").dropFirst().prefix(2).joined(separator: ":")
        }
    }

    @Test func `what is in order is exit 0 and a line for each integration`() async throws {
        try await FixturePlugins.compile("hello")
        try await FixturePlugins.compile("plain")
        let command = try await Self.check(Self.yaml("  one: {plugin: hello.so}\n  two: {plugin: plain.so}"))
        #expect(command.status == .exited(0) && command.errors.isEmpty)
        #expect(
            command.output == """
                one: Fixture hello 1.0.0 (com.example.fixture.hello), ABI 1.0, with progress
                two: Fixture plain 1.0.0 (com.example.fixture.plain), ABI 1.0, without progress

                """)
    }

    @Test func `mistakes in settings are shown where they stand, all at once`() async throws {
        try await FixturePlugins.compile("counts")
        try await FixturePlugins.compile("hello")
        let command = try await Self.check(
            Self.yaml(
                """
                  first:
                    plugin: counts.so
                    settings:
                      documents: many
                      bytes: -1
                  second:
                    plugin: counts.so
                    settings: {documnets: 3}
                  third:
                    plugin: hello.so
                """))
        #expect(command.status == .exited(2))
        #expect(Self.places(command) == ["8:18", "9:14", "12:16"], "\(command.errors)")
        let lines = command.errors.split(separator: "\n").map(String.init)
        // What stands at a key that the plugin does not know may be a secret.
        for (source, caret) in [("      documents: many", 17), ("    settings: {documnets: ***}", 15)] {
            let index = try #require(lines.firstIndex(of: source), "\(command.errors)")
            #expect(lines[index + 1] == String(repeating: " ", count: caret) + "^")
        }
        #expect(lines.contains { $0.hasPrefix("hint: ") && $0.contains("documents") }, "\(command.errors)")
    }

    @Test func `a plugin that cannot be used is shown at its key`() async throws {
        for fixture in ["hello", "no_import", "abi_major_2"] { try await FixturePlugins.compile(fixture) }
        let command = try await Self.check(
            Self.yaml(
                """
                  gone:
                    plugin: nowhere.so
                  fine: {plugin: hello.so}
                  empty: {plugin: no_import.so}
                  newer: {plugin: abi_major_2.so}
                """))
        #expect(command.status == .exited(2))
        #expect(command.output.hasPrefix("fine: Fixture hello"), "the others are described all the same")
        #expect(Self.places(command) == ["6:13", "8:19", "9:19"], "\(command.errors)")
        for words in ["nowhere.so was not found", "integration_import_v1", "ABI 2.0"] {
            #expect(command.errors.contains(words), "\(words) in \(command.errors)")
        }
    }

    @Test func `a required setting that is missing is shown at the integration that lacks it`() async throws {
        let command = try await Self.check(
            """
            plugins: {directories: [\(BuildProducts.folder.path)]}
            integrations:
              clickup:
                plugin: libClickUp.so
                settings: {workspace_id: 9001234}
            """)
        #expect(command.status == .exited(2))
        #expect(Set(Self.places(command)) == ["5:5", "5:30"], "\(command.errors)")
        #expect(command.errors.contains("api_token"))
        #expect(command.errors.contains("workspace_id"))
    }

    @Test func `no secret is in the output, wherever the mistake is`() async throws {
        try await FixturePlugins.compile("secrets")
        let folder = try TemporaryFolder()
        try folder.write("5ecret-of-the-file\n", to: "token")
        for settings in [
            "{token: [5ecret-in-a-list]}", "{token: 5ecret-in-the-file, other: 1}", "{token: ${TOKEN}, status: none}",
            "{token: '${file:token}', status: -1}", "{token: {a: 5ecret}}", "{token: 552369074, status: ${TOKEN}}",
            "{status: ${TOKEN}}",
        ] {
            let command = try await Self.check(
                Self.yaml("  secrets: {plugin: secrets.so, settings: \(settings)}"),
                environment: ["TOKEN": "5ecret-of-the-environment"], in: folder)
            #expect(command.status == .exited(2), "\(settings): \(command.errors)")
            for text in [command.output, command.errors] {
                #expect(!text.contains("5ecret") && !text.contains("552369074"), "\(text)")
            }
            #expect(!Self.places(command).isEmpty)
        }
    }

    @Test(arguments: [
        ("", "1:1"), ("# nothing\n", nil), ("\u{0}\u{1}\u{2}binary", "1:1"), ("- a list\n", "1:1"), ("{", nil),
        ("integrations: {}\nintegrations: {}\n", "2:1"), ("integrations: 4\n", "1:15"),
        ("integrations:\n  a: {plugin: a.so}\n  a: {plugin: b.so}\n", "3:3"), ("server: {listen: 1}\n", nil),
        ("integrations:\n  a:\n    plugin: a.so\n    settings: {x: 1, x: 2}\n", "4:22"),
        ("integrations:\n  a: {plugin: a.so, enabled: perhaps}\n", "2:30"), ("\tintegrations: {}\n", nil),
        ("integrations: *nowhere\n", nil),
    ])
    func `a file that makes no sense is exit 2 and says where`(yaml: String, place: String?) async throws {
        let command = try await Self.check(yaml)
        #expect(command.status == .exited(2))
        let places = Self.places(command)
        #expect(!places.isEmpty, "\(command.errors)")
        if let place { #expect(places.contains(place), "\(command.errors)") }
        #expect(!command.errors.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" })
    }

    @Test func `a file that is not UTF-8 is exit 2`() async throws {
        let folder = try TemporaryFolder()
        try Data([0x61, 0x3A, 0x20, 0xFF, 0xFE, 0xC0, 0x0A]).write(to: folder.url.appending(path: "integrations.yaml"))
        let command = try await Command.run(["check"], in: folder)
        #expect(command.status == .exited(2) && !Self.places(command).isEmpty, "\(command.errors)")
    }

    @Test func `variables that are missing are all named, with their places`() async throws {
        try await FixturePlugins.compile("fails")
        let command = try await Self.check(
            Self.yaml(
                """
                  a:
                    plugin: fails.so
                    settings:
                      code: ${FIRST_MISSING}
                      message: "to ${SECOND_MISSING} and ${THERE}"
                  b: {plugin: "${file:nowhere.txt}"}
                """), environment: ["THERE": "x"])
        #expect(command.status == .exited(2))
        #expect(Self.places(command).map { $0.split(separator: ":").first } == ["8", "9", "10"], "\(command.errors)")
        for name in ["FIRST_MISSING", "SECOND_MISSING", "nowhere.txt"] { #expect(command.errors.contains(name)) }
    }

    @Test func `the daemon refuses such a file just as check does`() async throws {
        let folder = try TemporaryFolder()
        let process = try DaemonProcess.spawn(yaml: "integrations: {a: {plugn: x}}\n", in: folder)
        let command = try await Command.end(of: process)
        #expect(command.status == .exited(2) && command.output.isEmpty)
        #expect(command.errors.contains("integrations.yaml:1:20: error: "), "\(command.errors)")
        #expect(command.errors.contains("did you mean \"plugin\"?"))
    }

    @Test func `the configuration at the project's root is in order as it is`() async throws {
        let folder = try TemporaryFolder()
        let root = BuildProducts.checkout.appending(path: "integrations.yaml")
        var yaml = try String(contentsOf: root, encoding: .utf8)
        yaml = yaml.replacingOccurrences(of: ".build/release, .build/debug", with: BuildProducts.folder.path)
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "docs"), withIntermediateDirectories: false)
        let command = try await Self.check(yaml, in: folder)
        #expect(command.status == .exited(0), "\(command.errors)")
        #expect(command.lines.map { $0.split(separator: ":").first } == ["clickup", "folder"])
    }
}
