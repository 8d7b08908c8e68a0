/// How many requests a unit of work takes.  A value without a clock.
///
/// Units are done in another order than requests are answered, and those that are open have some of their
/// answers already.  Where nothing was under way as the work began, it is known how many.  Else the run may ask for
/// other things beside, mostly at its beginning: so what a unit takes is the slope of a line through the later half
/// of what is done, and taken for a whole number where it is close to one.
struct UnitCost {
    private struct Point {
        var count: Int64
        var answered: Int64
        var open: Int64

        init(_ count: Int64, _ pace: ProgressEstimator.Pace) {
            (self.count, answered, open) = (count, pace.answered, pace.open)
        }
    }

    /// Answers by units that are done: the straight line that lies nearest to some points.
    private struct Line {
        var slope: Double
        private let middle: (count: Double, answered: Double, open: Double)
        /// From its first unit to its last.
        let length: Double
        /// By how much the points leave it, squared, for each unit.
        let scatter: Double

        init(_ points: some BidirectionalCollection<Point>) {
            let n = Double(max(1, points.count))
            let count = points.reduce(0) { $0 + Double($1.count) } / n
            let answered = points.reduce(0) { $0 + Double($1.answered) } / n
            var (square, product) = (0.0, 0.0)
            for point in points {
                let distance = Double(point.count) - count
                square += distance * distance
                product += distance * (Double(point.answered) - answered)
            }
            let slope = square > 0 ? max(0, product / square) : 0
            self.slope = slope
            middle = (count, answered, points.reduce(0) { $0 + Double($1.open) } / n)
            length = Double((points.last?.count ?? 0) - (points.first?.count ?? 0))
            let squares = zip(points, points.dropFirst()).reduce(0) { sum, pair in
                let distance = Double(pair.1.answered - pair.0.answered) - slope * Double(pair.1.count - pair.0.count)
                return sum + distance * distance
            }
            scatter = squares / max(1, length)
        }

        /// Answers to so many units and to nothing else: half of what is open has its answers at any time.
        func answers(to count: Double) -> Double {
            middle.answered + slope * (count - middle.count) - middle.open * max(0, slope - 1) / 2
        }

        /// The same, where units take a whole number; nil where none is near enough.
        var whole: Line? {
            var line = self
            line.slope = max(1, slope.rounded())
            // By as much as what is open may have answers or not have them.
            let blur = 2 + middle.open * (line.slope - 1) / 2
            return abs(slope - line.slope) <= min(blur / max(1, length), 0.3) ? line : nil
        }
    }

    /// Where the work began, with nothing under way.
    private var origin: Point?
    /// From a half of what is done to now, each some way after the one before.
    private var points: [Point] = []

    mutating func note(_ count: Int64, _ pace: ProgressEstimator.Pace) {
        let now = Point(count, pace)
        guard let last = points.last, count >= last.count else {
            points = [now]
            origin = pace.open == 0 ? now : nil
            return
        }
        if count - last.count >= max(1, count / 16) { points.append(now) }
        while points.count > 1, points[1].count <= count / 2 { points.removeFirst() }
    }

    /// Requests, and by how many that may be wrong.
    typealias Amount = (requests: Double, spread: Double)

    /// Units that take less are not what requests are asked for: such as tasks, of which one answer has a hundred.
    private static let least = 0.75
    /// Fewer units tell nothing of what one takes.
    private static let fewest = 8.0

    /// What so many units take that are not done: those that are open, and all that follow.  nil: it is not known.
    func left(_ units: Int64, at count: Int64, _ pace: ProgressEstimator.Pace) -> Amount? {
        let now = Point(count, pace)
        guard let start = points.first, count > start.count, pace.answered > start.answered else { return nil }
        let points = points + [now]
        let line = Line(points)
        for guess in [origin.map { Line([$0, now]).slope } ?? line.slope, line.slope] {
            let whole = max(1, guess.rounded())
            if let answers = answersOfOpen(now, whole) { return (whole * Double(units) - answers, 0) }
        }
        guard line.slope > Self.least else { return nil }
        if origin == nil {
            // What else was asked for may have come to its end in the middle.
            for part in [0, 2, 3] {
                let line = Line(points.dropFirst(part * (points.count - 1) / 4))
                if line.length < Self.fewest { break }
                guard let whole = line.whole else { continue }
                // Unless it goes on.
                let amounts = (Self.left(units, now, whole), Self.left(units, now, line))
                return ((amounts.0 + amounts.1) / 2, abs(amounts.0 - amounts.1) / 2)
            }
        }
        return (Self.left(units, now, line), 2 * variance(of: units, now, line).squareRoot())
    }

    /// Of what so many units take, each as much as another or one more, or as the points tell.
    private func variance(of units: Int64, _ now: Point, _ line: Line) -> Double {
        let fraction = line.slope - line.slope.rounded(.down)
        let some = Double(units) * (1 + Double(units) / line.length)
        return max(
            fraction * (1 - fraction) * some + Double(now.open) * max(0, line.slope - 1) / 4,
            Self.ofScatter * line.scatter * some)
    }

    /// Most of what scatters is what open units have of their answers, and does not add up.
    private static let ofScatter = 0.1

    private static func left(_ units: Int64, _ now: Point, _ line: Line) -> Double {
        max(Double(units), line.answers(to: Double(now.count + units)) - Double(now.answered))
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
