import Core
import Testing

/// Several workers that do units of one request each against a limit, after a listing that is read one request
/// after the other; in simulated time, moment by moment.
@Suite struct WorkersEstimateTests {
    /// What an estimate said and what came, in seconds.
    struct Estimate {
        var done: Double
        var said: Double
        var left: Double
    }

    @Test(arguments: [
        (300, 100, 60_000), (1_000, 100, 60_000), (5_000, 1_000, 60_000), (300, 100, 10_000), (950, 100, 20_000),
        (270, 100, 60_000), (371, 100, 60_000),
    ])
    func `the time left is right to 15 % after a fifth of the work, also as a window begins`(
        units: Int64, limit: Int64, window: Int64
    ) {
        for (workers, latency) in [(8, Int64(80)), (16, 300), (32, 150), (16, 40)] {
            var run = WorkersRun(units: units, limit: limit, window: window, latency: latency)
            for estimate in run.estimates(workers: workers, listing: 29) where estimate.done >= 0.2 {
                // Whole seconds are said, rounded up.
                #expect(
                    abs(estimate.said - estimate.left) <= max(0.15 * estimate.left, 2),
                    "\(workers) workers, at \(estimate.done): said \(estimate.said), was \(estimate.left)")
            }
        }
    }

    @Test func `a rate is of late: what was asked one after the other before does not count`() throws {
        var rate = RequestRate()
        for answer in 0..<30 { rate.note(isFree: true, at: Timestamp(milliseconds: Int64(answer) * 300)) }
        #expect(abs(try #require(rate.perSecond) - 1_000 / 300) < 0.01)
        for answer in 0..<200 { rate.note(isFree: true, at: Timestamp(milliseconds: 9_000 + Int64(answer) * 20)) }
        #expect(abs(try #require(rate.perSecond) - 50) < 10)
    }
}

private struct WorkersRun {
    /// What happens at a time, in milliseconds.
    private enum Event {
        case sent
        case answered(remaining: Int64, reset: Int64)
    }

    let units: Int64
    let limit: Int64
    let window: Int64
    let latency: Int64

    private var events: [(time: Int64, event: Event)] = []
    private var limiter = RateLimiter()
    private var rate = RequestRate()
    private var estimator = ProgressEstimator()
    private var (asked, answered, underWay) = (Int64(0), Int64(0), Int64(0))
    /// The source's window.
    private var (end, used) = (Int64(-1), Int64(0))
    private var said: [(time: Int64, count: Int64, eta: Int64?)] = []
    private let start = ContinuousClock.now

    init(units: Int64, limit: Int64, window: Int64, latency: Int64) {
        (self.units, self.limit, self.window, self.latency) = (units, limit, window, latency)
    }

    mutating func estimates(workers: Int, listing: Int64) -> [WorkersEstimateTests.Estimate] {
        var now = Int64(0)
        ask(at: now)
        while let next = events.indices.min(by: { events[$0].time < events[$1].time }) {
            let event: Event
            (now, event) = events.remove(at: next)
            switch event {
            case .sent: send(at: now)
            case .answered(let remaining, let reset):
                take(remaining, reset, at: now)
                if answered > listing { say(answered - listing, at: now) }
                let isListed = answered >= listing
                for _ in 0..<(answered == listing ? workers : 1) where asked < units + listing || !isListed {
                    ask(at: now)
                }
            }
        }
        return said.map { said in
            .init(
                done: Double(said.count) / Double(units), said: Double(said.eta ?? -1),
                left: Double(now - said.time) / 1_000)
        }
    }

    private mutating func ask(at now: Int64) {
        asked += 1
        let start = limiter.reserve(1, at: Timestamp(milliseconds: now)).milliseconds
        if start <= now { send(at: now) } else { events.append((start, .sent)) }
    }

    private mutating func send(at now: Int64) {
        if now >= end { (end, used) = (now + window, 0) }
        (used, underWay) = (used + 1, underWay + 1)
        // No two take quite as long.
        events.append((now + latency + asked * 7 % 23, .answered(remaining: limit - used, reset: end)))
    }

    private mutating func take(_ remaining: Int64, _ reset: Int64, at now: Int64) {
        let time = Timestamp(milliseconds: now)
        (answered, underWay) = (answered + 1, underWay - 1)
        limiter.observe(limit: limit, remaining: remaining, reset: Timestamp(milliseconds: reset), at: time)
        rate.note(isFree: limiter.outlook(at: time).map { $0.room > 0 } ?? true, at: time)
    }

    private mutating func say(_ count: Int64, at now: Int64) {
        var progress = RunProgress(step: "docs", message: "", count: count, total: units)
        let pace = limiter.outlook(at: Timestamp(milliseconds: now)).map {
            ProgressEstimator.Pace(answered: answered, underWay: underWay, rate: rate.perSecond, outlook: $0)
        }
        estimator.estimate(&progress, at: start + .milliseconds(now), pace: pace)
        said.append((now, count, progress.etaSeconds))
    }
}
