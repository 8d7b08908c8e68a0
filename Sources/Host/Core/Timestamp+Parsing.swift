import Glibc

extension Timestamp {
    /// RFC 3339 in UTC, as a daemon writes it: `2026-11-22T19:15:46.120Z`; nil for anything else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T") else { return nil }
        func number(_ range: Range<Int>) -> Int32? { Int32(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        let fraction = bytes.count >= 24 && bytes[19] == UInt8(ascii: ".") ? Int64(number(20..<23) ?? 0) : 0
        self.init(milliseconds: Int64(timegm(&parts)) * 1000 + fraction)
    }
}
