/// How many requests a unit of work takes.  A value without a clock.
///
/// Units are done in another order than requests are answered, and those that are open have some of their
/// answers already.  Where nothing was under way as the work began, it is known how many; else half of them are
/// taken to be there.  Else the run may ask for other things beside, mostly at its beginning: so what a unit takes
/// is measured over the later half of what is done, and taken for a whole number where it is close to one.
struct UnitCost {
    private struct Point {
        var count: Int64
        var answered: Int64
        var open: Int64

        init(_ count: Int64, _ pace: ProgressEstimator.Pace) {
            (self.count, answered, open) = (count, pace.answered, pace.open)
        }
    }

    /// Where the work began, with nothing under way.
    private var origin: Point?
    /// From a half or a quarter of what is done to now, each some way after the one before.
    private var points: [Point] = []

    mutating func note(_ count: Int64, _ pace: ProgressEstimator.Pace) {
        let now = Point(count, pace)
        guard let last = points.last, count >= last.count else {
            points = [now]
            origin = pace.open == 0 ? now : nil
            return
        }
        if count - last.count >= max(1, count / 16) { points.append(now) }
        let early = origin == nil ? count / 2 : count / 4
        while points.count > 1, points[1].count <= early { points.removeFirst() }
    }

    /// Requests, and by how many that may be wrong.
    typealias Amount = (requests: Double, spread: Double)

    /// What so many units take that are not done: those that are open, and all that follow.  nil: not known yet.
    func left(_ units: Int64, at count: Int64, _ pace: ProgressEstimator.Pace) -> Amount? {
        let now = Point(count, pace)
        guard let start = points.first, count > start.count, pace.answered > start.answered else { return nil }
        let units = Double(units)
        let mean = Self.mean(from: start, to: now)
        for guess in [origin.map { Self.mean(from: $0, to: now) } ?? mean, mean] {
            let whole = max(1, guess.rounded())
            if let answers = answersOfOpen(now, whole) { return (whole * units - answers, 0) }
        }
        let measured = Double(count - start.count)
        let ofOpen = Double(now.open) * max(0, mean - 1) / 2
        let whole = max(1, mean.rounded())
        // By as much as the answers to what is open may blur the mean, it is a whole number.
        let blur = min(Double(max(6, now.open)) / measured, 0.5)
        if origin == nil, abs(mean - whole) <= blur { return (whole * units - ofOpen, ofOpen / 2) }
        let fraction = mean - mean.rounded(.down)
        let variance = fraction * (1 - fraction) * (units + units * units / measured) + ofOpen * max(0, mean - 1) / 2
        return (mean * units - ofOpen, 1.5 * variance.squareRoot())
    }

    /// Half of what is open is taken to be answered at both.
    private static func mean(from start: Point, to now: Point) -> Double {
        let open = Double(now.open - start.open) / 2
        return max(0, (Double(now.answered - start.answered) + open) / max(1, Double(now.count - start.count) + open))
    }

    /// Answers to units that are not said to be done, where each takes so many; nil: it is not so, or cannot be known.
    private func answersOfOpen(_ now: Point, _ requests: Double) -> Double? {
        guard let origin else { return nil }
        var answers: Double?
        for point in points + [now] where point.count > origin.count {
            let some = Double(point.answered - origin.answered) - requests * Double(point.count - origin.count)
            // A few units may have all their answers and not be said to be done yet.
            guard some >= 0, some <= (requests - 1) * Double(point.open) + 2 * requests else { return nil }
            answers = some
        }
        return answers
    }
}

extension ProgressEstimator.Pace {
    /// Requests without an answer.  Units are taken to ask for one thing after the other: so many are open.
    var open: Int64 { underWay + waiting }
}
