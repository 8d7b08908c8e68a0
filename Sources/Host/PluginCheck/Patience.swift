import Core

/// How long one process of a plugin may take: the limit, without the time that the plugin says it has to wait.
struct Patience {
    /// However often a plugin says that it waits, all its waits together end after this time.
    static let longestWaits = Duration.seconds(900)

    let limit: Duration
    private(set) var deadline: ContinuousClock.Instant
    private let end: ContinuousClock.Instant

    init(_ limit: Duration) {
        self.limit = limit
        deadline = .now + limit
        end = deadline + Self.longestWaits
    }

    /// The plugin waits till then, for a rate limit say, and has as long as before afterwards.
    mutating func waits(until time: Timestamp) {
        let wait = Duration.milliseconds(time.milliseconds - Timestamp.now.milliseconds)
        deadline = min(end, max(deadline, .now + wait + limit))
    }
}
