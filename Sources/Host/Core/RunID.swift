/// The id of a run: a UUIDv7, so ids sort by the time at which runs were created.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(at time: Timestamp = .now) { description = UUIDv7.make(at: time) }

    /// Takes an id that came from outside; nil when it is not shaped like a UUID in lower case.
    package init?(_ text: some StringProtocol) {
        guard UUIDv7.isWellFormed(text) else { return nil }
        description = String(text)
    }
}

extension RunID {
    /// When the run was created, as its id tells.
    package var time: Timestamp {
        let digits = description.utf8.filter { $0 != UInt8(ascii: "-") }.prefix(12)
        return Timestamp(
            milliseconds: Int64(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0)
    }
}

/// UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits.
package enum UUIDv7 {
    package static func make(at time: Timestamp = .now) -> String {
        var random = SystemRandomNumberGenerator()
        let high = UInt64(time.milliseconds) << 16 | 0x7000 | UInt64.random(in: 0...0xFFF, using: &random)
        let low = 0x8000_0000_0000_0000 | UInt64.random(in: 0...0x3FFF_FFFF_FFFF_FFFF, using: &random)
        let digits = hexadecimal(high) + hexadecimal(low)
        return [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
            .map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: "-")
    }

    package static func isWellFormed(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 36
            && bytes.enumerated().allSatisfy { index, byte in
                switch (index, byte) {
                case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")),
                    (23, UInt8(ascii: "-")):
                    true
                case (8, _), (13, _), (18, _), (23, _): false
                case (_, UInt8(ascii: "0")...UInt8(ascii: "9")),
                    (_, UInt8(ascii: "a")...UInt8(ascii: "f")):
                    true
                default: false
                }
            }
    }

    private static func hexadecimal(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0.hexadecimal.utf8) }
    }
}
