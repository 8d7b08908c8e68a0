import Core
import Foundation
import Testing

@testable import Config

@Suite struct ScheduleTests {
    private func schedule(_ text: String) throws -> Schedule {
        try ValueKind<Schedule>.schedule.read(HostValue(text: text, origin: .quoted))
    }

    private func seconds(_ time: String) throws -> Int64 {
        Int64(try Date(time, strategy: .iso8601).timeIntervalSince1970)
    }

    private func times(_ text: String, after start: String, count: Int = 3) throws -> [String] {
        var time = try seconds(start)
        return try (0..<count).map { _ in
            time = try #require(try schedule(text).next(after: time))
            return Date(timeIntervalSince1970: Double(time)).formatted(.iso8601)
        }
    }

    @Test func `an interval counts from a fixed point`() throws {
        #expect(
            try times("every 15m", after: "2026-01-01T00:07:11Z") == [
                "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z",
            ])
        #expect(
            try times("every 1d", after: "2026-01-01T00:00:00Z", count: 1) == [
                "2026-01-02T00:00:00Z"
            ])
        #expect(try schedule("every 1s").next(after: -1) == 0)
        #expect(try schedule("every 1h").next(after: -1) == 0)
    }

    @Test(
        "cron lines",
        arguments: [
            ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
            ("* * * * *", "2026-01-01T00:00:59Z", "2026-01-01T00:01:00Z"),
            ("0 */6 * * *", "2026-01-01T00:00:00Z", "2026-01-01T06:00:00Z"),
            ("0 */6 * * *", "2026-12-31T18:00:00Z", "2027-01-01T00:00:00Z"),
            ("30 2 1 * *", "2026-01-01T02:30:00Z", "2026-02-01T02:30:00Z"),
            ("0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"),
            ("0 9 * * mon-fri", "2026-01-02T09:00:00Z", "2026-01-05T09:00:00Z"),
            ("0 9 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T09:00:00Z"),
            ("0 9 * * Sun", "2026-01-01T00:00:00Z", "2026-01-04T09:00:00Z"),
            ("5,35 8-10/2 * jan,jul *", "2026-01-01T08:05:00Z", "2026-01-01T08:35:00Z"),
            ("5,35 8-10/2 * jan,jul *", "2026-01-31T10:35:00Z", "2026-07-01T08:05:00Z"),
            ("50/5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:50:00Z"),
            // Two restricted day fields widen each other: the 13th or a Friday.
            ("0 0 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
            ("0 0 13 * fri", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"),
            // One that begins with * does not: odd days that are Mondays.
            ("0 0 */2 * mon", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"),
        ])
    func cron(_ line: String, _ after: String, _ next: String) throws {
        #expect(try times(line, after: after, count: 1) == [next])
    }

    @Test func `a cron line agrees with the calendar for a century and a half`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let firsts = try schedule("0 0 1 * *")
        var time = try seconds("1950-01-01T00:00:00Z")
        for month in 1...1800 {
            time = try #require(firsts.next(after: time))
            let date = calendar.dateComponents(
                [.year, .month, .day, .hour], from: Date(timeIntervalSince1970: Double(time)))
            #expect(
                date
                    == DateComponents(
                        year: 1950 + month / 12, month: month % 12 + 1, day: 1, hour: 0))
        }
    }

    @Test(
        "what is no schedule",
        arguments: [
            "", "every", "every 15", "every 15 m", "every 0s", "every 1500ms", "* * * *",
            "* * * * * *",
            "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8",
            "5-1 * * * *", "*/0 * * * *", "1,,2 * * * *", "-1 * * * *", "a * * * *",
            "* * * * monday",
            "0 0 30 2 *", "@daily", "001 * * * *", "*-5 * * * *", "1/ * * * *",
        ])
    func invalid(_ text: String) {
        #expect(throws: InvalidValue.self) { try schedule(text) }
    }
}
