import Foundation
import Testing

/// `isolation: in-process`: what it promises, and what docs/operations.md says that it cannot.
@Suite("Plugins inside the daemon", .realPrograms, .timeLimit(.minutes(30)))
struct InProcessTests {
    // MARK: What it promises

    /// What an import brought, in whichever place the plugin ran.
    private struct Outcome: Equatable {
        var end: [String: JSON]
        var documents: [[String: JSON]]
        var report: [[String: JSON]]
    }

    private static func members(_ names: [String], of json: JSON) -> [String: JSON] {
        json.keys.intersection(names).reduce(into: [:]) { $0[$1] = json[$1] }
    }

    private static func items(_ path: String, _ names: [String], of daemon: DaemonProcess) async throws -> [[String:
        JSON]]
    {
        try await daemon.http.get(path).json["items"]?.items.map { members(names, of: $0) } ?? []
    }

    private static func outcome(of integration: String, on daemon: DaemonProcess) async throws -> Outcome {
        let end = try #require(try await daemon.http.events(ofImport: integration).last).json
        let result = members(["totalImported", "totalFailed", "totalSkipped"], of: end["result"] ?? .null)
        let run = try #require(end["runId"]?.string)
        return Outcome(
            end: members(["type", "code", "error", "status"], of: end).merging(result) { $1 },
            documents: try await items(
                "/documents?integration=\(integration)&include=content&limit=1000",
                ["collection", "externalId", "title", "content", "metadata", "url"], of: daemon
            ).sorted { ($0["externalId"]?.string ?? "") < ($1["externalId"]?.string ?? "") },
            report: try await items(
                "/runs/\(run)/errors", ["kind", "code", "collection", "externalId", "message"], of: daemon))
    }

    private static let fixtures: [(String, [String])] = [
        ("hello", []), ("plain", []), ("both", []), ("main_thread", []), ("counts", ["documents: 500"]),
        ("threads", ["documents: 50"]), ("checkpointed", ["keep: 1"]), ("big", ["documents: 2"]),
        ("known_user", ["failed: 3", "skipped: 4", "removed: 5"]), ("fails", ["status: 2"]), ("fails", ["status: 6"]),
        ("garbage", ["kind: documents"]), ("garbage", ["kind: text"]), ("garbage", ["kind: long"]),
        ("garbage", ["kind: nulls"]), ("garbage", ["kind: steps"]), ("bad_manners", ["kind: rejected"]),
        ("bad_manners", ["kind: utf8"]), ("bad_manners", ["kind: document"]),
    ]

