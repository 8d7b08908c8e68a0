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
        /// Requests a second while no limit holds them back; nil: not known.
        package var rate: Double?
        package var outlook: RateLimiter.Outlook

        package init(answered: Int64, underWay: Int64, rate: Double?, outlook: RateLimiter.Outlook) {
            self.answered = answered
            self.underWay = underWay
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
    /// How much of the newest rate goes into the smoothed one.
    private static let weight = 0.2

    /// Fills in what can be known of the progress now.
    package mutating func estimate(
        _ progress: inout RunProgress, at now: ContinuousClock.Instant, pace: Pace? = nil
    ) {
        guard let count = progress.count, count >= 0 else { return }
        note(count, at: now)
        if let pace { cost.note(count, answered: pace.answered) }
        guard let total = progress.total, total > 0, count <= total else { return }
        let percent = (Double(count) / Double(total) * 1000).rounded() / 10
        progress.percent = count < total ? min(percent, 99.9) : percent
        if let pace, let left = limited(total - count, after: count, pace) {
            progress.etaSeconds = Int64(left.rounded(.up))
        } else if let rate = smoothedRate, rate > 0 {
            let seconds = (Double(total - count) / rate).rounded(.up)
            // A step that stands still has a rate close to nothing, and no integer is that large.
            if seconds < Self.horizon { progress.etaSeconds = Int64(seconds) }
        }
    }

    /// Seconds till so many more units are done; nil where the limit does not bind.
    private func limited(_ units: Int64, after count: Int64, _ pace: Pace) -> Double? {
        let outlook = pace.outlook
        guard let rate = pace.rate, rate > 0, outlook.limit > 0, outlook.length > .zero,
            let perUnit = cost.requests(at: count, answered: pace.answered)
        else { return nil }
        // It holds back what would be done before the window ends.
        let isBinding = rate * outlook.rest.seconds > Double(outlook.room)
        guard isBinding else { return nil }
        let needed = Double(units) * perUnit.requests - Double(pace.underWay)
        let behind = needed - Double(outlook.room)
        guard behind > 0 else { return max(0, needed) / rate }
        let share = behind / Double(outlook.limit)
        // Where the cost is an average, a little of it may be a whole window: half of one is never far off.
        let windows = perUnit.isExact ? share.rounded(.up) - 1 : max(0, share - 0.5)
        let last = max(0, behind - windows * Double(outlook.limit))
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

/// How many requests a unit of work takes.
///
/// Units are said to be done in another order than requests are answered, and some answers wait
/// before the first is said.  So this is measured from a point well behind the beginning, and taken
/// for a whole number where it is close to one, since windows turn a small error into a great one.
private struct UnitCost {
    private struct Point {
        var count: Int64
        var answered: Int64
    }

    /// Two points at least a factor of two apart, and apart from now.
    private var older: Point?
    private var newer: Point?

    /// How far from a whole number is close. Of few units it is more: what the run asks for beside
    /// this work, mostly at its beginning, counts too.
    private static func closeness(after units: Int64) -> Double { min(0.5, 0.25 + 16 / Double(units)) }

    mutating func note(_ count: Int64, answered: Int64) {
        guard let last = newer, count >= last.count else {
            (older, newer) = (nil, Point(count: count, answered: answered))
            return
        }
        guard count / 2 >= max(1, last.count) else { return }
        (older, newer) = (last, Point(count: count, answered: answered))
    }

    /// nil: not known yet. `isExact`: each unit takes so many.
    func requests(at count: Int64, answered: Int64) -> (requests: Double, isExact: Bool)? {
        guard let start = older ?? newer, count > start.count, answered > start.answered else { return nil }
        let exact = Double(answered - start.answered) / Double(count - start.count)
        let whole = exact.rounded()
        return whole >= 1 && abs(exact - whole) <= Self.closeness(after: count - start.count)
            ? (whole, true) : (exact, false)
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
