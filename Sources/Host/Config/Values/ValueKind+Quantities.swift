import Core

extension ValueKind<Duration> {
    private static var units: [(String, milliseconds: Int64)] {
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
    }
    /// A hundred years: far from any overflow in what is computed with it.
    private static var maximum: Duration { .seconds(36_500 * 86_400) }

    /// `500ms`, `15s`, `10m`, `2h`, `30d`.
    static var duration: ValueKind {
        ValueKind(noun: "a duration") { value throws(InvalidValue) in
            let quantity = Quantity(value.text)
            guard let quantity, let unit = units.first(where: { $0.0 == quantity.unit }) else {
                throw notADuration(quantity, isShown: value.origin != .variable)
            }
            let (milliseconds, overflow) = quantity.number.multipliedReportingOverflow(
                by: unit.milliseconds)
            let duration = Duration.milliseconds(milliseconds)
            guard !overflow, duration <= maximum else {
                throw InvalidValue(message: "must not be longer than 36500d")
            }
            return duration
        }
    }

    /// A duration longer than nothing.
    static var positiveDuration: ValueKind {
        duration.checked { duration throws(InvalidValue) in
            guard duration > .zero else {
                throw InvalidValue(message: "must be longer than nothing")
            }
        }
    }

    private static func notADuration(_ quantity: Quantity?, isShown: Bool) -> InvalidValue {
        if let quantity, quantity.unit.isEmpty {
            let hint = isShown ? "write `\(quantity.number)s`" : "write `15s`"
            return InvalidValue(message: "must be a duration with a unit", hint: hint)
        }
        return InvalidValue(
            message: "must be a duration",
            hint: "a whole number and ms, s, m, h or d, such as `15s`")
    }
}

extension ValueKind<Int> {
    /// Bytes: `64KiB`, `1MiB`, `1GiB`, `1TiB`.
    static var size: ValueKind {
        ValueKind(noun: "a size") { value throws(InvalidValue) in
            let quantity = Quantity(value.text)
            let powers = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
            guard let quantity, let power = powers[quantity.unit] else {
                throw notASize(quantity, powers.keys, isShown: value.origin != .variable)
            }
            guard (1...Int64.max >> Int64(power)).contains(quantity.number) else {
                throw InvalidValue(message: "must be between 1KiB and 8388607TiB")
            }
            return Int(quantity.number << Int64(power))
        }
    }

    private static func notASize(
        _ quantity: Quantity?, _ units: some Sequence<String>, isShown: Bool
    ) -> InvalidValue {
        if let quantity, quantity.unit.isEmpty {
            return InvalidValue(
                message: "must be a size with a unit", hint: "write `64KiB` or `1MiB`")
        }
        let forms = "a whole number and KiB, MiB, GiB or TiB, such as `1MiB`"
        // `1MB`, `1mib` and `1M` all mean the unit that begins alike.
        let near = quantity.flatMap { quantity in
            units.first { $0.prefix(1) == quantity.unit.prefix(1).uppercased() }
        }
        guard isShown, let quantity, let near else {
            return InvalidValue(message: "must be a size", hint: forms)
        }
        return InvalidValue(message: "must be a size", hint: "write `\(quantity.number)\(near)`")
    }
}

/// A whole number and a unit.
struct Quantity {
    var number: Int64
    var unit: String

    init?(_ text: String) {
        let digits = text.utf8.prefix(while: isDigit)
        let unit = text.utf8[digits.endIndex...]
        guard let number = Int64(String(Substring(digits))), unit.allSatisfy(isLetter) else {
            return nil
        }
        self.number = number
        self.unit = String(Substring(unit))
    }
}
