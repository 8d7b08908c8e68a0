/// How long to wait before the next attempt to connect: what the server asked for, and a random part of a limit that
/// doubles, so that a thousand clients do not come back at the same moment.
package struct Backoff: Sendable {
    private var failures = 0
    private static let longest = 30.0

    package init() {}

    package mutating func succeeded() { failures = 0 }

    /// - Parameter asked: what `retry:` or `Retry-After` ask for.
    package mutating func next(
        asked: Duration, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let limit = min(Self.longest, Double(1 << min(failures, 10)))
        failures += 1
        return asked + .seconds(Double.random(in: 0..<limit, using: &random))
    }
}
