import Core
import Engine

extension EventLog {
    /// Waits for the last event.
    func waitForEnd(atMost patience: Duration) async {
        await atMost(patience) { [self] in
            var cursor: Int64 = 0
            while !Task.isCancelled {
                let part = read(after: cursor)
                if part.isOver { return }
                cursor = part.entries.last?.sequence ?? cursor
                if part.entries.isEmpty { await wait(after: cursor) }
            }
        }
    }

    /// Waits for an event behind `sequence`.
    func waitForChange(after sequence: Int64, atMost patience: Duration) async {
        await atMost(patience) { [self] in
            while !Task.isCancelled {
                let part = read(after: sequence)
                if part.isOver || !part.entries.isEmpty { return }
                await wait(after: sequence)
            }
        }
    }
}
