import Core
import Foundation

/// Lets one in-process call at a time into the daemon, and one plugin written in Swift for good:
/// two of them in one process would mix up their types.
final class InProcessGate: @unchecked Sendable {
    // `condition` guards both fields.
    private let condition = NSCondition()
    private var isTaken = false
    private var swiftPlugin: String?

    /// How often someone who waits asks whether to go on.
    private static let interval = 0.1

    /// Waits until no other call is under way, or until it is not wanted any more.
    func enter(
        plugin sha256: String, isSwift: Bool, unless isStopped: () -> Bool
    ) throws(RunFailure) {
        condition.lock()
        defer { condition.unlock() }
        if isSwift, let other = swiftPlugin, other != sha256 {
            throw RunFailure(
                .pluginRefused, "Another plugin written in Swift has already run inside the daemon, and two cannot.",
                hint: "Use isolation: process for this integration, or restart the daemon after a plugin was replaced.")
        }
        while isTaken {
            guard !isStopped() else { throw RunFailure(.cancelled, "The run was stopped while it waited.") }
            _ = condition.wait(until: Date(timeIntervalSinceNow: Self.interval))
        }
        isTaken = true
        if isSwift { swiftPlugin = sha256 }
    }

    func leave() {
        condition.lock()
        isTaken = false
        condition.signal()
        condition.unlock()
    }
}
