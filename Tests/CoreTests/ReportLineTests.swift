import Core
import Testing

@Suite struct ReportLineTests {
    @Test func `deletions that were withheld are not called documents that could not be imported`() {
        var line = ReportLine(
            kind: .failed, collection: "time_entries", code: ReportLine.massDelete, count: 1,
            message: "7 of 11 are gone.", isOfParts: true)
        #expect(line.sentence == "7 of 11 are gone.")
        line.count = 3
        #expect(
            line.sentence == "Deletions in 3 parts of time entries were withheld. The first: 7 of 11 are gone.")
        line.code = "incomplete-listing"
        #expect(line.sentence.hasPrefix("3 parts of time entries could not be imported."))
    }
}
