import Core
import Foundation

/// A wait of a run's own thread that another thread can end.
final class Pause: PluginWaker, @unchecked Sendable {
    // `condition` guards the flag.
    private let condition = NSCondition()
    private var isOver = false

    func wait(until deadline: ContinuousClock.Instant) {
        let date = Date(timeIntervalSinceNow: ContinuousClock.now.duration(to: deadline).seconds)
        condition.lock()
        while !isOver, condition.wait(until: date) {}
        condition.unlock()
    }

    func wake() {
        condition.lock()
        isOver = true
        condition.signal()
        condition.unlock()
    }
}
