import Core
import Testing

/// An import of units, one request each, against a limit, in simulated time.
@Suite struct LimitedEstimateTests {
    private struct Estimate {
        var done: Double
        /// Seconds.
        var left: Double
        var said: Double
    }

    /// - Parameters:
    ///   - latency: of a request, in milliseconds.
    ///   - window: in milliseconds.
    ///   - others: requests for something else that alternate with the first units.
    ///   - held: for so long nothing is said after the first answer, as where a plugin has to look first.
    private func estimates(
        units: Int64, limit: Int64, window: Int64, workers: Int, latency: Int64, listing: Int64 = 0,
        others: Int64 = 0, held: Int64 = 0
    ) -> [Estimate] {
        let start = ContinuousClock.now
        var limiter = RateLimiter()
        var estimator = ProgressEstimator()
        var answers: [Int64] = []  // when requests are answered
        var (end, used) = (Int64(0), Int64(0))
        var free = [Int64](repeating: 0, count: workers)
        var windows: [(at: Int64, remaining: Int64, reset: Int64)] = []
        var said: [(time: Int64, count: Int64, eta: Int64?)] = []
        var starts: [Int64] = []
        var count = 0
        for index in 0..<(units + listing + others) {
            let worker = free.indices.min { free[$0] < free[$1] } ?? 0
            let asked = free[worker]
            // Answers that have come by then.
            for answer in windows where answer.at <= asked && answer.at >= 0 {
                limiter.observe(
                    limit: limit, remaining: answer.remaining, reset: Timestamp(milliseconds: answer.reset),
                    at: Timestamp(milliseconds: answer.at))
            }
            windows.removeAll { $0.at <= asked }
            let time = limiter.reserve(1, at: Timestamp(milliseconds: asked)).milliseconds
            if time >= end { (end, used) = (time + window, 0) }
            used += 1
            let answered = time + latency
            windows.append((answered, limit - used, end))
            free[worker] = answered
            starts.append(time)
            answers.append(answered)
            let isOther = index >= listing && index < listing + 2 * others && (index - listing) % 2 == 1
            guard index >= listing, !isOther else { continue }
            count += 1
            // The estimate when this unit is said to be done, of what is known by then.
            let saidAt = max(answered, (answers.first ?? 0) + held)
            let at = Timestamp(milliseconds: saidAt)
            var seen = limiter
            for answer in windows where answer.at <= saidAt {
                seen.observe(
                    limit: limit, remaining: answer.remaining, reset: Timestamp(milliseconds: answer.reset),
                    at: Timestamp(milliseconds: answer.at))
            }
            let done = Int64(answers.count { $0 <= saidAt })
            let underWay = Int64(starts.count { $0 <= saidAt }) - done
            // The others have asked for their next request.
            let waiting = max(0, Int64(workers) - underWay)
            let pace = seen.outlook(at: at).map {
                ProgressEstimator.Pace(
                    answered: done, underWay: underWay, waiting: waiting, rate: rate(answers, by: saidAt, outlook: $0),
                    outlook: $0)
            }
            var progress = RunProgress(step: "docs", message: "", count: Int64(count), total: units)
            estimator.estimate(&progress, at: start + .milliseconds(saidAt), pace: pace)
            said.append((saidAt, Int64(count), progress.etaSeconds))
        }
        let last = answers.max() ?? 0
        return said.map {
            Estimate(
                done: Double($0.count) / Double(units), left: Double(last - $0.time) / 1_000,
                said: Double($0.eta ?? -1))
        }
    }

    /// Of the answers of the window that is open, or of the one before it.
    private func rate(_ answers: [Int64], by time: Int64, outlook: RateLimiter.Outlook) -> Double? {
        var rate = RequestRate()
        let sorted = answers.filter { $0 <= time }.sorted()
        for (index, answer) in sorted.enumerated() {
            // The last of a window is not followed at once.
            let isFree = (index + 1) % Int(outlook.limit) != 0
            rate.note(isFree: isFree, at: Timestamp(milliseconds: answer))
        }
        return rate.perSecond
    }

    @Test(arguments: [
        (300, 100, 60_000), (1_000, 100, 60_000), (5_000, 1_000, 60_000), (300, 100, 10_000), (950, 100, 20_000),
    ])
    func `where the limit binds, the time left is right to 15 % after a fifth of the work`(
        units: Int, limit: Int, window: Int
    ) {
        for (workers, latency, held) in [(8, Int64(80), Int64(0)), (16, 300, 0), (32, 150, 0), (16, 40, 200)] {
            let all = estimates(
                units: Int64(units), limit: Int64(limit), window: Int64(window), workers: workers, latency: latency,
                listing: 29, held: held)
            for estimate in all where estimate.done >= 0.2 {
                // Whole seconds are said.
                let tolerance = max(0.15 * estimate.left, 1.5)
                #expect(
                    abs(estimate.said - estimate.left) <= tolerance,
                    "at \(estimate.done): said \(estimate.said), was \(estimate.left)")
            }
        }
    }

    @Test(arguments: [(400, 40), (400, 50), (600, 60)])
    func `requests for something else at the beginning are not taken for the work's`(units: Int, others: Int) {
        let all = estimates(
            units: Int64(units), limit: 100, window: 10_000, workers: 16, latency: 50, listing: 14,
            others: Int64(others), held: 0)
        for estimate in all where estimate.done >= 0.2 {
            let tolerance = max(0.15 * estimate.left, 1.5)
            #expect(
                abs(estimate.said - estimate.left) <= tolerance,
                "at \(estimate.done): said \(estimate.said), was \(estimate.left)")
        }
    }
}
