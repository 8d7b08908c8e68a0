import Core

extension ValueKind<Schedule> {
    /// `every 15m`, or the five fields of a cron line.
    static var schedule: ValueKind {
        ValueKind<String>.string.map("a schedule") { text throws(InvalidValue) in
            let words = text.split { $0 == " " || $0 == "\t" }
            if words.first == "every" { return .every(try interval(words.dropFirst())) }
            guard words.count == 5 else {
                throw InvalidValue(
                    message: "must be a schedule",
                    hint:
                        "write `every 15m`, or a cron line of five fields in quotes: \"0 */6 * * *\""
                )
            }
            let line = try cronLine(words)
            guard Schedule.cron(line).next(after: 0) != nil else {
                throw InvalidValue(message: "never comes: its months have no such day")
            }
            return .cron(line)
        }
    }

    private static func interval(_ words: ArraySlice<Substring>) throws(InvalidValue) -> Duration {
        guard words.count == 1, let word = words.first else {
            throw InvalidValue(
                message: "must say one duration after `every`", hint: "write `every 15m`")
        }
        let duration: Duration
        do throws(InvalidValue) {
            duration = try ValueKind<Duration>.duration.read(
                HostValue(text: String(word), origin: .quoted))
        } catch {
            throw InvalidValue(
                message: "must say a duration after `every`", hint: "write `every 15m`")
        }
        guard duration >= .seconds(1), duration.components.attoseconds == 0 else {
            throw InvalidValue(message: "must be whole seconds, at least one")
        }
        return duration
    }

    private static func cronLine(_ words: [Substring]) throws(InvalidValue) -> CronLine {
        let weekdays = try CronField.daysOfWeek.read(words[4])
        return CronLine(
            minutes: try CronField.minutes.read(words[0]),
            hours: try CronField.hours.read(words[1]),
            daysOfMonth: try CronField.daysOfMonth.read(words[2]),
            months: try CronField.months.read(words[3]),
            // 7 is Sunday too.
            daysOfWeek: CronLine.Field(
                (0..<7).filter { weekdays.contains($0) || $0 == 0 && weekdays.contains(7) },
                isAny: weekdays.isAny))
    }
}

/// What one field of a cron line may say: `*`, `5`, `1-5`, `*/15`, `8-18/2`, `mon,wed`.
private struct CronField {
    var noun: String
    var range: ClosedRange<Int>
    /// Names for the numbers from the lowest on.
    var names: [String] = []

    static let minutes = CronField(noun: "minute", range: 0...59)
    static let hours = CronField(noun: "hour", range: 0...23)
    static let daysOfMonth = CronField(noun: "day of the month", range: 1...31)
    static let months = CronField(
        noun: "month", range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let daysOfWeek = CronField(
        noun: "day of the week", range: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    func read(_ text: Substring) throws(InvalidValue) -> CronLine.Field {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            values.formUnion(try self.values(of: part))
        }
        return CronLine.Field(values, isAny: text.hasPrefix("*"))
    }

    private func values(of part: Substring) throws(InvalidValue) -> StrideTo<Int> {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = pieces.first else { throw invalid }
        var step = 1
        if pieces.count == 2 {
            guard let written = number(pieces[1]), written > 0 else { throw invalid }
            step = written
        }
        let ends = first.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        if first == "*" {
            return stride(from: range.lowerBound, to: range.upperBound + 1, by: step)
        }
        guard let low = ends.first.flatMap(value), let high = ends.last.flatMap(value), low <= high
        else { throw invalid }
        // `5/15` is every 15 from 5 on.
        let last = ends.count == 1 && pieces.count == 2 ? range.upperBound : high
        return stride(from: low, to: last + 1, by: step)
    }

    private func value(_ text: Substring) -> Int? {
        if let name = names.firstIndex(of: text.lowercased()) { return range.lowerBound + name }
        return number(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private func number(_ text: Substring) -> Int? {
        (1...2).contains(text.utf8.count) && text.utf8.allSatisfy(isDigit) ? Int(text) : nil
    }

    private var invalid: InvalidValue {
        InvalidValue(
            message: "has a wrong \(noun)",
            hint: "\(range.lowerBound) to \(range.upperBound), as `*`, `5`, `1-5`, `*/2` or `1,3`")
    }
}
