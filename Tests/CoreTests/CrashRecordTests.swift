import Core
import Testing

@Suite struct CrashRecordTests {
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func crashed(_ times: Int, every pause: Duration = .seconds(1)) -> CrashRecord {
        var record = CrashRecord(integration: "clickup", sha256: "abc")
        for number in 0..<times { record.crashed("crash \(number + 1)", at: start + pause * number) }
        return record
    }

    @Test func `the third crash in a row is one too many`() {
        #expect(crashed(0).quarantine == nil && crashed(2).quarantine == nil)
        let record = crashed(3)
        #expect(record.crashes == 3 && record.reason == "crash 3")
        #expect(record.quarantine == .init(since: start + .seconds(2), nextTry: start + .seconds(62)))
    }

    @Test func `each crash beyond doubles the pause, up to a day, and the quarantine has begun once`() {
        let pauses = (3...20).map { count in
            let record = crashed(count)
            let last = start + .seconds(count - 1)
            #expect(record.quarantine?.since == start + .seconds(2))
            return (record.quarantine!.nextTry.milliseconds - last.milliseconds) / 60_000
        }
        #expect(pauses.prefix(4) == [1, 2, 4, 8])
        #expect(pauses.suffix(3) == [1440, 1440, 1440])
        #expect(crashed(1000).quarantine != nil)
    }

    /// What a record admits at these seconds, one after the other.
    private func admitted(_ record: CrashRecord, at seconds: Int...) -> [Bool] {
        var record = record
        return seconds.map { record.admits(at: start + .seconds($0)) }
    }

    @Test func `nothing runs before the next try, and one run at a time after it`() {
        // The second one waits for what becomes of the first, but not for ever.
        #expect(admitted(crashed(3), at: 61, 62, 63, 123) == [false, true, false, true])
    }

    @Test func `who has not crashed often enough runs`() {
        #expect(admitted(crashed(2), at: 0, 1) == [true, true])
    }
}