    @Test(arguments: fixtures)
    func `an import inside the daemon ends as one in a worker does`(fixture: String, settings: [String]) async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture(fixture, name: "outside", settings: settings),
                .fixture(fixture, name: "inside", settings: settings, ["isolation: in-process"])))
        let outside = try await Self.outcome(of: "outside", on: daemon)
        let inside = try await Self.outcome(of: "inside", on: daemon)
        #expect(inside == outside)
        #expect(inside.end["type"] != nil)
    }

    @Test func `a plugin that keeps all rules brings the same, and its other entries answer the same`() async throws {
        let conformance = BuildProducts.checkout.appending(path: "Tests/Fixtures/Conformance/good.c")
        try await FixturePlugins.compile(conformance, to: FixturePlugins.directory, name: "conformance_good")
        let settings = ["token: sesame"], inside = ["isolation: in-process"]
        var configuration = DaemonConfiguration(
            .fixture("entries", name: "entries-outside", settings: settings),
            .fixture("entries", name: "entries-inside", settings: settings, inside))
        for integration in configuration.integrations { try await FixturePlugins.compile(integration.fixture) }
        configuration.integrations += [
            .fixture("conformance_good", name: "outside", settings: settings),
            .fixture("conformance_good", name: "inside", settings: settings, inside),
        ]
        let daemon = try await DaemonProcess.start(yaml: configuration.yaml)
        let imported = try await Self.outcome(of: "inside", on: daemon)
        #expect(imported == (try await Self.outcome(of: "outside", on: daemon)))
        #expect(imported.documents.count == 41)
        for place in ["inside", "outside"] {
            let path = "/integrations/entries-\(place)"
            let test = try await daemon.http.post("\(path)/test").json
            #expect(test["success"] == true && test["account"] == "me")
            #expect(try await daemon.http.get("\(path)/structure").json["nodes"]?[0]?["kind"] == "space")
            let webhook = try await daemon.http.send("POST", "\(path)/webhook", ["X-Signature: sesame"], body: "{}")
            #expect(webhook.status == 200 && webhook.text == "{}")
            let refused = try await daemon.http.send("POST", "\(path)/webhook", ["X-Signature: no"], body: "{}")
            #expect(refused.status == 401)
        }
    }

    @Test func `calls that come after the return are ignored, however late`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                .fixture("late_caller", ["isolation: in-process"]), .fixture("hello", ["isolation: in-process"])))
        #expect(try await daemon.http.events(ofImport: "late-caller").last?.type == "complete")
        // It goes on calling for 200 ms, also while others run.
        for _ in 1...5 { #expect(try await daemon.http.events(ofImport: "hello").last?.type == "complete") }
        let stored = try await daemon.http.get("/documents?integration=late-caller").json["items"]?.items ?? []
        #expect(stored.compactMap { $0["externalId"]?.string }.sorted() == ["1", "2", "3"])
        #expect(try await daemon.terminate().status == .exited(0))
    }

    // MARK: What it does not

    @Test func `a crash ends the daemon, and after three starts the run is given up`() async throws {
        let configuration = DaemonConfiguration(
            .fixture("crash", ["isolation: in-process"]), .fixture("hello", name: "other"))
        let daemon = try await DaemonProcess.start(configuration)
        let stream = try await daemon.http.sync("crash")
        _ = try? await stream.rest()  // cut off with the daemon
        #expect(try await daemon.process.exitStatus() == .signalled(SIGSEGV))
        for _ in 2...3 {
            let again = try DaemonProcess.spawn(yaml: configuration.yaml, in: daemon.folder)
            // The run goes on, and its plugin crashes again.
            #expect(try await again.exitStatus(within: patience) == .signalled(SIGSEGV))
        }
        let last = try await DaemonProcess.start(configuration, in: daemon.folder)
        try await eventually("the run is over") {
            try await last.runs("?integration=crash").first?["error"]?["code"] == "interrupted"
        }
        #expect(try await last.http.events(ofImport: "other").last?.type == "complete")
    }

    @Test func `one that hangs is given up, and only workers can run until a restart`() async throws {
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                runs: ["stalled_after: 300ms", "cancel_grace: 100ms"], .fixture("hang", ["isolation: in-process"]),
                .fixture("hello", name: "inside", ["isolation: in-process"]), .fixture("hello", name: "outside")))
        let end = try #require(try await daemon.http.events(ofImport: "hang").last).json
        #expect(end["code"] == "plugin-stalled", "\(end)")
        let waiting = try await daemon.http.sync("inside")
        let run = try #require(try await waiting.next()?.json["runId"]?.string)
        #expect(try await daemon.http.events(ofImport: "outside").last?.type == "complete")
        #expect(try await daemon.runs("?integration=inside").first?["endedAt"] == nil, "it waits for the thread")
        #expect(try await daemon.http.post("/runs/\(run)/cancel").status == 202)
        #expect(try await waiting.rest().last?.json["code"] == "cancelled")
        #expect(try await daemon.terminate().status == .exited(0))
    }

    @Test func `one import at a time is inside the daemon`() async throws {
        let inside = ["isolation: in-process"]
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(.fixture("waits", inside), .fixture("hello", inside)))
        let first = try await daemon.http.sync("waits")
        let run = try #require(try await first.until(step: "waiting_for_cancel").first?.json["runId"]?.string)
        let second = try await daemon.http.sync("hello")
        #expect(try await second.next()?.step == "starting")
        #expect(try await daemon.http.get("/documents").json["items"]?.items.isEmpty == true)
        #expect(try await daemon.http.post("/runs/\(run)/cancel").status == 202)
        #expect(try await second.rest().last?.type == "complete")
    }

    @Test func `a second plugin written in Swift is refused, and in a worker it runs`() async throws {
        let folder = try TemporaryFolder(), plugins = try TemporaryFolder()
        let content = try Data(contentsOf: BuildProducts.folder.appending(path: "libClickUp.so"))
        // What stands behind an ELF file's end means nothing, and makes another file of it.
        for (name, more) in [("first.so", ""), ("second.so", "another")] {
            let file = plugins.url.appending(path: name)
            try (content + Data(more.utf8)).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
        let simulator = try await SimulatorProcess.start(["--docs", "1", "--tasks", "1", "--spaces", "1"])
        let settings = #"{api_token: pk_demo, workspace_id: "9001234", base_url: "\#(simulator.address)"}"#
        for (isolation, code) in [("in-process", JSON.string("plugin-refused")), ("process", nil)] {
            let yaml = """
                server: {listen: "127.0.0.1:0"}
                store: {sqlite: store.db}
                plugins: {directories: [\(plugins.url.path)]}
                integrations:
                  first: {plugin: first.so, isolation: in-process, settings: \(settings)}
                  second: {plugin: second.so, isolation: \(isolation), settings: \(settings)}
                """
            let daemon = try await DaemonProcess.start(yaml: yaml, in: folder)
            for (name, code) in [("first", nil), ("second", code), ("first", nil)] {
                let end = try #require(try await daemon.http.events(ofImport: name).last).json
                #expect(end["code"] == code && end["type"] == (code == nil ? "complete" : "error"), "\(name): \(end)")
            }
            _ = try await daemon.terminate()
        }
    }
}
