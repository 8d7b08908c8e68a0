/// What a plain scalar means by the core schema of YAML 1.2.
enum CoreValue: Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    /// An integer of more than 64 bits.
    case tooLarge
    /// `.inf` or `.nan`.
    case notFinite
    case string

    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        case ".nan", ".NaN", ".NAN": self = .notFinite
        default: self = Self.number(text[...])
        }
    }

    private static func number(_ text: Substring) -> CoreValue {
        if text.hasPrefix("0x") { return integer(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return integer(text.dropFirst(2), radix: 8) }
        let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text
        if [".inf", ".Inf", ".INF"].contains(unsigned) { return .notFinite }
        if isDigits(unsigned) { return Int64(text).map { .integer($0) } ?? .tooLarge }
        guard isFloat(unsigned), let number = Double(text) else { return .string }
        return number.isFinite ? .number(number) : .tooLarge
    }

    private static func integer(_ digits: Substring, radix: Int) -> CoreValue {
        let isNumber =
            !digits.isEmpty
            && digits.utf8.allSatisfy { byte in
                Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
            }
        guard isNumber else { return .string }
        return Int64(digits, radix: radix).map { .integer($0) } ?? .tooLarge
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// `(\.[0-9]+ | [0-9]+(\.[0-9]*)?) ([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: Substring) -> Bool {
        var mantissa = text
        if let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            mantissa = text[..<mark]
            var exponent = text[text.index(after: mark)...]
            if exponent.first == "-" || exponent.first == "+" { exponent.removeFirst() }
            guard isDigits(exponent) else { return false }
        }
        guard let point = mantissa.firstIndex(of: ".") else { return isDigits(mantissa) }
        let whole = mantissa[..<point]
        let fraction = mantissa[mantissa.index(after: point)...]
        return whole.isEmpty
            ? isDigits(fraction) : isDigits(whole) && (fraction.isEmpty || isDigits(fraction))
    }
}
