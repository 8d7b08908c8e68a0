import Config
import Core
import Engine
import ServiceLifecycle

/// Starts the imports of integrations that have a `schedule`.
struct ScheduleService: Service {
    let changes: Changes
    let scheduler: RunScheduler

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
        let integration = Integration(entry)
        guard let timetable = integration.timetable else { return }
        await ScheduledImports(scheduler).follow(timetable, of: integration)
    }
}
