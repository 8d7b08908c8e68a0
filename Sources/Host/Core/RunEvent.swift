/// One entry of a run's log.
package struct RunEvent: Sendable {
    package enum Kind: String, Sendable {
        case progress
        /// The two that end a log.
        case complete, error
    }

    /// Counts from 1 within a run; never names two events.
    package var sequence: Int64
    package var kind: Kind
    /// The step of a progress event, else empty.
    package var step: String
    /// Reliable events are kept and reach every reader; the others may be superseded.
    package var isReliable: Bool
    /// One JSON object without line breaks.
    package var body: String

    package init(sequence: Int64, kind: Kind, step: String, isReliable: Bool, body: String) {
        self.sequence = sequence
        self.kind = kind
        self.step = step
        self.isReliable = isReliable
        self.body = body
    }

    package var isTerminal: Bool { kind != .progress }
}
