import Core
import Testing

/// A source with a limit, workers that ask it, and a limiter between them, in simulated time.
private struct Simulation {
    enum Rounding: CaseIterable { case none, up, down }

    var limit: Int64
    /// In milliseconds.
    var window: Int64
    var workers: Int
    var latency: ClosedRange<Int64>
    var rounding: Rounding
    var seed: UInt64

    struct Outcome {
        var refusals = 0
        /// Requests in each window of the source.
        var windows: [Int64] = []
        var end: Int64 = 0
    }

    /// A worker is on its way to the source or back from it.
    private enum Event {
        case arrives
        case answered(remaining: Int64, reset: Int64)
    }

    func run(requests: Int) -> Outcome {
        var dice = Dice(state: seed)
        var limiter = RateLimiter()
        var outcome = Outcome()
        var events: [(time: Int64, order: Int, event: Event)] = []
        var (order, sent, end, used) = (0, 0, Int64(0), Int64(0))

        func send(at now: Int64) {
            guard sent < requests else { return }
            sent += 1
            let start = limiter.reserve(1, at: Timestamp(milliseconds: now)).milliseconds
            add(start + dice.roll(latency) / 2, .arrives)
        }
        func add(_ time: Int64, _ event: Event) {
            order += 1
            events.append((time, order, event))
        }

        send(at: 1_000_000 + dice.roll(0...999))  // alone, as an import begins
        var isFirst = true
        while let next = events.indices.min(by: {
            (events[$0].time, events[$0].order) < (events[$1].time, events[$1].order)
        }) {
            let (now, _, event) = events.remove(at: next)
            switch event {
            case .arrives:
                if now >= end {
                    (end, used) = (now + window, 0)
                    outcome.windows.append(0)
                }
                if used < limit {
                    used += 1
                    outcome.windows[outcome.windows.count - 1] += 1
                } else {
                    outcome.refusals += 1
                }
                add(
                    now + dice.roll(latency) / 2,
                    .answered(remaining: limit - used, reset: rounded(end)))
            case .answered(let remaining, let reset):
                limiter.observe(
                    limit: limit, remaining: remaining, reset: Timestamp(milliseconds: reset),
                    at: Timestamp(milliseconds: now))
                outcome.end = now
                for _ in 0..<(isFirst ? workers : 1) { send(at: now) }
                isFirst = false
            }
        }
        return outcome
    }

    private func rounded(_ time: Int64) -> Int64 {
        switch rounding {
        case .none: time
        case .up: (time + 999) / 1_000 * 1_000
        case .down: time / 1_000 * 1_000
        }
    }

    /// Numbers that are the same each time.
    private struct Dice {
        var state: UInt64

        mutating func roll(_ range: ClosedRange<Int64>) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + Int64((state >> 33) % UInt64(range.count))
        }
    }
}

@Suite struct RateLimiterSimulationTests {
    @Test(arguments: [Int64(100), 1_000, 10_000], Simulation.Rounding.allCases)
    fileprivate func `alone with its account, nothing is refused and the limit is used up`(
        limit: Int64, rounding: Simulation.Rounding
    ) {
        for seed in 1...5 {
            let simulation = Simulation(
                limit: limit, window: 60_000, workers: 32, latency: 20...160, rounding: rounding,
                seed: UInt64(seed))
            let outcome = simulation.run(requests: Int(limit) * 4)
            #expect(outcome.refusals == 0, "seed \(seed)")
            guard limit < 10_000 else { continue }  // 32 workers do not get that far
            #expect(outcome.windows.dropLast().allSatisfy { $0 >= limit * 95 / 100 }, "seed \(seed)")
            #expect(outcome.end - 1_000_000 <= 3 * 60_000 * 100 / 95 + 10_000, "seed \(seed)")
        }
    }

    @Test(arguments: [Int64(1_000), 2_000, 5_000, 10_000])
    func `short windows are followed closely where their ends are rounded up`(window: Int64) {
        for seed in 1...20 {
            let simulation = Simulation(
                limit: 100, window: window, workers: 16, latency: 2...40, rounding: .up,
                seed: UInt64(seed))
            let outcome = simulation.run(requests: 1_000)
            #expect(outcome.refusals == 0, "seed \(seed)")
            #expect(outcome.end - 1_000_000 <= 9 * (window + 1_000) + 2_000, "seed \(seed)")
        }
    }

    @Test func `where the workers are about as fast as the limit, nothing is refused either`() {
        for latency in stride(from: Int64(200), through: 1_400, by: 50) {
            for seed in 1...10 {
                // 8 workers and 600 a minute: 800 ms a request is just the limit.
                let simulation = Simulation(
                    limit: 600, window: 60_000, workers: 8, latency: latency / 2...latency * 3 / 2,
                    rounding: .none, seed: UInt64(seed))
                #expect(simulation.run(requests: 3_000).refusals == 0, "\(latency) ms, seed \(seed)")
            }
        }
    }

    @Test func `more workers than the limit has requests are told the right windows`() {
        for seed in 1...20 {
            let simulation = Simulation(
                limit: 10, window: 1_000, workers: 64, latency: 10...30, rounding: .none,
                seed: UInt64(seed))
            let outcome = simulation.run(requests: 300)
            #expect(outcome.refusals == 0, "seed \(seed)")
            #expect(outcome.end - 1_000_000 <= 30 * 1_150, "seed \(seed)")
        }
    }
}
