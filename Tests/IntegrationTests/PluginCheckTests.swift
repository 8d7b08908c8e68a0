import Foundation
import Testing

/// `integrationd plugin check`: each rule has a plugin in Tests/Fixtures/Conformance that breaks it and no other.
@Suite(.realPrograms) struct PluginCheckTests {
    private struct Finding {
        let name: String
        let verdict: String
        let text: String
        let isInside: Bool
    }

    /// What `cc: …` and `mode: …` in a fixture's first comment say.
    private static func note(_ name: String, in source: String) -> String? {
        source.split(separator: "\n").first { $0.contains("* \(name): ") }.map { line in
            String(line[line.firstRange(of: "\(name): ")!.upperBound...]).replacingOccurrences(of: " */", with: "")
        }
    }

    private static func compile(_ fixture: String, to folder: TemporaryFolder) async throws -> URL {
        let source = BuildProducts.checkout.appending(path: "Tests/Fixtures/Conformance/\(fixture).c")
        let text = try String(contentsOf: source, encoding: .utf8)
        let library = folder.url.appending(path: "\(fixture).so")
        let flags = note("cc", in: text)?.split(separator: " ").map(String.init) ?? []
        let compiler = try ChildProcess(
            "/usr/bin/cc",
            [
                "-std=gnu11", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread", "-I",
                BuildProducts.pluginHeaders.path,
            ]
                + ["-I", BuildProducts.fixtureFolders[0].path, "-o", library.path, source.path] + flags)
        guard try await compiler.exitStatus(within: .seconds(120)) == .exited(0) else {
            throw FixturePlugins.CompileError(description: compiler.errors.text)
        }
        let mode = note("mode", in: text).flatMap { Int($0, radix: 8) } ?? 0o755
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: library.path)
        return library
    }

    private static func check(
        _ library: URL, _ more: [String] = [], in folder: TemporaryFolder
    ) async throws -> (command: Command, findings: [Finding]) {
        try folder.write("token: s3cret-t0ken\n", to: "settings.yaml")
        let command = try await Command.run(
            ["plugin", "check", "--json", "--settings", "settings.yaml"] + more + [library.path], in: folder,
            within: .seconds(120))
        let findings = try command.lines.map { try JSON($0) }.compactMap { line -> Finding? in
            guard let name = line["name"]?.string else { return nil }
            return Finding(
                name: name, verdict: line["verdict"]?.string ?? "",
                text: line["problem"]?.string ?? line["reason"]?.string ?? "", isInside: line["isInside"]?.bool == true)
        }
        return (command, findings)
    }

    @Test func `there is a fixture for each rule, and a rule for each fixture`() async throws {
        let command = try await Command.run(["plugin", "check", "--list"], in: TemporaryFolder())
        let rules = command.lines.map { $0.split(separator: " ").map(String.init) }
        #expect(rules.map { $0[0] } == (1...rules.count).map(String.init), "numbers are given once, in order")
        #expect(rules.count >= 24)
        let folder = BuildProducts.checkout.appending(path: "Tests/Fixtures/Conformance").path
        let fixtures = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".c") }
        #expect(Set(fixtures.map { $0.dropLast(2) }) == Set(rules.map { $0[1][...] } + ["good"]))
    }

    @Test func `a good plugin passes all rules, and none is skipped`() async throws {
        let folder = try TemporaryFolder()
        let (command, findings) = try await Self.check(try await Self.compile("good", to: folder), in: folder)
        for finding in findings where finding.verdict != "passed" {
            Issue.record("\(finding.name) \(finding.verdict): \(finding.text)")
        }
        #expect(command.status == .exited(0), "\(command.errors)")
    }

    @Test(arguments: try fixtureNames())
    func `a plugin that breaks a rule fails this one and no other`(fixture: String) async throws {
        let folder = try TemporaryFolder()
        let (command, findings) = try await Self.check(try await Self.compile(fixture, to: folder), in: folder)
        let failed = findings.filter { $0.verdict == "failed" }
        #expect(failed.map(\.name) == [fixture], "\(failed.map { "\($0.name): \($0.text)" })\n\(command.errors)")
        #expect(command.status == .exited(1))
        #expect(failed.allSatisfy { !$0.text.isEmpty })
        #expect(!command.output.contains("s3cret-t0ken") && !command.errors.contains("s3cret-t0ken"))
    }

    // MARK: Inside

    private static func rulesInside() async throws -> Set<String> {
        let folder = try TemporaryFolder()
        let (_, findings) = try await check(try await compile("good", to: folder), ["--in-process"], in: folder)
        return Set(findings.filter(\.isInside).map(\.name))
    }

    @Test func `a good plugin passes all rules inside the daemon too, those that can be looked at there`() async throws
    {
        let folder = try TemporaryFolder()
        let (command, findings) = try await Self.check(
            try await Self.compile("good", to: folder), ["--in-process"], in: folder)
        for finding in findings where finding.verdict != "passed" {
            Issue.record("\(finding.name) \(finding.verdict): \(finding.text)")
        }
        #expect(command.status == .exited(0), "\(command.errors)")
        let page = try String(
            contentsOf: BuildProducts.checkout.appending(path: "docs/plugin-check.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## Inside the daemon\n").dropFirst().first)
            .components(separatedBy: "\n## ")[0]
        // Each rule stands in one line of the table, and those of the first are looked at inside.
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = rows.map { row in row.split(separator: "|")[0].matches(of: #/`([a-z0-9-]+)`/#).map { String($0.1) }
        }
        #expect(Set(named.first ?? []) == Set(findings.filter(\.isInside).map(\.name)))
        #expect(named.joined().sorted() == findings.map(\.name).sorted())
    }

    @Test func `a plugin that breaks such a rule fails it inside, and no other`() async throws {
        for fixture in try await Self.rulesInside().sorted() {
            let folder = try TemporaryFolder()
            let library = try await Self.compile(fixture, to: folder)
            let (command, findings) = try await Self.check(library, ["--in-process"], in: folder)
            // It crashes, and whatever crashes inside takes all along.
            if fixture == "webhook-garbage" {
                #expect(command.status == .signalled(SIGSEGV))
                continue
            }
            let failed = findings.filter { $0.verdict == "failed" }
            #expect(failed.map(\.name) == [fixture], "\(failed.map { "\($0.name): \($0.text)" })\n\(command.errors)")
            #expect(failed.allSatisfy { $0.isInside })
        }
    }

    @Test func `one that does not return cannot be ended inside, and the check says so`() async throws {
        let folder = try TemporaryFolder()
        let command = try await Command.run(
            [
                "plugin", "check", "--in-process", "--limit", "1", "--only", "import", "--only", "declared-collections",
                try await FixturePlugins.compile("hang").path,
            ], in: folder, within: .seconds(60))
        #expect(command.status == .exited(1), "\(command.errors)")
        #expect(command.output.contains("took longer than 1.0 s"), "\(command.output)")
    }

    private static func fixtureNames() throws -> [String] {
        let folder = BuildProducts.checkout.appending(path: "Tests/Fixtures/Conformance").path
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".c") && $0 != "good.c" }.map { String($0.dropLast(2)) }.sorted()
    }

    @Test func `only the rules that are asked for are looked at, by number or name`() async throws {
        let folder = try TemporaryFolder()
        let library = try await Self.compile("steps", to: folder)
        let (command, findings) = try await Self.check(library, ["--only", "1", "--only", "utf8"], in: folder)
        #expect(command.status == .exited(0))
        #expect(findings.map(\.name) == ["elf", "utf8"])
        let unknown = try await Command.run(["plugin", "check", "--only", "utf9", library.path], in: folder)
        #expect(unknown.status == .exited(2) && unknown.errors.contains("did you mean \"utf8\"?"), "\(unknown.errors)")
    }

    @Test func `the text for people names rule, finding and sum`() async throws {
        let folder = try TemporaryFolder()
        let library = try await Self.compile("counts", to: folder)
        let command = try await Command.run(
            ["plugin", "check", "--only", "counts", "--only", "elf", library.path], in: folder)
        #expect(command.status == .exited(1))
        #expect(command.lines.count == 4)
        #expect(command.lines[0].hasPrefix("FAIL  26  counts "))
        #expect(command.lines[1].hasSuffix("→ storing_item: 40 of 39"))
        #expect(command.lines[3] == "1 passed, 1 failed, 0 skipped")
    }

    @Test(arguments: ["crash", "hang", "exits", "constructor_crash", "abort", "throws", "null_manifest"])
    func `a plugin that crashes, hangs or lies ends its process and not the check`(fixture: String) async throws {
        let folder = try TemporaryFolder()
        let library = try await FixturePlugins.compile(fixture)
        let (command, findings) = try await Self.check(library, ["--limit", "1"], in: folder)
        #expect(command.status == .exited(1), "\(command.errors)")
        #expect(findings.contains { $0.verdict == "failed" })
    }

    /// Settings for the ClickUp plugin at a simulator, in `clickup.yaml`.
    private static func write(_ simulator: SimulatorProcess, to folder: TemporaryFolder) throws {
        try folder.write(
            """
            api_token: pk_demo
            workspace_id: "9001234"
            base_url: \(simulator.address)
            webhook_secret: s3cret-of-the-webhook
            """, to: "clickup.yaml")
    }

    private static let clickUp = BuildProducts.folder.appending(path: "libClickUp.so").path

    @Test func `the importer of ClickUp passes, and no rule is skipped`() async throws {
        let folder = try TemporaryFolder()
        let simulator = try await SimulatorProcess.start(
            ["--docs", "6", "--tasks", "12", "--spaces", "1", "--rate-limit", "1000000"])
        try Self.write(simulator, to: folder)
        let command = try await Command.run(
            ["plugin", "check", Self.clickUp, "--settings", "clickup.yaml", "--limit", "60"], in: folder,
            within: .seconds(400))
        #expect(command.status == .exited(0) && !command.output.contains("skip "), "\(command.output)\(command.errors)")
    }

    @Test func `time that a plugin waits for its source's limit does not count`() async throws {
        let folder = try TemporaryFolder()
        let simulator = try await SimulatorProcess.start(
            ["--docs", "6", "--tasks", "12", "--spaces", "1", "--rate-limit", "10"])
        _ = try await simulator.http.post("/_simulator/options", json: #"{"window":"3s"}"#)
        try Self.write(simulator, to: folder)
        let began = ContinuousClock.now
        let command = try await Command.run(
            [
                "plugin", "check", Self.clickUp, "--settings", "clickup.yaml", "--limit", "4", "--only", "import",
                "--only", "utf8",
            ],
            in: folder, within: .seconds(200))
        #expect(command.status == .exited(0), "\(command.output)\(command.errors)")
        #expect(began.duration(to: .now) > .seconds(8), "each of the two imports waited longer than the limit")
    }

    @Test func `the importer of folders passes`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("# One\n", to: "one.md")
        try folder.write("Two.\n", to: "two.txt")
        try folder.write("path: .\n", to: "folder.yaml")
        let command = try await Command.run(
            [
                "plugin", "check", BuildProducts.folder.appending(path: "libFolder.so").path, "--settings",
                "folder.yaml",
            ],
            in: folder, within: .seconds(120))
        #expect(command.status == .exited(0), "\(command.output)\(command.errors)")
    }
}
