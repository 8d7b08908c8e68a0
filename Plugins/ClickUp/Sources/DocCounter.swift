import Synchronization

/// Counts the docs that were begun.  Docs are imported side by side, and the numbers that people see
/// must not go back.
final class DocCounter: Sendable {
    private let count = Mutex(0)

    /// Takes the next number and shows it before another doc can show a greater one.
    func next(_ show: (Int) -> Void = { _ in }) {
        count.withLock { count in
            count += 1
            show(count)
        }
    }
}
