/// A length of time as people write it: "50ms", "1.5s", "2m", or a plain number of milliseconds.
struct Span: Sendable, Equatable {
    var milliseconds: Double

    /// A day.
    private static let longest = 86_400_000.0

    init(milliseconds: Double) {
        self.milliseconds = milliseconds
    }

    init?(text: String) {
        let units: [(String, Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let value = Double(text.dropLast(unit.count)), (0...Self.longest).contains(value * factor) else {
                return nil
            }
            milliseconds = value * factor
            return
        }
        return nil
    }

    var duration: Duration {
        .microseconds(Int64(milliseconds * 1000))
    }
}

extension Span: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Either form is allowed: a value that is no number is read as text next, whose error is the one reported.
        if let number = try? container.decode(Double.self), (0...Self.longest).contains(number) {
            milliseconds = number
        } else if let span = Span(text: try container.decode(String.self)) {
            self = span
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a length of time must look like 50ms, 1.5s or 2m")
        }
    }
}
