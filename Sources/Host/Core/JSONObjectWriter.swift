/// Writes one JSON object member by member, for what is made so often that a tree of values would
/// cost more than its text.
package struct JSONObjectWriter {
    private var bytes: [UInt8] = []
    private var isEmpty = true

    /// Appends an object to the bytes, with what `fill` puts into it, as compact JSON.
    package static func write(to bytes: inout [UInt8], _ fill: (inout Self) -> Void) {
        var writer = Self()
        swap(&bytes, &writer.bytes)
        writer.bytes.append(UInt8(ascii: "{"))
        fill(&writer)
        writer.bytes.append(UInt8(ascii: "}"))
        swap(&bytes, &writer.bytes)
    }

    /// Keys are written as they are.
    package mutating func put(_ key: StaticString, _ value: String) {
        begin(key)
        JSONValue.write(value, to: &bytes)
    }

    package mutating func put(_ key: StaticString, _ value: Int64) {
        begin(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func put(_ key: StaticString, _ value: Double) {
        begin(key)
        JSONValue.write(value, to: &bytes)
    }

    package mutating func put(_ member: JSONValue.Member) {
        separate()
        JSONValue.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
    }

    private mutating func begin(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
    }
}
