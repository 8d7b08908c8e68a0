/// When an integration is imported without being asked.
package enum Schedule: Sendable, Hashable {
    /// Every multiple of this since 1970 (UTC), a whole number of seconds, at least one.
    ///
    /// Counted from a fixed point and not from the start of the daemon, so that a daemon which
    /// restarts often neither shifts nor starves it.
    case every(Duration)
    case cron(CronLine)

    /// The first time after `time` at which it is due, both in seconds since 1970.
    /// Nil only for a cron line that never comes, such as 30 February.
    package func next(after time: Int64) -> Int64? {
        switch self {
        case .every(let interval):
            let period = max(1, interval.components.seconds)
            return (time.floorDivided(by: period) + 1) * period
        case .cron(let line):
            return line.next(after: time)
        }
    }
}

/// The five fields of a cron line, in UTC.
package struct CronLine: Sendable, Hashable {
    /// The values at which a field matches.
    package struct Field: Sendable, Hashable {
        private var bits: UInt64 = 0
        /// Whether the field was written as `*` or `*/n`.  Of the two day fields, one written so
        /// does not widen the other.
        package var isAny: Bool

        /// `values` within 0...63.
        package init(_ values: some Sequence<Int>, isAny: Bool = false) {
            for value in values { bits |= 1 << UInt64(value) }
            self.isAny = isAny
        }

        package func contains(_ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }
    }

    package var minutes: Field
    package var hours: Field
    package var daysOfMonth: Field
    package var months: Field
    /// 0 is Sunday.
    package var daysOfWeek: Field

    package init(
        minutes: Field, hours: Field, daysOfMonth: Field, months: Field, daysOfWeek: Field
    ) {
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = daysOfWeek
    }

    /// Days to look ahead: 29 February may be eight years away (2096 to 2104), and on a given
    /// weekday, 40 years.
    private static let horizon: Int64 = 41 * 366

    package func next(after time: Int64) -> Int64? {
        let minute = time.floorDivided(by: 60) + 1
        let firstDay = minute.floorDivided(by: 24 * 60)
        var firstMinute = Int(minute - firstDay * 24 * 60)
        for day in firstDay...(firstDay + Self.horizon) {
            if matches(day: day), let found = nextMinute(from: firstMinute) {
                return (day * 24 * 60 + Int64(found)) * 60
            }
            firstMinute = 0
        }
        return nil
    }

    /// The first matching minute of a day, not before `first`.
    private func nextMinute(from first: Int) -> Int? {
        (first..<24 * 60).first { hours.contains($0 / 60) && minutes.contains($0 % 60) }
    }

    /// Whether a day, counted from 1970-01-01, matches the three fields about days.
    private func matches(day: Int64) -> Bool {
        let date = CivilDate(day: day)
        guard months.contains(date.month) else { return false }
        let inMonth = daysOfMonth.contains(date.dayOfMonth)
        let inWeek = daysOfWeek.contains(date.dayOfWeek)
        // As cron does: two restricted fields widen each other.
        return daysOfMonth.isAny || daysOfWeek.isAny ? inMonth && inWeek : inMonth || inWeek
    }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    var month: Int
    var dayOfMonth: Int
    /// 0 is Sunday.
    var dayOfWeek: Int

    /// `day` counts from 1970-01-01, a Thursday.
    ///
    /// Years are taken to begin on 1 March, so that the leap day is the last one of a year, and
    /// grouped by 400, since the calendar repeats after so many.
    init(day: Int64) {
        dayOfWeek = Int((day + 4) - (day + 4).floorDivided(by: 7) * 7)
        let sinceMarch0 = day + 719_468  // 0000-03-01
        let dayOfEra = sinceMarch0 - sinceMarch0.floorDivided(by: 146_097) * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        dayOfMonth = Int(dayOfYear - (153 * monthFromMarch + 2) / 5) + 1
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity, for times before 1970.
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
