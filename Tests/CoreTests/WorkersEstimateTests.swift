@testable import Core
import Testing

/// Several workers that do units of one or more requests each against a limit, after a listing that is read one
/// request after the other; in simulated time, moment by moment.
@Suite struct WorkersEstimateTests {
    /// What an estimate said and what came, in seconds.
    struct Estimate {
        var done: Double
        /// nil: nothing was said.
        var said: Double?
        var left: Double

        /// Whole seconds are said.
        var isRight: Bool { said.map { abs($0 - left) <= max(0.15 * left, 2) } ?? false }
        var isWrong: Bool { said != nil && !isRight }
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
                #expect(estimate.isRight, "\(workers) workers: \(estimate)")
            }
        }
    }

    @Test func `of the last seconds too, whole seconds are no more than 15 % off`() throws {
        var run = WorkersRun(units: 440, limit: 100, window: 5_000, latency: 50)
        for estimate in run.estimates(workers: 16, listing: 22) where estimate.done >= 0.2 && estimate.left >= 5 {
            #expect(abs(try #require(estimate.said) - estimate.left) <= 0.15 * estimate.left, "\(estimate)")
        }
    }

    /// What a unit takes, by its number: such as comments and attachments of a task, and replies to some; of
    /// lists, which come first, comments alone.
    private static let costs: [@Sendable (Int64) -> Int64] = [
        { _ in 2 },
        { _ in 3 },
        { $0 % 5 == 3 ? 3 : 2 },
        { 2 + ($0 * 2_654_435_761 >> 7) % 8 / 5 + ($0 * 40_503 >> 5) % 16 / 15 },
        { $0 < 20 ? 1 : ($0 * 2_654_435_761 >> 9) % 3 == 0 ? 3 : 2 },
    ]

    /// Where units differ, and the last window of a hundred has next to nothing to do, or all but nothing is left for
    /// another, nobody can know which.
    private static func isOnBorder(_ requests: Int64) -> Bool { !(15...85).contains(requests % 100) }

    @Test(arguments: costs.indices, [10_000, 60_000])
    func `units of several requests are foretold as well, with many of them open`(cost: Int, window: Int64) {
        let cost = Self.costs[cost]
        for units in stride(from: Int64(240), through: 760, by: 130) {
            let requests = 29 + (0..<units).reduce(0) { $0 + cost($1) }
            for (workers, latency) in [(8, Int64(80)), (16, 50), (32, 150)] {
                var run = WorkersRun(units: units, limit: 100, window: window, latency: latency, cost: cost)
                let all = run.estimates(workers: workers, listing: 29).filter { $0.done >= 0.2 && $0.left >= 5 }
                let wrong = all.count(where: \.isWrong)
                #expect(
                    wrong <= all.count / 10,
                    "\(units) units, \(requests) requests, \(workers) workers: \(wrong) of \(all.count)")
                // Then nothing is said.
                #expect(Self.isOnBorder(requests) || all.count { $0.said == nil } <= all.count / 4)
            }
        }
    }

    @Test(arguments: [2, 3], [10_000, 60_000])
    func `where all take the same, no border between windows makes a difference`(cost: Int64, window: Int64) {
        for units in stride(from: Int64(240), through: 760, by: 13) {
            var run = WorkersRun(units: units, limit: 100, window: window, latency: 50) { _ in cost }
            for estimate in run.estimates(workers: 16, listing: 29) where estimate.done >= 0.2 {
                #expect(estimate.isRight, "\(units) units: \(estimate)")
            }
        }
    }

    @Test(arguments: [10, 30, 60], [10_000, 60_000])
    func `a listing that goes on beside the work is not taken for a part of it`(pages: Int64, window: Int64) {
        var all: [Estimate] = []
        for units in stride(from: Int64(240), through: 760, by: 40) {
            var run = WorkersRun(units: units, limit: 100, window: window, latency: 50, beside: pages)
            all += run.estimates(workers: 16, listing: 9).filter { $0.done >= 0.2 && $0.left >= 5 }
        }
        // Nobody knows when it ends, and that may make a window's difference.
        #expect(all.count(where: \.isWrong) <= all.count / 12)
        #expect(all.count { $0.said == nil } <= all.count / 4)
    }

    @Test func `of what comes by the hundred in an answer no time is told, for it is not what requests are for`() {
        var estimator = ProgressEstimator()
        let start = ContinuousClock.now
        for page in Int64(0)..<25 {
            var progress = RunProgress(step: "tasks", message: "", count: page * 100, total: 2_500)
            // Docs are imported beside.
            let pace = ProgressEstimator.Pace(
                answered: page * 17, underWay: 1, waiting: 15, rate: 100,
                outlook: .init(limit: 100, room: 0, rest: .seconds(30), length: .seconds(60)))
            estimator.estimate(&progress, at: start + .seconds(10 * page), pace: pace)
            #expect(progress.etaSeconds == nil && progress.percent == Double(page) * 4)
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
    /// What happens at a time, in milliseconds. `unit` is nil for a request of the listing.
    private enum Event {
        case sent(unit: Int64?)
        case answered(unit: Int64?, remaining: Int64, reset: Int64)
    }

    let units: Int64
    let limit: Int64
    let window: Int64
    let latency: Int64
    /// Requests of a unit, one after the other.
    let cost: @Sendable (Int64) -> Int64
    /// Requests beside the units, one after the other.
    private let beside: Int64

    private var events: [(time: Int64, event: Event)] = []
    private var limiter = RateLimiter()
    private var rate = RequestRate()
    private var estimator = ProgressEstimator()
    private var (asked, answered, underWay) = (Int64(0), Int64(0), Int64(0))
    /// Requests that a unit under way still takes.
    private var left: [Int64: Int64] = [:]
    private var (listed, begun, done) = (Int64(0), Int64(0), Int64(0))
    /// The source's window.
    private var (end, used) = (Int64(-1), Int64(0))
    private var said: [(time: Int64, count: Int64, eta: Int64?)] = []
    private let start = ContinuousClock.now

    init(
        units: Int64, limit: Int64, window: Int64, latency: Int64, beside: Int64 = 0,
        cost: @escaping @Sendable (Int64) -> Int64 = { _ in 1 }
    ) {
        (self.units, self.limit, self.window, self.latency) = (units, limit, window, latency)
        (self.cost, self.beside) = (cost, beside)
    }

    mutating func estimates(workers: Int, listing: Int64) -> [WorkersEstimateTests.Estimate] {
        var now = Int64(0)
        ask(for: nil, at: now)
        while let next = events.indices.min(by: { events[$0].time < events[$1].time }) {
            let event: Event
            (now, event) = events.remove(at: next)
            switch event {
            case .sent(let unit): send(for: unit, at: now)
            case .answered(let unit, let remaining, let reset):
                take(remaining, reset, at: now)
                listed += unit == nil ? 1 : 0
                if let unit {
                    goOn(unit, at: now)
                } else if listed < listing + beside {
                    ask(for: nil, at: now)
                }
                if unit == nil, listed == listing {
                    say(at: now)
                    for _ in 0..<workers { begin(at: now) }
                }
            }
        }
        let end = said.last?.time ?? now
        return said.filter { $0.count < units }.map { said in
            .init(
                done: Double(said.count) / Double(units), said: said.eta.map(Double.init),
                left: Double(end - said.time) / 1_000)
        }
    }

    private mutating func begin(at now: Int64) {
        guard begun < units else { return }
        left[begun] = cost(begun)
        ask(for: begun, at: now)
        begun += 1
    }

    private mutating func goOn(_ unit: Int64, at now: Int64) {
        left[unit, default: 1] -= 1
        guard left[unit] == 0 else { return ask(for: unit, at: now) }
        left[unit] = nil
        done += 1
        say(at: now)
        begin(at: now)
    }

    private mutating func ask(for unit: Int64?, at now: Int64) {
        asked += 1
        let start = limiter.reserve(1, at: Timestamp(milliseconds: now)).milliseconds
        if start <= now { send(for: unit, at: now) } else { events.append((start, .sent(unit: unit))) }
    }

    private mutating func send(for unit: Int64?, at now: Int64) {
        if now >= end { (end, used) = (now + window, 0) }
        (used, underWay) = (used + 1, underWay + 1)
        // No two take quite as long.
        events.append((now + latency + asked * 7 % 23, .answered(unit: unit, remaining: limit - used, reset: end)))
    }

    private mutating func take(_ remaining: Int64, _ reset: Int64, at now: Int64) {
        let time = Timestamp(milliseconds: now)
        (answered, underWay) = (answered + 1, underWay - 1)
        limiter.observe(limit: limit, remaining: remaining, reset: Timestamp(milliseconds: reset), at: time)
        rate.note(isFree: limiter.outlook(at: time).map { $0.room > 0 } ?? true, at: time)
    }

    private mutating func say(at now: Int64) {
        var progress = RunProgress(step: "docs", message: "", count: done, total: units)
        let pace = limiter.outlook(at: Timestamp(milliseconds: now)).map {
            ProgressEstimator.Pace(
                answered: answered, underWay: underWay, waiting: asked - answered - underWay, rate: rate.perSecond,
                outlook: $0)
        }
        estimator.estimate(&progress, at: start + .milliseconds(now), pace: pace)
        said.append((now, done, progress.etaSeconds))
    }
}
