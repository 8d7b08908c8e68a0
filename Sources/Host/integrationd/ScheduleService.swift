import Config
import Core
import Engine
import Logging
import ServiceLifecycle

/// Starts the imports of integrations that have a `schedule`.
struct ScheduleService: Service {
    let changes: Changes
    let scheduler: RunScheduler
    let logger: Logger

    /// Tells the service what is configured now.
    struct Changes: Sendable {
        fileprivate let entries: AsyncStream<[Configuration.Integration]>
        private let continuation: AsyncStream<[Configuration.Integration]>.Continuation

        init(_ configuration: Configuration) {
            // Only the newest configuration counts.
            (entries, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
            take(configuration)
        }

        func take(_ configuration: Configuration) {
            continuation.yield(configuration.integrations.filter { $0.enabled && $0.schedule != nil })
        }
    }

    func run() async throws {
        var followers: [String: (entry: Configuration.Integration, task: Task<Void, Never>)] = [:]
        defer { followers.values.forEach { $0.task.cancel() } }
        for await entries in changes.entries.cancelOnGracefulShutdown() {
            // Who has not changed goes on waiting for the same moment.
            for (name, follower) in followers where !entries.contains(follower.entry) {
                follower.task.cancel()
                followers[name] = nil
            }
            for entry in entries where followers[entry.name] == nil {
                followers[entry.name] = (entry, Task { await follow(entry) })
            }
        }
    }

    private func follow(_ entry: Configuration.Integration) async {
        guard let schedule = entry.schedule else { return }
        let integration = Integration(entry)
        while let next = schedule.next(after: Timestamp.now.milliseconds / 1000) {
            let delay = next * 1000 - Timestamp.now.milliseconds
            guard (try? await Task.sleep(for: .milliseconds(delay))) != nil else { return }  // stopping
            do {
                _ = try await scheduler.start(
                    integration, tenant: integration.tenant ?? .default, options: RunOptions(),
                    requestedBy: "schedule")
            } catch {
                logger.error(
                    "a scheduled import could not be started: \(error)",
                    metadata: ["integration": "\(integration.name)"])
            }
        }
    }
}
