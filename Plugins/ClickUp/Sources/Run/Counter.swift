import Synchronization

/// Counts what was done. Things are imported side by side, and the numbers that people see must
/// not go back.
final class Counter: Sendable {
    private let count = Mutex(0)

    /// Takes the next number and shows it before a greater one can be shown.
    func next(_ show: (Int) -> Void = { _ in }) { add(1, show) }

    func add(_ number: Int, _ show: (Int) -> Void = { _ in }) {
        count.withLock { count in
            count += number
            show(count)
        }
    }

    var value: Int { count.withLock { $0 } }
}
