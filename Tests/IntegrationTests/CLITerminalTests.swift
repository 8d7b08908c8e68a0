import Foundation
import Screen
import Testing

@Suite("The commands on a terminal", .realPrograms, .timeLimit(.minutes(30)))
struct CLITerminalTests {
    /// A configuration with the integration `slow`, and the file that lets it go on.
    private struct Bench {
        let folder: TemporaryFolder
        let daemon: DaemonProcess?

        /// - Parameter served: by a daemon, or run by the command itself.
        static func make(
            _ fixture: String, served: Bool, settings: [String] = []
        ) async throws -> Bench {
            let folder = try TemporaryFolder()
            let gate = ["gated", "troubled"].contains(fixture) ? ["gate: \(folder.path("gate"))"] : []
            let configuration = DaemonConfiguration(.fixture(fixture, name: "slow", settings: gate + settings))
            try await FixturePlugins.compile(fixture)
            try folder.write(configuration.yaml, to: "integrations.yaml")
            return Bench(folder, served ? try await DaemonProcess.start(configuration, in: folder) : nil)
        }

        private init(_ folder: TemporaryFolder, _ daemon: DaemonProcess?) {
            (self.folder, self.daemon) = (folder, daemon)
        }

        func open() throws { try folder.write("", to: "gate") }

        func start(_ arguments: String..., environment: [String: String] = [:], columns: Int = 80, rows: Int = 24)
            throws
            -> TerminalProcess
        {
            var all = environment
            if let daemon { all["INTEGRATIOND_URL"] = "http://127.0.0.1:\(daemon.port)" }
            return try TerminalProcess(arguments, in: folder, environment: all, columns: columns, rows: rows)
        }

        /// The newest run, from the daemon, or from one that is started for that.
        func newestRun() async throws -> JSON {
            let daemon =
                if let daemon { daemon } else {
                    try await DaemonProcess.start(
                        yaml: String(contentsOf: folder.url.appending(path: "integrations.yaml"), encoding: .utf8),
                        in: folder)
                }
            return try #require(try await daemon.runs().first)
        }
    }

