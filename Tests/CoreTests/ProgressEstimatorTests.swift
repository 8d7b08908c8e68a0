import Core
import Testing

@Suite struct ProgressEstimatorTests {
    private let start = ContinuousClock.now

    /// What the estimator makes of these counts, each so many seconds after the start.
    private func estimates(
        _ counts: [(seconds: Double, count: Int64?)], of total: Int64?
    ) -> [RunProgress] {
        var estimator = ProgressEstimator()
        return counts.map { seconds, count in
            var progress = RunProgress(step: "s", message: "", count: count, total: total)
            estimator.estimate(&progress, at: start + .seconds(seconds))
            return progress
        }
    }

    @Test func `percent is rounded to a tenth, and only the end is 100`() {
        let progress = estimates([(0, 0), (0, 1), (0, 9999), (0, 10_000)], of: 10_000)
        #expect(progress.map(\.percent) == [0, 0, 99.9, 100])
        #expect(estimates([(0, 1)], of: 15).first?.percent == 6.7)
    }

    @Test(arguments: [nil, 0, -1, Int64.min] as [Int64?])
    func `without a total that makes sense there is no estimate`(total: Int64?) {
        for progress in estimates([(0, 1), (5, 10), (10, 20)], of: total) {
            #expect(progress.percent == nil)
            #expect(progress.etaSeconds == nil)
        }
    }

    @Test func `a count beyond the total, or below nothing, says nothing`() {
        for progress in estimates([(0, 11), (5, 12), (9, -3), (12, .min), (15, .max), (18, .min)], of: 10) {
            #expect(progress.percent == nil)
            #expect(progress.etaSeconds == nil)
        }
    }

    @Test func `without a count there is no estimate`() {
        #expect(estimates([(0, nil), (5, nil)], of: 10).allSatisfy { $0.percent == nil && $0.etaSeconds == nil })
    }

    @Test func `the time left is silent until it means something`() {
        let progress = estimates([(0, 0), (0.5, 5), (1, 10), (1.99, 20)], of: 100)
        #expect(progress.allSatisfy { $0.etaSeconds == nil })
    }

    @Test func `a steady pace gives a right time`() {
        let progress = estimates((0...30).map { (Double($0), Int64($0 * 2)) }, of: 100)
        #expect(progress[3].etaSeconds == 47)
        #expect(progress[30].etaSeconds == 20)
    }

    @Test func `at the end there is no time left`() {
        #expect(estimates((0...10).map { (Double($0), Int64($0)) }, of: 10).last?.etaSeconds == 0)
    }

    @Test func `a count that goes back starts the estimate anew`() {
        let progress = estimates([(0, 0), (3, 50), (4, 10), (5, 11)], of: 100)
        #expect(progress[1].etaSeconds != nil)
        #expect(progress[2].etaSeconds == nil)
        #expect(progress[2].percent == 10)
        #expect(progress[3].etaSeconds == nil)
    }

    @Test func `a step that stands still for hours does not crash and says no nonsense`() {
        var counts: [(Double, Int64?)] = [(0, 0), (3, 10)]
        for second in 4...20_000 { counts.append((Double(second), 10)) }
        for progress in estimates(counts, of: 1000) {
            #expect(progress.etaSeconds.map { (0...366 * 86_400).contains($0) } ?? true)
        }
    }

    @Test func `totals beyond all reason do not crash`() {
        let progress = estimates([(0, 0), (3, 1), (6, 2), (9, 3)], of: .max)
        #expect(progress.allSatisfy { $0.etaSeconds == nil && $0.percent == 0 })
    }

    @Test func `whatever is counted, percent is within 0 and 100 and the time is not negative`() {
        let numbers: [Int64] = [.min, -2, -1, 0, 1, 5, 100, 1 << 53, .max - 1, .max]
        for _ in 0..<5000 {
            var estimator = ProgressEstimator()
            var now = start
            for _ in 0..<20 {
                var progress = RunProgress(
                    step: "s", message: "", count: numbers.randomElement()!, total: numbers.randomElement()!)
                estimator.estimate(&progress, at: now)
                now += .milliseconds(.random(in: 0...4000))
                #expect(progress.percent.map { (0...100).contains($0) } ?? true)
                #expect(progress.etaSeconds.map { $0 >= 0 } ?? true)
            }
        }
    }

    @Test func `a clock that stands still does not divide by nothing`() {
        #expect(estimates([(3, 0), (3, 5), (3, 6)], of: 10).allSatisfy { $0.etaSeconds == nil })
    }
}
