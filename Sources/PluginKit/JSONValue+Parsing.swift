/// Where a text stops being JSON, and why.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    public var offset: Int
    public var reason: String

    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONValue {
    /// Reads one JSON text. Strict about structure, lenient about text: half of a surrogate pair
    /// and bytes that are not UTF-8 become U+FFFD, since one bad character in one field must not
    /// cost the whole answer of a service.
    ///
    /// Nesting deeper than 1,024 levels is refused; the parser itself uses no recursion.
    public init(parsing utf8: [UInt8]) throws(JSONSyntaxError) {
        self = try utf8.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
            var parser = JSONParser(bytes: bytes)
            return try parser.parse()
        }
    }
}

/// Keeps the open arrays and objects on a stack of its own.
private struct JSONParser {
    /// Freeing a value recurses once per level, so the depth is bounded by a thread's stack.
    static let maximumDepth = 1_024

    /// An array or object whose end has not been read yet.
    private struct Frame {
        var isObject: Bool
        var items: [JSONValue] = []
        var members: [JSONValue.Member] = []
        var name = ""

        var value: JSONValue { isObject ? .object(members) : .array(items) }

        mutating func append(_ value: JSONValue) {
            if isObject { members.append(.init(name, value)) } else { items.append(value) }
        }
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var stack: [Frame] = []

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func parse() throws(JSONSyntaxError) -> JSONValue {
        while true {
            guard var value = try readValue() else { continue }
            while true {
                if stack.isEmpty { return try finish(value) }
                stack[stack.count - 1].append(value)
                guard let closed = try readSeparator() else { break }
                value = closed
            }
        }
    }

    private func finish(_ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        var rest = index
        while rest < bytes.count, Self.isSpace(bytes[rest]) { rest += 1 }
        guard rest == bytes.count else {
            throw JSONSyntaxError(offset: rest, reason: "text after the end of the value")
        }
        return value
    }

    /// A whole value, or nil after opening an array or object that is not empty.
    private mutating func readValue() throws(JSONSyntaxError) -> JSONValue? {
        switch try nextToken() {
        case UInt8(ascii: "{"): return try open(isObject: true, end: UInt8(ascii: "}"))
        case UInt8(ascii: "["): return try open(isObject: false, end: UInt8(ascii: "]"))
        case UInt8(ascii: "\""):
            index += 1
            return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return .number(try readNumber())
        }
    }

    private mutating func open(isObject: Bool, end: UInt8) throws(JSONSyntaxError) -> JSONValue? {
        guard stack.count < Self.maximumDepth else { throw error("nested too deeply") }
        index += 1
        if try nextToken() == end {
            index += 1
            return isObject ? .object([]) : .array([])
        }
        stack.append(Frame(isObject: isObject))
        if isObject { try readName() }
        return nil
    }

    /// After a value: nil when a comma promises another, else the array or object that ends here.
    private mutating func readSeparator() throws(JSONSyntaxError) -> JSONValue? {
        let isObject = stack[stack.count - 1].isObject
        let token = try nextToken()
        if token == UInt8(ascii: ",") {
            index += 1
            if isObject { try readName() }
            return nil
        }
        guard token == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
            throw error("expected a comma or the end of the \(isObject ? "object" : "array")")
        }
        index += 1
        return stack.removeLast().value
    }

    private mutating func readName() throws(JSONSyntaxError) {
        guard try nextToken() == UInt8(ascii: "\"") else { throw error("expected a name") }
        index += 1
        stack[stack.count - 1].name = try readString()
        guard try nextToken() == UInt8(ascii: ":") else { throw error("expected a colon") }
        index += 1
    }

    private mutating func readWord(_ word: StaticString, _ value: JSONValue)
        throws(JSONSyntaxError) -> JSONValue
    {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes[index..<end].elementsEqual("\(word)".utf8) else {
            throw error("expected \(word)")
        }
        index = end
        return value
    }

    private mutating func readNumber() throws(JSONSyntaxError) -> String {
        let start = index
        skip(UInt8(ascii: "-"))
        let leading = index
        guard skipDigits() > 0 else { throw error("expected a value") }
        guard bytes[leading] != UInt8(ascii: "0") || index == leading + 1 else {
            throw error("a number starts with a superfluous zero")
        }
        if skip(UInt8(ascii: ".")), skipDigits() == 0 { throw error("expected a digit") }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw error("expected a digit") }
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// The text up to the closing quote; `index` stands after the opening one.
    private mutating func readString() throws(JSONSyntaxError) -> String {
        let start = index
        while true {
            index = bytes.endOfPlainText(from: index)
            guard index < bytes.count else { throw error("the text ends within a string") }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: bytes[start..<(index - 1)], as: UTF8.self)
            case UInt8(ascii: "\\"): return try readEscapedString(from: start)
            default: index += 1
            }
        }
    }

    private mutating func readEscapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            default:
                let end = bytes.endOfPlainText(from: index)
                text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[(index - 1)..<end]))
                index = end
            }
        }
        throw error("the text ends within a string")
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        guard index < bytes.count else { throw error("the text ends within a string") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: "\(try readScalar())".utf8)
        default: throw error("unknown escape")
        }
    }

    /// The character of `\uXXXX` or of a surrogate pair; half a pair is U+FFFD.
    private mutating func readScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try readHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let mark = index
        if first < 0xDC00, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
            let second = try readHexadecimal()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        index = mark
        return "\u{FFFD}"
    }

    private mutating func readHexadecimal() throws(JSONSyntaxError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw error("the text ends within a string") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw error("expected a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private mutating func nextToken() throws(JSONSyntaxError) -> UInt8 {
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        guard index < bytes.count else { throw error("the text ends too early") }
        return bytes[index]
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipDigits() -> Int {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
            index += 1
        }
        return index - start
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private func error(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(offset: index, reason: reason)
    }
}
