import Synchronization

/// What the daemon counts, from its start on.  Any thread may count.
package final class Metrics: Sendable {
    /// Events that were shown to readers, of all runs, by kind: `progress`, `complete`, `error`.
    package let events = LabelledCounter()
    /// Runs that ended, by status.
    package let runsEnded = LabelledCounter()
    /// Runs whose plugin ended its process, by integration.
    package let pluginCrashes = LabelledCounter()
    /// Streams that ended, by reason: `finished`, `draining`, `client_left`, `stalled`.
    package let disconnects = LabelledCounter()
    /// Readers that came back with a cursor, by outcome: `live`, `stored`, `ended`, `refused`.
    package let resumes = LabelledCounter()
    /// Seconds that a batch of an import took to be written.
    package let storeBatches = Histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])

    package init() {}
}

/// A number for each value of one label.  Values come from the code or the configuration, so there
/// are few.
package final class LabelledCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    package init() {}

    package func add(_ label: String, _ count: Int = 1) {
        counts.withLock { $0[label, default: 0] += count }
    }

    package var values: [String: Int] { counts.withLock { $0 } }
}

/// How often something took how long.
package final class Histogram: Sendable {
    /// Cumulative: how many were at most as large as each bound.
    package struct Reading: Sendable {
        package var buckets: [(bound: Double, count: Int)]
        package var count: Int
        package var sum: Double
    }

    private let bounds: [Double]
    private let state: Mutex<(counts: [Int], count: Int, sum: Double)>

    /// - Parameter bounds: ascending.
    package init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex((Array(repeating: 0, count: bounds.count), 0, 0))
    }

    package func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    package var reading: Reading {
        let (counts, count, sum) = state.withLock { $0 }
        var soFar = 0
        let buckets = zip(bounds, counts).map { bound, count in
            soFar += count
            return (bound: bound, count: soFar)
        }
        return Reading(buckets: buckets, count: count, sum: sum)
    }
}
