import Foundation
import Testing

/// Changes a simulated workspace at random, imports, and finds the store equal to the truth, again
/// and again. A seed that fails is a test case: the simulator does the same changes for it.
@Suite("ClickUp changes at random", .realPrograms, .timeLimit(.minutes(30)))
struct ClickUpPropertyTests {
    private enum Kind: String, CaseIterable {
        case incremental, sweep, full
    }

    private static let rounds = 7
    private static let faults =
        #"[{"times":"always","percent":5,"status":500},{"times":"always","percent":2,"action":"reset"},{"times":"always","percent":1,"action":"truncate"}]"#

    @Test(arguments: 1...4)
    func `after every import the store is what the workspace is`(seed: Int) async throws {
        let folder = try TemporaryFolder()
        let simulator = try await ClickUpSetup.startSimulator([
            "--tasks", "130", "--docs", "24", "--seed", "\(seed)", "--rate-limit", "100000", "--latency", "1ms",
        ])
        let integration = ClickUpSetup.lines(of: "clickup", at: simulator, settings: [])
        var setup = ClickUpSetup(
            simulator: simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        #expect(try await setup.run()["status"] == "succeeded")
        #expect(try await ClickUpTruth.differences(setup) == [], "the first import of seed \(seed)")
        for round in 1...Self.rounds {
            let changes = try await setup.control("mutate", #"{"seed":\#(seed * 1000 + round),"count":14}"#)
            let kind = Kind.allCases[(seed + round) % 3]
            let (hasFaults, isKilled) = (round % 2 == 0, round % 3 == 1)
            if hasFaults { try await setup.control("faults", Self.faults) }
            let status = try await Self.run(kind, isKilled: isKilled, &setup, integration, folder)
            _ = try await setup.simulator.http.send("DELETE", "/_simulator/faults")
            let differences = try await ClickUpTruth.differences(setup) { stored in
                kind == .incremental
                    && ["tasks", "comments", "attachments"].contains(stored["collection"]?.string ?? "")
            }
            #expect(
                status == "succeeded" && differences == [],
                "seed \(seed), round \(round), \(kind)\(hasFaults ? ", faults" : "")\(isKilled ? ", killed" : ""): \(changes)"
            )
        }
    }

    private static func run(
        _ kind: Kind, isKilled: Bool, _ setup: inout ClickUpSetup, _ integration: String, _ folder: TemporaryFolder
    ) async throws -> String? {
        let options =
            switch kind {
            case .incremental: "{}"
            case .full: #"{"full":true}"#
            case .sweep: #"{"settings":{"sweep":"now"}}"#
            }
        guard isKilled else { return try await setup.run(options)["status"]?.string }
        let started = try await setup.daemon.http.post("/integrations/clickup/sync", json: options).json
        let run = try #require(started["id"]?.string)
        _ = try await setup.simulator.http.send("DELETE", "/_simulator/requests")
        let daemon = setup.daemon, simulator = setup.simulator
        try await eventually("the import is under way") {
            let asked = try await simulator.http.get("/_simulator/requests").json["total"]?.integer ?? 0
            let hasEnded = try await daemon.http.get("/runs/\(run)").json["endedAt"]?.string != nil
            return asked > 25 || hasEnded
        }
        try await setup.daemon.kill()
        setup = ClickUpSetup(
            simulator: setup.simulator, daemon: try await ClickUpSetup.startDaemon(integration, in: folder))
        return try await setup.end(of: run)["status"]?.string
    }
}
