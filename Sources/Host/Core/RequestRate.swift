/// How fast requests are answered while no limit holds them back.  A value without a clock.
package struct RequestRate: Sendable {
    private var last: (time: Timestamp, wasFree: Bool)?
    /// Of late: what is older counts the less, the more has come since.
    private var answers = 0.0
    private var milliseconds = 0.0

    package init() {}

    /// Below this a rate means nothing.
    private static let patience = 50.0
    /// What of the past an answer leaves: several rounds of all that a plugin has in flight count, and
    /// what it did before, one request after the other, does not.
    private static let memory = 1 - 1.0 / 64

    /// A request was answered.
    ///
    /// - Parameter isFree: another one could start now.
    package mutating func note(isFree: Bool, at now: Timestamp) {
        if let last, last.wasFree, now >= last.time {
            answers = answers * Self.memory + 1
            milliseconds = milliseconds * Self.memory + Double(now.milliseconds - last.time.milliseconds)
        }
        last = (now, isFree)
    }

    /// Requests a second; nil: not known.
    package var perSecond: Double? {
        milliseconds >= Self.patience ? answers * 1_000 / milliseconds : nil
    }
}
