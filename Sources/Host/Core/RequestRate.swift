/// How fast requests are answered while no limit holds them back.  A value without a clock.
package struct RequestRate: Sendable {
    private var last: (time: Timestamp, wasFree: Bool)?
    private var answers: Int64 = 0
    private var milliseconds: Int64 = 0

    package init() {}

    /// Below this a rate means nothing.
    private static let patience: Int64 = 50

    /// A request was answered.
    ///
    /// - Parameter isFree: another one could start now.
    package mutating func note(isFree: Bool, at now: Timestamp) {
        if let last, last.wasFree, now >= last.time {
            answers += 1
            milliseconds += now.milliseconds - last.time.milliseconds
        }
        last = (now, isFree)
    }

    /// Requests a second; nil: not known.
    package var perSecond: Double? {
        milliseconds >= Self.patience ? Double(answers) * 1_000 / Double(milliseconds) : nil
    }
}
