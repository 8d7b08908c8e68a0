import Core
import Testing

@testable import Engine

@Suite("The JSON of events") struct EventBodyTests {
    private let id = RunID()

    @Test("progress begins with step, message and count, and tells what is known only")
    func progress() {
        var progress = RunProgress(step: "storing_doc", message: "Storing doc: A", count: 1, total: 15)
        progress.percent = 6.7
        progress.etaSeconds = 41
        #expect(
            EventBody.progress(progress, run: id, sequence: 7).text
                == #"{"step":"storing_doc","message":"Storing doc: A","count":1,"total":15,"percent":6.7,"#
                + #""etaSeconds":41,"type":"progress","runId":"\#(id)","seq":7}"#)
        #expect(
            EventBody.progress(RunProgress(step: "a", message: "b"), run: id, sequence: 1).text
                == #"{"step":"a","message":"b","type":"progress","runId":"\#(id)","seq":1}"#)
    }

    @Test("an error says what, its code, and whether trying again may help, and has a type of its own")
    func error() {
        var run = Run(
            id: id, integration: "x", tenant: .default, createdAt: .now, requestedBy: "test")
        run.status = .failed
        let failure = RunFailure(.upstreamUnauthorized, "Authentication failed", hint: "Renew it.")
        #expect(
            EventBody.error(failure, run, sequence: 9).text
                == #"{"error":"Authentication failed","code":"upstream-unauthorized","retryable":false,"#
                + #""hint":"Renew it.","status":"failed","type":"error","runId":"\#(id)","seq":9}"#)
    }

    @Test("a failed document names itself")
    func failedDocument() {
        let report = ReportedDocument(
            kind: .failed, collection: "docs", externalID: "d1", code: "upstream-not-found",
            message: "Gone")
        #expect(
            EventBody.failedDocument(report, run: id, sequence: 2).text
                == #"{"step":"document_failed","message":"Gone","collection":"docs","documentId":"d1","#
                + #""code":"upstream-not-found","type":"progress","runId":"\#(id)","seq":2}"#)
    }

    @Test("a result adds up the collections: imported is new, updated and unchanged")
    func result() {
        var counts = ImportCounts()
        counts["docs"].new = 1
        counts["docs"].updated = 2
        counts["docs"].unchanged = 3
        counts["pages"].failed = 1
        counts["pages"].skipped = 4
        let end = Timestamp(milliseconds: 1_795_378_162_075)
        let result = EventBody.result(
            counts,
            report: [
                ReportLine(kind: .failed, collection: "pages", code: "gone", count: 2, message: "Gone."),
                ReportLine(kind: .note, collection: nil, code: "n", count: 1, message: "Views are not imported."),
            ], duration: .milliseconds(4120), at: end)
        #expect(
            result.text
                == #"{"totalImported":6,"totalFailed":1,"durationMs":4120,"breakdown":{"#
                + #""docs":{"imported":6,"failed":0,"skipped":0,"new":1,"updated":2,"unchanged":3,"deleted":0},"#
                + #""pages":{"imported":0,"failed":1,"skipped":4,"new":0,"updated":0,"unchanged":0,"deleted":0}},"#
                + #""report":[{"kind":"failed","collection":"pages","code":"gone","count":2,"#
                + #""message":"2 pages could not be imported. The first: Gone."},"#
                + #"{"kind":"note","code":"n","count":1,"message":"Views are not imported."}],"#
                + #""completedAt":"2026-11-22T20:09:22.075Z"}"#)
    }
}
