import Dispatch
import Foundation

/// What a test waited for did not come in time.
struct TimedOut: Error, CustomStringConvertible {
    /// What was waited for, and what there was instead.
    let description: String
}

/// How long something that ought to come at once may take on a busy machine.
let patience = Duration.seconds(30)

/// Runs what blocks on a thread that may be blocked, so that all other tests go on.  Each such call has a deadline of
/// its own.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

/// Asks again and again until the answer is yes: for what announces itself in no other way, such as the state of a run.
/// Every question takes a while, and between two of them the thread is left to others.
func eventually(
    _ what: String, within limit: Duration = patience, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(description: "never: \(what)") }
        await Task.yield()
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension ContinuousClock.Instant {
    /// For poll(2); at least 0.
    var millisecondsLeft: Int32 {
        Int32(clamping: Int64((max(.zero, ContinuousClock.now.duration(to: self)).seconds * 1000).rounded(.up)))
    }
}
