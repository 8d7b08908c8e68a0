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

    func log(of run: Run, in storage: any Storage) async throws -> EventLog {
        if let log = logs.withLock({ $0[run.id]?.log }) { return log }
        let events = try await storage.allEvents(of: run.id)
        guard run.status.isTerminal else {
            // The daemon stops, and the run goes on in the next one: its readers come back there.
            let log = EventLog(runID: run.id, earlier: events, lastNumber: run.lastEvent, reserved: run.lastEvent)
            log.close()
            return log
        }
        let log = EventLog(ended: run.id, events: events)
        logs.withLock { logs in
            logs = logs.filter { $0.value.log != nil }
            logs[run.id] = Shared(log: log)
        }
        return log
    }
}
