import Core
import Engine
import Synchronization

/// Logs of runs that have ended, as the store has them: clients that read the same one at the same
/// time share it, and it goes away with the last of them.
///
/// A log is bounded (reliable events, and the newest of each step), so it is read as a whole.
final class EndedLogs: Sendable {
    private struct Shared {
        weak var log: EventLog?
    }

    private let logs = Mutex<[RunID: Shared]>([:])

    func log(of run: RunID, in storage: any Storage) async throws -> EventLog {
        if let log = logs.withLock({ $0[run]?.log }) { return log }
        let log = EventLog(ended: run, events: try await storage.allEvents(of: run))
        logs.withLock { logs in
            logs = logs.filter { $0.value.log != nil }
            logs[run] = Shared(log: log)
        }
        return log
    }
}
