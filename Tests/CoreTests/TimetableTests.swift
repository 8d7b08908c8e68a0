import Core
import Testing

@Suite struct TimetableTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

    private func hourly(jitter: Duration? = .zero, seed: String = "") -> Timetable {
        Timetable(.every(.seconds(3_600)), jitter: jitter, seed: seed)
    }

    @Test func `without jitter it is the schedule`() {
        #expect(hourly().next(after: at(10)) == at(3_600))
        #expect(hourly().next(after: at(3_600)) == at(7_200))
    }

    @Test func `jitter puts off each time by the same, and another for each seed`() {
        let offsets = (0..<200).map { hourly(jitter: .seconds(600), seed: "host/\($0)").offset }
        #expect(offsets.allSatisfy { (0...600).contains($0) })
        #expect(Set(offsets).count > 100)
        let table = hourly(jitter: .seconds(600), seed: "host/1")
        #expect(table == hourly(jitter: .seconds(600), seed: "host/1"))
        let first = table.next(after: at(0))
        #expect(first == at(table.offset > 0 ? table.offset : 3_600))
        #expect(first.flatMap(table.next) == first.map { $0 + .seconds(3_600) })
    }

    @Test func `usual jitter is a tenth of the interval and a minute at most`() {
        func most(_ schedule: Schedule) -> Int64 {
            (0..<500).map { Timetable(schedule, seed: "\($0)").offset }.max() ?? 0
        }
        #expect(most(.every(.seconds(100))) == 10)
        #expect(most(.every(.seconds(86_400))) == 60)
        #expect(most(.every(.seconds(5))) == 0)
    }

    @Test func `one time that passed is missed, and so are several`() {
        let table = hourly()
        #expect(!table.hasMissed(since: at(3_601), at: at(7_199)))
        #expect(table.hasMissed(since: at(3_601), at: at(7_200)))
        #expect(table.hasMissed(since: at(3_601), at: at(720_000)))
        #expect(!Timetable(.every(.seconds(3_600)), catchesUp: false, seed: "").hasMissed(since: at(0), at: at(9_000)))
    }

    @Test func `times before 1970 are no trouble`() {
        #expect(hourly().next(after: Timestamp(milliseconds: -1)) == at(0))
    }
}