    @Test(arguments: [false, true])
    func `a run is drawn in place while it goes on, and its result stays`(served: Bool) async throws {
        let bench = try await Bench.make("troubled", served: served)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("80 %")
        try await terminal.until("✗") { $0.contains("bad-1") }
        let during = Screen(terminal.output.text).text
        #expect(during.first?.hasPrefix("! It cannot be read.  items/bad-1") == true, "\(during)")
        #expect(during.contains { $0.hasPrefix("slow  running  0:0") }, "\(during)")
        #expect(during.contains { $0.contains("███░") && $0.contains(" 80 % 4/5") }, "\(during)")
        #expect(during.contains("  Storing item: 日本語"))
        try bench.open()
        #expect(try await terminal.end() == .exited(0))
        let screen = Screen(terminal.output.text)
        #expect(screen.strange.isEmpty)
        let text = try #require(screen.text.count == 5 ? screen.text : nil, "\(screen.text)")
        #expect(
            text[0].hasPrefix("! It cannot be read.") && text[2] == "  items  5 imported  5 new  1 failed", "\(text)")
        #expect(text[1].hasPrefix("✓ Import complete: 5 imported, 1 failed  in 0:0") && text[4].isEmpty, "\(text)")
        #expect(text[3] == "  It cannot be read.")
    }

    @Test func `collections are counted on the view of a run that a daemon makes`() async throws {
        let bench = try await Bench.make("troubled", served: true)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("the bar of the items, and what failed of them") {
            Screen($0).text.contains { $0.hasPrefix("  items  █") && $0.hasSuffix("1 failed") }
        }
        try bench.open()
        #expect(try await terminal.end() == .exited(0))
    }

    @Test(arguments: [false, true])
    func `a run that fails or is refused ends with the reason`(served: Bool) async throws {
        let bench = try await Bench.make(
            "fails", served: served, settings: ["status: 3", "message: The key has expired."])
        let terminal = try bench.start("sync", "slow")
        #expect(try await terminal.end() == .exited(1))
        #expect(Screen(terminal.output.text).text.first?.hasPrefix("✗ Import failed: The key has expired.") == true)
    }

    @Test func `a wait that the plugin announces is counted down`() async throws {
        let bench = try await Bench.make("troubled", served: false, settings: ["announce_ms: 60000"])
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("resumes in") { output in
            Set(output.matches(of: /resumes in (\d+) s/).map { $0.1 }).count >= 2
        }
        #expect(Screen(terminal.output.text).text.contains { $0.hasPrefix("slow  waiting  ") })
        try bench.open()
        #expect(try await terminal.end() == .exited(0))
    }

    // MARK: Ctrl-C

    @Test func `without a daemon the first Ctrl-C cancels`() async throws {
        let bench = try await Bench.make("gated", served: false)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("Before the gate")
        terminal.type("\u{3}")
        #expect(try await terminal.end() == .exited(4))
        #expect(Screen(terminal.output.text).text.contains { $0.contains("Import failed: The import was cancelled.") })
        #expect(try await bench.newestRun()["status"] == "cancelled")
    }

    @Test func `without a daemon the second Ctrl-C ends the program at once, and the run goes on later`() async throws {
        let bench = try await Bench.make("hang", served: false)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("Hanging")
        terminal.type("\u{3}")
        try await terminal.until("Ctrl-C again ends the program at once")
        terminal.type("\u{3}")
        #expect(try await terminal.end(within: .seconds(5)) == .exited(130))
    }

    @Test func `with a daemon the first Ctrl-C leaves, and the run goes on`() async throws {
        let bench = try await Bench.make("gated", served: true)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("Before the gate")
        terminal.type("\u{3}")
        #expect(try await terminal.end() == .exited(130))
        let run = try await bench.newestRun()
        #expect(run["status"] == "running")
        let screen = Screen(terminal.output.text).text
        #expect(screen.contains { $0.contains("integrationd watch \(run["id"]?.string ?? "?")") }, "\(screen)")
        #expect(!screen.contains { $0.contains("✓") })
        let back = try bench.start("watch")
        try await back.until("Before the gate")
        try bench.open()
        #expect(try await back.end() == .exited(0))
        #expect(Screen(back.output.text).text.first?.hasPrefix("✓ Import complete: 2 imported, 0 failed") == true)
    }

    @Test func `with a daemon the second Ctrl-C cancels, and what comes of it is seen`() async throws {
        let bench = try await Bench.make("gated", served: true)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("Before the gate")
        terminal.type("\u{3}")
        try await terminal.until("Ctrl-C again within 3 s")
        terminal.type("\u{3}")
        #expect(try await terminal.end() == .exited(4))
        #expect(try await bench.newestRun()["status"] == "cancelled")
        #expect(
            Screen(terminal.output.text).text.suffix(3).contains {
                $0.hasPrefix("✗ Import failed: The import was cancelled.")
            })
    }

    // MARK: Terminals of all kinds

    @Test func `a terminal that becomes narrower keeps a clean view`() async throws {
        let bench = try await Bench.make("troubled", served: false, settings: ["fails: 0"])
        let terminal = try bench.start("sync", "slow", columns: 100)
        try await terminal.until("4/5")
        let before = terminal.output.text.count
        terminal.resize(columns: 40)
        try await terminal.until("a narrower drawing") { text in
            text.dropFirst(before).contains("…") && text.dropFirst(before).hasSuffix("\u{1B}[J")
        }
        let after = String(terminal.output.text.dropFirst(before))
        // What is drawn fits into the new width, and goes up over the rows that the old lines now take.
        let lines = after.split(separator: "\r\n").map { Screen(String($0), columns: 400, rows: 5).text.joined() }
        #expect(lines.allSatisfy { $0.count <= 39 }, "\(lines)")
        try bench.open()
        #expect(try await terminal.end() == .exited(0))
    }

    @Test func `there are colours on a terminal, unless NO_COLOR says that there are none`() async throws {
        let bench = try await Bench.make("fails", served: false, settings: ["status: 6"])
        for (environment, hasColours) in [([:], true), (["NO_COLOR": "1"], false)] as [([String: String], Bool)] {
            let terminal = try bench.start("sync", "slow", environment: environment)
            _ = try await terminal.end()
            #expect(terminal.output.text.contains("\u{1B}[31m") == hasColours)
            #expect(terminal.output.text.contains("Import failed"))
        }
    }

    @Test func `a dumb terminal gets plain lines`() async throws {
        let bench = try await Bench.make("fails", served: false, settings: ["status: 6"])
        let terminal = try bench.start("sync", "slow", environment: ["TERM": "dumb"])
        #expect(try await terminal.end() == .exited(1))
        #expect(!terminal.output.text.contains("\u{1B}") && terminal.output.text.contains("error: Import failed: "))
    }

    @Test func `no text of a plugin drives the terminal`() async throws {
        let bench = try await Bench.make("hostile_texts", served: true)
        for arguments in [["sync", "slow"], ["runs"], ["runs", "slow"], ["runs", "slow", "--log"], ["integrations"]] {
            let terminal = try TerminalProcess(
                arguments, in: bench.folder,
                environment: ["INTEGRATIOND_URL": "http://127.0.0.1:\(bench.daemon?.port ?? 0)"], columns: 200)
            _ = try await terminal.end()
            let screen = Screen(terminal.output.text, columns: 200)
            #expect(screen.strange.isEmpty, "\(arguments): \(screen.strange)")
        }
    }

    @Test func `a daemon that restarts is waited for on the terminal`() async throws {
        let bench = try await Bench.make("troubled", served: true, settings: ["fails: 0"])
        let daemon = try #require(bench.daemon)
        let terminal = try bench.start("sync", "slow")
        try await terminal.until("4/5")
        try await daemon.kill()
        try await terminal.until("not connected, ")
        #expect(!Screen(terminal.output.text).text.contains { $0.contains("✓") })
        let yaml = try String(contentsOf: bench.folder.url.appending(path: "integrations.yaml"), encoding: .utf8)
        let again = try await DaemonProcess.start(
            yaml: yaml.replacing("127.0.0.1:0", with: "127.0.0.1:\(daemon.port)"), in: bench.folder)
        try bench.open()
        #expect(try await terminal.end(within: .seconds(60)) == .exited(0))
        #expect(Screen(terminal.output.text).text.contains { $0.hasPrefix("✓ Import complete: 5 imported") })
        #expect(try await again.runs().count == 1)
    }
}
