/// A frame that does not say what frame.h allows.
package struct MalformedFrame: Error {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}

/// Takes the payload of one frame apart, field by field.  Nothing in it is trusted: a field that
/// does not fit throws.
package struct FrameReader: ~Copyable {
    private var rest: UnsafeRawBufferPointer

    /// The bytes stay the caller's and must outlive the reader.
    package init(_ payload: UnsafeRawBufferPointer) { rest = payload }

    package mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(MalformedFrame) -> Value {
        let size = MemoryLayout<Value>.size
        guard rest.count >= size else { throw MalformedFrame(reason: "a number is cut off") }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(size)) }
        return Value(littleEndian: rest.loadUnaligned(as: Value.self))
    }

    /// Bytes inside the payload, without the NUL behind them.
    package mutating func data() throws(MalformedFrame) -> UnsafeRawBufferPointer {
        let size = Int(try integer(UInt32.self))
        guard rest.count > size, rest[size] == 0 else {
            throw MalformedFrame(reason: "a text is cut off")
        }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(size + 1)) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(size))
    }

    /// Invalid UTF-8 is replaced by U+FFFD.
    package mutating func text() throws(MalformedFrame) -> String {
        String(decoding: try data(), as: UTF8.self)
    }

    package mutating func optionalText() throws(MalformedFrame) -> String? {
        try integer(UInt8.self) == 0 ? nil : try text()
    }

    package mutating func optionalCount() throws(MalformedFrame) -> Int64? {
        let count = try integer(Int64.self)
        return count < 0 ? nil : count
    }

    package consuming func finish() throws(MalformedFrame) {
        if !rest.isEmpty { throw MalformedFrame(reason: "\(rest.count) bytes too many") }
    }
}
