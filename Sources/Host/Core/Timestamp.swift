import FoundationEssentials
import Glibc

/// A point in time in whole milliseconds since 1970, UTC.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static var now: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T19:15:46.120Z`.  Times that have no such text
    /// are told as the nearest that has one.
    package var description: String {
        // In whole numbers: a Double of seconds is a millisecond off half of the time.
        let time = min(max(milliseconds, Self.earliest), Self.latest)
        let millisecond = (time % 1000 + 1000) % 1000
        var second = time_t((time - millisecond) / 1000)
        var parts = tm()
        gmtime_r(&second, &parts)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            String(String(Int(value) + 10_000).suffix(count))
        }
        return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))T"
            + "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
            + ".\(digits(millisecond, 3))Z"
    }

    private static let earliest: Int64 = -62_167_219_200_000  // 0000-01-01T00:00:00.000Z
    private static let latest: Int64 = 253_402_300_799_999  // 9999-12-31T23:59:59.999Z

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + duration.wholeMilliseconds)
    }
}

extension Duration {
    /// Rounded towards zero.
    package var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
