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
        package var outlook: RateLimiter.Outlook

        package init(answered: Int64, underWay: Int64, outlook: RateLimiter.Outlook) {
            self.answered = answered
            self.underWay = underWay
            self.outlook = outlook
        }
    }

    private var firstAnswered: Int64 = 0
    private var burst = Burst()

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
    package mutating func estimate(
        _ progress: inout RunProgress, at now: ContinuousClock.Instant, pace: Pace? = nil
    ) {
        guard let count = progress.count, count >= 0 else { return }
        if firstTime == nil || count < lastCount { firstAnswered = pace?.answered ?? 0 }
        note(count, at: now)
        if let pace { burst.note(pace, at: now) }
        guard let total = progress.total, total > 0, count <= total else { return }
        let percent = (Double(count) / Double(total) * 1000).rounded() / 10
        progress.percent = count < total ? min(percent, 99.9) : percent
        if let pace, count > firstCount, let left = limited(total - count, after: count - firstCount, pace) {
            progress.etaSeconds = Int64(left.rounded(.up))
        } else if let rate = smoothedRate, rate > 0 {
            let seconds = (Double(total - count) / rate).rounded(.up)
            // A step that stands still has a rate close to nothing, and no integer is that large.
            if seconds < Self.horizon { progress.etaSeconds = Int64(seconds) }
        }
    }

    /// Seconds till so many more units are done; nil where the limit does not bind.
    private func limited(_ units: Int64, after done: Int64, _ pace: Pace) -> Double? {
        let outlook = pace.outlook
        guard let rate = burst.rate, rate > 0, outlook.limit > 0, outlook.length > .zero,
            pace.answered > firstAnswered
        else { return nil }
        let perUnit = Double(pace.answered - firstAnswered) / Double(done)
        // It holds back what would be done before the window ends.
        let isBinding = rate * outlook.rest.seconds > Double(outlook.room)
        guard isBinding else { return nil }
        let needed = Double(units) * perUnit - Double(pace.underWay)
        let behind = needed - Double(outlook.room)
        guard behind > 0 else { return max(0, needed) / rate }
        let windows = (behind / Double(outlook.limit)).rounded(.up) - 1
        let last = behind - windows * Double(outlook.limit)
        let seconds = outlook.rest.seconds + windows * outlook.length.seconds + last / rate
        return seconds < Self.horizon ? seconds : nil
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

/// How fast requests go while no limit holds them back.
private struct Burst {
    private var answered: Int64 = 0
    private var time: ContinuousClock.Instant?
    private var wasFree = false
    private var freeAnswered: Int64 = 0
    private var freeTime = Duration.zero

    /// Requests a second; nil: not known.
    var rate: Double? { freeTime > .milliseconds(50) ? Double(freeAnswered) / freeTime.seconds : nil }

    mutating func note(_ pace: ProgressEstimator.Pace, at now: ContinuousClock.Instant) {
        let isFree = pace.outlook.room > 0
        if let time, wasFree, isFree, pace.answered >= answered {
            freeAnswered += pace.answered - answered
            freeTime += time.duration(to: now)
        }
        (answered, time, wasFree) = (pace.answered, now, isFree)
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
