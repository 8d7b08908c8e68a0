/// Reads a day (`2026-01-31`, its first moment) or a time (`2026-01-31T08:00:00Z`, with a fraction
/// of a second or not) in UTC.
enum UTCTime {
    static func milliseconds(_ text: String) -> Int64? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let date = numbers(parts[0], separator: "-", widths: [4, 2, 2])
        guard let date, (1...12).contains(date[1]), date[2] > 0 else { return nil }
        let first = days(date[0], date[1], date[2])
        // Of a month that is shorter it would be a day of the next.
        guard first < days(date[0] + date[1] / 12, date[1] % 12 + 1, 1) else { return nil }
        let day = first * 86_400_000
        if parts.count == 1 { return day }
        guard parts.count == 2, parts[1].hasSuffix("Z") else { return nil }
        let time = parts[1].dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard let clock = numbers(time[0], separator: ":", widths: [2, 2, 2]), clock[0] < 24, clock[1] < 60,
            clock[2] < 61, time.count < 3
        else { return nil }
        var fraction: Int64 = 0
        if time.count == 2 {
            let digits = (time[1] + "000").prefix(3)
            guard !time[1].isEmpty, time[1].allSatisfy(\.isNumber), let value = Int64(digits) else { return nil }
            fraction = value
        }
        return day + (clock[0] * 3600 + clock[1] * 60 + clock[2]) * 1000 + fraction
    }

    private static func numbers(_ text: Substring, separator: Character, widths: [Int]) -> [Int64]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == widths.count else { return nil }
        let values = zip(parts, widths).compactMap { part, width in
            part.utf8.count == width && part.utf8.allSatisfy { (48...57).contains($0) } ? Int64(part) : nil
        }
        return values.count == widths.count ? values : nil
    }

    /// Days since 1970 of a date of the Gregorian calendar, counted in years that begin in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}
