import Core
import Testing

@Suite struct IdentifierTests {
    private let run = "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10"

    // MARK: Runs

    @Test func `a run's id is a UUID of version 7 that starts with the time`() throws {
        let id = RunID(at: Timestamp(milliseconds: 0x0123_4567_89AB)).description
        #expect(id.hasPrefix("01234567-89ab-7"))
        #expect(["8", "9", "a", "b"].contains(Array(id)[19]))
        #expect(RunID(id)?.description == id)
    }

    @Test func `ids sort by the time at which they were made`() {
        let times = [0, 1, 999, 1_000, 1_763_839_546_120, 1_763_839_546_121, (1 << 48) - 1] as [Int64]
        let ids = times.map { RunID(at: Timestamp(milliseconds: $0)).description }
        #expect(ids == ids.sorted())
    }

    @Test func `ids made at one time differ`() {
        let now = Timestamp.now
        #expect(Set((0..<10_000).map { _ in RunID(at: now) }).count == 10_000)
    }

    @Test(arguments: [
        "", "-", "01990b3c2d4e7a519c0f5b1c2a7d9e10", "01990B3C-2D4E-7A51-9C0F-5B1C2A7D9E10",
        "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e1", "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e100",
        "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e1g", " 01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10",
        "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10\n", "{01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e}",
        "01990b3c_2d4e_7a51_9c0f_5b1c2a7d9e10", "0-990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10",
        "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e１", "………………………………………", "../../../../../../../../../../etc/pa",
    ])
    func `what is not shaped like an id of ours is refused`(text: String) {
        #expect(RunID(text) == nil)
    }

    // MARK: Events

    @Test func `an event's id names its run and its number, both ways`() throws {
        let id = try #require(EventID("\(run).93"))
        #expect(id.run.description == run)
        #expect(id.sequence == 93)
        #expect(id.description == "\(run).93")
    }

    @Test(arguments: [0, 1, 999_999_999_999_999_999] as [Int64])
    func `an event's id is of a few harmless characters and short`(sequence: Int64) throws {
        let text = EventID(run: RunID(), sequence: sequence).description
        let allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
        #expect(text.allSatisfy { allowed.contains($0) })
        #expect(text.utf8.count <= 128)
        #expect(EventID(text)?.sequence == sequence)
    }

    @Test(arguments: [
        "", ".", "..", "1", ".1", "RUN", "RUN.", "RUN.-1", "RUN.+1", "RUN.1.2", "RUN..1", "RUN.1 ", " RUN.1",
        "RUN.1\n", "RUN.1\0", "RUN.0x1", "RUN.1e3", "RUN.٣", "RUN.１", "RUN.9999999999999999999",
        "RUN.18446744073709551617", "RUN:1", "RUN.007", "RUN.00",
    ])
    func `what this server cannot have sent is refused`(shape: String) {
        #expect(EventID(shape.replacing("RUN", with: run)) == nil)
    }

    @Test func `a long run of digits is refused and not computed`() {
        #expect(EventID(run + "." + String(repeating: "9", count: 1_000_000)) == nil)
    }
}
