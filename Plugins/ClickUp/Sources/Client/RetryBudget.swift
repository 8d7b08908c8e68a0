/// How often one request is tried, and how long it waits in between.
struct RetryBudget {
    /// Tries of one request, the first included.
    static let maximumTries = 5
    /// A refusal by the rate limit says when to come back, so more of them are taken.
    static let maximumRefusals = 12
    static let base: Duration = .milliseconds(500)
    static let ceiling: Duration = .seconds(30)
    /// Longer waits are the host's business: it ends the run and starts it again then.
    static let longestWait: Duration = .seconds(900)

    private var failures = 0
    private var refusals = 0

    /// How long to wait before the next try; nil when this was the last. Full jitter: anything
    /// between nothing and the exponential bound, so that many requests do not return at once.
    mutating func delay(after error: UpstreamError, random: Double) -> Duration? {
        guard error.isRetryable else { return nil }
        let step: Int
        if error.kind == .rateLimited {
            refusals += 1
            guard refusals < Self.maximumRefusals else { return nil }
            step = refusals
        } else {
            failures += 1
            guard failures < Self.maximumTries else { return nil }
            step = failures
        }
        let backOff = min(Self.ceiling, Self.base * (1 << min(step - 1, 10))) * random
        guard let wait = error.wait else { return backOff }
        return wait <= Self.longestWait ? wait + min(backOff, .seconds(1)) : nil
    }
}
