import Foundation
import Testing

/// Imports of changes that are cut short.
@Suite("Going on with ClickUp's changes", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpChangesResumeTests {
    private static let size = [
        "--tasks", "550", "--docs", "130", "--pages-per-doc", "1", "--comments", "0", "--rate-limit", "100000",
    ]
    private static let core = [
        "collections: [spaces, folders, lists, tasks, docs, pages]", "max_concurrent_requests: 4",
    ]
    private static let collections: Set<String> = ["spaces", "folders", "lists", "tasks", "docs", "pages"]

    enum Victim: CaseIterable {
        case daemon, worker
    }

    /// A workspace that has been imported, and answers slowly from then on.
    private static func imported(in folder: TemporaryFolder) async throws -> (setup: ClickUpSetup, lines: String) {
        let simulator = try await ClickUpSetup.startSimulator(Self.size)
        let lines = ClickUpSetup.lines(of: "clickup", at: simulator, settings: Self.core)
        let setup = ClickUpSetup(simulator: simulator, daemon: try await ClickUpSetup.startDaemon(lines, in: folder))
        #expect(try await setup.run()["status"] == "succeeded")
        try await setup.control("options", #"{"latency":"10ms"}"#)
        return (setup, lines)
    }

    /// From now on requests that fit are not answered, which keeps an import where it is.
    private static func hold(_ setup: ClickUpSetup, _ match: String, skip: Int = 0) async throws {
        try await setup.control(
            "faults",
            #"{"match":{\#(match)},"skip":\#(skip),"times":"always","action":"delay","delay":"60s"}"#)
    }

    /// What is stored is as it should be after one more import: docs that were done before their space got
    /// another name follow it then.
    private static func expectTruth(_ setup: ClickUpSetup) async throws {
        #expect(try await setup.run()["status"] == "succeeded")
        let differences = try await ClickUpTruth.differences(setup, collections: collections)
        #expect(differences == [], "\(differences.count): \(differences.prefix(3))")
    }

    /// Starts an import, kills it when it has got so far, and sees to it that it is gone on with.
    ///
    /// - Parameter meanwhile: done before that.
    private static func cut(
        _ victim: Victim, _ setup: ClickUpSetup, _ lines: String, _ folder: TemporaryFolder, options: String = "{}",
        when isFar: (_ asked: [String]) async throws -> Bool, meanwhile: () async throws -> Void = {}
    ) async throws -> ClickUpSetup {
        _ = try await setup.asked()
        let run = try #require(
            try await setup.daemon.http.post("/integrations/clickup/sync", json: options).json["id"]?.string)
        try await eventually("the import is under way") {
            let log = try await setup.simulator.http.get("/_simulator/requests").json["items"]?.items ?? []
            return try await isFar(log.map { "\($0["path"]?.string ?? "")?\($0["query"]?.string ?? "")" })
        }
        switch victim {
        case .daemon:
            try await setup.daemon.kill()
            try await setup.forgetFaults()
            try await meanwhile()
            let next = ClickUpSetup(
                simulator: setup.simulator, daemon: try await ClickUpSetup.startDaemon(lines, in: folder))
            #expect(try await next.end(of: run)["status"] == "succeeded")
            return next
        case .worker:
            kill(pid_t(try #require(try children(of: setup.daemon).first)), SIGKILL)
            #expect(try await setup.end(of: run)["error"]?["code"] == "plugin-crashed")
            try await setup.forgetFaults()
            try await meanwhile()
            #expect(try await setup.run()["status"] == "succeeded")
            return setup
        }
    }

    /// Gives a space, a folder and a list other names; returns the list's id.
    @discardableResult
    private static func rename(_ setup: ClickUpSetup, _ name: String) async throws -> String {
        for (collection, id) in [("spaces", "90100001"), ("folders", "90200020"), ("lists", Self.list)] {
            try await setup.control("\(collection)/\(id)", #"{"name":"\#(name)"}"#)
        }
        return list
    }

    private static let list = "90300101"

    private static func children(of daemon: DaemonProcess) throws -> [Int] {
        let tasks = "/proc/\(daemon.process.id)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
            // A thread may be gone by now.
            ((try? String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)) ?? "")
                .split(separator: " ").compactMap { Int($0) }
        }
    }

    /// Held at the listing of what changed, of the tasks in renamed lists, and of docs.
    @Test(arguments: Victim.allCases, ["date_updated_gt", "list_ids", "/docs?"])
    func `tasks follow the new names of their places, wherever an import is killed`(
        _ victim: Victim, held: String
    ) async throws {
        let folder = try TemporaryFolder()
        let (setup, lines) = try await Self.imported(in: folder)
        try await Self.rename(setup, "Renamed")
        try await Self.hold(setup, held.hasPrefix("/") ? #""path":"\#(held.dropLast())""# : #""query":"\#(held)""#)
        let next = try await Self.cut(victim, setup, lines, folder) { asked in
            asked.contains { $0.contains(held) && $0.contains("/task?") || held == "/docs?" && $0.contains("/task?") }
        }
        try await Self.expectTruth(next)
    }

    @Test(arguments: Victim.allCases)
    func `tasks follow names that change between two attempts at the first import`(_ victim: Victim) async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator(Self.size + ["--latency", "10ms"])
        let lines = ClickUpSetup.lines(of: "clickup", at: simulator, settings: Self.core)
        let setup = ClickUpSetup(simulator: simulator, daemon: try await ClickUpSetup.startDaemon(lines, in: folder))
        try await Self.hold(setup, #""path":"*/team/9001234/task""#, skip: 4)
        let next = try await Self.cut(victim, setup, lines, folder) { asked in
            asked.count { $0.contains("/team/9001234/task?") } >= 5
        } meanwhile: {
            try await Self.rename(setup, "Renamed")
        }
        try await Self.expectTruth(next)
    }

    @Test func `tasks follow names that change again and again while an import is tried`() async throws {
        let folder = try TemporaryFolder()
        let (setup, lines) = try await Self.imported(in: folder)
        try await Self.rename(setup, "First")
        // The tasks in lists that were renamed are listed, those that changed are not.
        try await Self.hold(setup, #""path":"*/team/9001234/task","query":"date_updated_gt""#)
        let next = try await Self.cut(.daemon, setup, lines, folder) { asked in
            asked.contains { $0.contains("list_ids") && $0.contains("archived=true") }
        } meanwhile: {
            try await Self.rename(setup, "Second")
            try await setup.control("lists/90300100", #"{"name":"Second"}"#)
        }
        try await Self.expectTruth(next)
    }

    /// As one that a webhook asks for.
    @Test func `a narrowed import that is killed leaves the tasks of a renamed list to the next`() async throws {
        let folder = try TemporaryFolder()
        let (setup, lines) = try await Self.imported(in: folder)
        try await Self.rename(setup, "Renamed")
        try await Self.hold(setup, #""path":"*/task""#)
        _ = try await Self.cut(
            .worker, setup, lines, folder, options: #"{"settings":{"list_ids":["\#(Self.list)"]}}"#
        ) { _ in
            try await setup.stored("collection=lists").contains { $0["title"] == "Renamed" }
        }
        try await Self.expectTruth(setup)
    }

    @Test func `a list whose tasks could not be listed under its new name has them listed by the next import`()
        async throws
    {
        let folder = try TemporaryFolder()
        let (setup, _) = try await Self.imported(in: folder)
        try await Self.rename(setup, "Renamed")
        try await setup.control("faults", #"{"match":{"query":"list_ids"},"times":"always","status":403}"#)
        #expect(try await setup.run()["status"] == "completed_with_errors")
        try await setup.forgetFaults()
        #expect(try await setup.run()["status"] == "succeeded")
        try await Self.expectTruth(setup)
    }

    @Test(arguments: Victim.allCases)
    func `where nothing has changed, one page of each listing is fetched again at the most`(
        _ victim: Victim
    ) async throws {
        let folder = try TemporaryFolder()
        let (setup, lines) = try await Self.imported(in: folder)
        // Nothing else is left then.
        try await Self.hold(setup, #""path":"*/docs","query":"archived=true""#)
        let next = try await Self.cut(victim, setup, lines, folder) { asked in
            asked.contains { $0.contains("/docs?") && $0.contains("archived=true") }
        }
        let asked = try await next.asked().filter { $0.contains("/task?") || $0.contains("/docs?") }
        let again = Dictionary(grouping: asked) { $0.replacing(/&cursor=.*/, with: "") }
            .mapValues { $0.count - Set($0).count }
        #expect(again.values.allSatisfy { $0 <= 1 }, "\(again)")
        try await Self.expectTruth(next)
    }
}
