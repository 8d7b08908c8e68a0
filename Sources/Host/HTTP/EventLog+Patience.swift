import Core
import Engine

extension EventLog {
    /// Waits for the last event.
    func waitForEnd(atMost patience: Duration) async {
        await atMost(patience) { [self] in await waitForEnd() }
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
