import Foundation
import Testing

@Suite("An account's limit", .realPrograms, .timeLimit(.minutes(30)))
struct RateLimitTests {
    /// - Parameter window: in milliseconds.
    private func limited(
        _ name: String, source: URL, limit: Int, window: Int, requests: Int, _ lines: [String] = []
    ) -> DaemonConfiguration.Integration {
        .fixture(
            "limited", name: name,
            settings: [
                "source: \(source.path)", "limit: \(limit)", "window: \(window)", "requests: \(requests)",
            ], lines)
    }

    // The account's counter is a file, which no worker may write: the plugin runs in the daemon.
    @Test func `an import uses an account's limit up, and is never refused`() async throws {
        let folder = try TemporaryFolder()
        let source = folder.url.appending(path: "source")
        let names = ["a"]
        let requests = 120 / names.count
        var configuration = DaemonConfiguration()
        configuration.integrations = names.map {
            limited($0, source: source, limit: 30, window: 800, requests: requests, ["isolation: in-process"])
        }
        let daemon = try await DaemonProcess.start(configuration, in: folder)
        let start = ContinuousClock.now
        let ends = try await withThrowingTaskGroup { group in
            for name in names {
                group.addTask { try await daemon.http.events(ofImport: name).last?.type }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let took = start.duration(to: .now)
        #expect(ends == names.map { _ in "complete" }, "\(daemon.log)")
        // 120 requests are four windows, so three have to pass.
        #expect(took >= .milliseconds(3 * 800) && took < .milliseconds(5 * 800), "\(took)")
    }

    @Test func `a run that waits for a limit says until when, and can be cancelled`() async throws {
        let folder = try TemporaryFolder()
        let source = folder.url.appending(path: "source")
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                limited("slow", source: source, limit: 3, window: 60_000, requests: 10, ["isolation: in-process"])),
            in: folder)
        let stream = try await daemon.http.sync("slow")
        let waiting = try #require(try await stream.until(step: "waiting").last).json
        let resumeAt = try #require(waiting["resumeAt"]?.string)
        let status = try await daemon.http.get("/integrations/slow/status").json
        let run = try #require(status["run"])
        #expect(status["state"] == "running" && run["status"] == "waiting")
        #expect(run["resumeAt"] == .string(resumeAt))
        let id = try #require(run["id"]?.string)
        #expect(try await daemon.http.post("/runs/\(id)/cancel").status == 202)
        let end = try #require(try await stream.rest().last)
        #expect(try end.type == "error" && end.json["code"] == "cancelled")
    }

    @Test func `a test of the connection takes its share of the same limit`() async throws {
        let folder = try TemporaryFolder()
        let source = folder.url.appending(path: "source")
        let daemon = try await DaemonProcess.start(
            DaemonConfiguration(
                limited("slow", source: source, limit: 3, window: 60_000, requests: 3, ["isolation: in-process"])),
            in: folder)
        #expect(try await daemon.http.events(ofImport: "slow").last?.type == "complete")
        let test = try await daemon.http.post("/integrations/slow/test").json
        #expect(test["success"] == true)
        let wait = try #require(test["details"]?["wait"]?.integer)
        #expect((1...60_100).contains(wait), "\(wait)")
    }
}
