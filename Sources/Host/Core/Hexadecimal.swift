extension Sequence<UInt8> {
    /// Two lower-case digits a byte.  Each document's hash is written by it: specialized where it is used.
    @inlinable package var hexadecimal: String {
        let digits = UInt8(ascii: "0"), letters = UInt8(ascii: "a") - 10
        var text: [UInt8] = []
        text.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            let (high, low) = (byte >> 4, byte & 15)
            text.append(high + (high < 10 ? digits : letters))
            text.append(low + (low < 10 ? digits : letters))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
