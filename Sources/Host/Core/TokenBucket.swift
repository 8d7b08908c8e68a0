/// So many at once, and so many a second.  A value without a clock.
package struct TokenBucket: Sendable {
    private let capacity: Double
    private let perSecond: Double
    private var tokens: Double
    private var filledAt: ContinuousClock.Instant?

    package init(capacity: Int, perSecond: Double) {
        self.capacity = Double(capacity)
        self.perSecond = perSecond
        tokens = Double(capacity)
    }

    /// Takes one if there is one.
    package mutating func take(at now: ContinuousClock.Instant) -> Bool {
        let passed = filledAt.map { $0.duration(to: now).seconds } ?? 0
        tokens = min(capacity, tokens + max(0, passed) * perSecond)
        filledAt = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
