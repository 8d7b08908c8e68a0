import Core

/// Units a second over the last seconds; nil until that means something.
struct Rate: Sendable {
    private var samples: [(time: ContinuousClock.Instant, count: Int64)] = []
    private static let window = Duration.seconds(10)
    private static let shortest = Duration.seconds(1)
    private static let maximumSamples = 64

    mutating func note(_ count: Int64, at now: ContinuousClock.Instant) {
        // What counts backwards has begun anew.
        if let last = samples.last, count < last.count { samples = [] }
        samples.removeAll { $0.time + Self.window < now && $0.count < count }
        if samples.count >= Self.maximumSamples {
            samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        }
        samples.append((now, count))
    }

    func perSecond(at now: ContinuousClock.Instant) -> Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let elapsed = first.time.duration(to: now)
        guard elapsed >= Self.shortest, last.count > first.count, last.time + Self.window > now else { return nil }
        return Double(last.count - first.count) / elapsed.seconds
    }
}
