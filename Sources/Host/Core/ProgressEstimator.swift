/// Percent and time left of one step, from what it says it has done.
///
/// Where a limit of requests binds, work goes on in bursts, and no rate of the past tells when it
/// ends.  Then the time left is reckoned in requests and windows.
package struct ProgressEstimator: Sendable {
    /// What the host knows of the requests that the work is made of.
    package struct Pace: Sendable {
        /// Requests that have been answered.
        package var answered: Int64
        /// Requests that are under way.
        package var underWay: Int64
        /// Requests that wait until the limit lets them start.
        package var waiting: Int64
        /// Requests a second while no limit holds them back; nil: not known.
        package var rate: Double?
        package var outlook: RateLimiter.Outlook

        package init(
            answered: Int64, underWay: Int64, waiting: Int64, rate: Double?, outlook: RateLimiter.Outlook
        ) {
            self.answered = answered
            self.underWay = underWay
            self.waiting = waiting
            self.rate = rate
            self.outlook = outlook
        }
    }

    private var cost = UnitCost()

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
    /// By how much the longest time that may be left may exceed the shortest: what is said between them is wrong by
    /// 15 % at the most then.
    private static let agreement = 1.34
    /// How much of the newest rate goes into the smoothed one.
    private static let weight = 0.2

    /// Fills in what can be known of the progress now.
    package mutating func estimate(
        _ progress: inout RunProgress, at now: ContinuousClock.Instant, pace: Pace? = nil
    ) {
        guard let count = progress.count, count >= 0 else { return }
        note(count, at: now)
        if let pace { cost.note(count, pace) }
        guard let total = progress.total, total > 0, count <= total else { return }
        let percent = (Double(count) / Double(total) * 1000).rounded() / 10
        progress.percent = count < total ? min(percent, 99.9) : percent
        if let pace, pace.isLimited {
            // No rate of the past tells when a step ends whose requests are not known.
            guard count < total, let left = limited(total - count, after: count, pace) else { return }
            // To the nearest: rounded up, of the last seconds that would be a fifth too much.
            progress.etaSeconds = Int64(max(1, left.rounded()))
        } else if let rate = smoothedRate, rate > 0 {
            let seconds = (Double(total - count) / rate).rounded(.up)
            // A step that stands still has a rate close to nothing, and no integer is that large.
            if seconds < Self.horizon { progress.etaSeconds = Int64(seconds) }
        }
    }

    /// Seconds till so many more units are done; nil where that is not known, or may as well be a window more and that
    /// would make a difference.
    private func limited(_ units: Int64, after count: Int64, _ pace: Pace) -> Double? {
        guard let left = cost.left(units, at: count, pace) else { return nil }
        let needed = left.requests - Double(pace.underWay)
        let least = pace.seconds(for: needed - left.spread)
        let most = pace.seconds(for: needed + left.spread)
        guard most <= Self.agreement * max(1, least), most < Self.horizon else { return nil }
        // Whichever of the two it is, this is as far from it as from the other, in parts of it.
        return least + most > 0 ? 2 * least * most / (least + most) : 0
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

extension ProgressEstimator.Pace {
    /// Whether the limit holds requests back.
    fileprivate var isLimited: Bool {
        guard let rate, rate > 0, outlook.limit > 0, outlook.length > .zero else { return false }
        return Double(outlook.room) < rate * outlook.rest.seconds
    }

    /// Until so many more requests are answered, where the limit holds them back.
    fileprivate func seconds(for requests: Double) -> Double {
        let rate = rate ?? .infinity
        let behind = requests - Double(outlook.room)
        guard behind > 0 else { return max(0, requests) / rate }
        let inWindow = min(Double(outlook.limit), rate * outlook.length.seconds)
        let windows = (behind / inWindow).rounded(.up) - 1
        return outlook.rest.seconds + windows * outlook.length.seconds + (behind - windows * inWindow) / rate
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
