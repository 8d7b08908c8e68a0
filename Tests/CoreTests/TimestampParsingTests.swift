import Core
import Testing

@Suite("Times that are read")
struct TimestampParsingTests {
    @Test(arguments: [0, 1, 999, 1_764_109_864_120, 951_782_400_000, 253_402_300_799_999] as [Int64])
    func `a time that was written is read as the same`(milliseconds: Int64) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(rfc3339: time.description) == time)
    }

    @Test func `a time without milliseconds is read too`() {
        #expect(Timestamp(rfc3339: "2026-11-22T19:15:46Z")?.description == "2026-11-22T19:15:46.000Z")
    }

    @Test(arguments: ["", "yesterday", "2026-11-22", "2026-11-22T19:15:46+01:00", "2026-xx-22T19:15:46Z"])
    func `anything else is no time`(text: String) { #expect(Timestamp(rfc3339: text) == nil) }
}
