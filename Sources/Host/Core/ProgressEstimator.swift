/// Percent and time left of one step, from what it says it has done.
package struct ProgressEstimator: Sendable {
    private var firstCount: Int64 = 0
    private var firstTime: ContinuousClock.Instant?
    private var smoothedRate: Double?
    private var lastCount: Int64 = 0
    private var lastTime: ContinuousClock.Instant?

    package init() {}

    /// Below this much time a rate means nothing.
    private static let patience = Duration.seconds(2)
    /// More seconds than this are no estimate: a year.
    private static let horizon = 366.0 * 86_400
    /// How much of the newest rate goes into the smoothed one.
    private static let weight = 0.2

    /// Fills in what can be known of the progress now.
    package mutating func estimate(_ progress: inout RunProgress, at now: ContinuousClock.Instant) {
        guard let count = progress.count, count >= 0 else { return }
        note(count, at: now)
        guard let total = progress.total, total > 0, count <= total else { return }
        let percent = (Double(count) / Double(total) * 1000).rounded() / 10
        progress.percent = count < total ? min(percent, 99.9) : percent
        if let rate = smoothedRate, rate > 0 {
            let seconds = (Double(total - count) / rate).rounded(.up)
            // A step that stands still has a rate close to nothing, and no integer is that large.
            if seconds < Self.horizon { progress.etaSeconds = Int64(seconds) }
        }
    }

    private mutating func note(_ count: Int64, at now: ContinuousClock.Instant) {
        guard let firstTime, let lastTime, count >= lastCount else {
            (firstTime, firstCount, lastTime, lastCount, smoothedRate) = (now, count, now, count, nil)
            return
        }
        let elapsed = firstTime.duration(to: now)
        guard elapsed >= Self.patience, count > firstCount else { return }
        let overall = Double(count - firstCount) / elapsed.seconds
        let since = lastTime.duration(to: now)
        if since >= .milliseconds(500) {
            let recent = Double(count - lastCount) / since.seconds
            smoothedRate = (smoothedRate ?? overall) * (1 - Self.weight) + recent * Self.weight
            (self.lastTime, lastCount) = (now, count)
        } else if smoothedRate == nil {
            smoothedRate = overall
        }
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
