import Core
import Terminal
import Testing

@Suite("The view of a run")
struct RunViewTests {
    private static let start = ContinuousClock.now
    private static let clock = Timestamp(milliseconds: 1_764_109_864_000)

    private struct Bench {
        var view = RunView(integration: "clickup", run: "01a2", start: RunViewTests.start)
        private var sequence: Int64 = 0

        mutating func say(
            _ step: String, _ message: String = "", _ more: [JSONValue.Member] = [], at second: Double = 0
        ) {
            sequence += 1
            let body = JSONValue.object([.init("step", .string(step)), .init("message", .string(message))] + more)
            view.take(
                RunEvent(sequence: sequence, kind: .progress, step: step, isReliable: true, body: body.text),
                at: RunViewTests.start + .seconds(second))
        }

        mutating func end(_ kind: RunEvent.Kind, _ body: JSONValue) {
            view.take(
                RunEvent(sequence: 999, kind: kind, step: "", isReliable: true, body: body.text), at: RunViewTests.start
            )
        }

        mutating func count(_ counts: [String: Int], failed: Int = 0, at second: Double) {
            var all = ImportCounts()
            for (name, count) in counts {
                all[name].new = count
                all[name].failed = failed
            }
            view.take(all, at: RunViewTests.start + .seconds(second))
        }

        func lines(at second: Double = 0, columns: Int = 100, clock: Timestamp = RunViewTests.clock) -> [String] {
            view.lines(columns: columns, at: RunViewTests.start + .seconds(second), clock: clock, style: .bare).map(
                \.text)
        }
    }

    private static func measure(
        _ count: Int64, _ total: Int64, eta: Int64? = nil, of collection: String? = nil
    ) -> [JSONValue.Member] {
        [.init("count", .integer(count)), .init("total", .integer(total))]
            + (eta.map { [.init("etaSeconds", .integer($0))] } ?? [])
            + (collection.map { [.init("collection", .string($0))] } ?? [])
    }

    @Test func `the first line says what runs, how it is and for how long`() {
        var bench = Bench()
        #expect(bench.lines(at: 75) == ["clickup  running  1:15  01a2"])
        bench.say("queued", "Waiting for a place")
        #expect(bench.lines() == ["clickup  queued  0:00  01a2", "  Waiting for a place"])
    }

    @Test func `a collection whose step knows a total has a bar, percent, numbers, a rate and the time left`() {
        var bench = Bench()
        bench.count(["docs": 0], at: 0)
        for second in 0...4 {
            bench.say(
                "storing_doc", "Storing doc: A", Self.measure(Int64(10 * second), 80, eta: 4, of: "docs"),
                at: Double(second))
        }
        bench.count(["docs": 40, "pages": 300], at: 4)
        let lines = bench.lines(at: 5)
        #expect(lines[1] == "  docs   ████████████░░░░░░░░░░░░  50 % 40/80  8.0/s  ETA 3 s")
        #expect(lines[2] == "  pages  " + String(repeating: " ", count: 31) + "300")
        #expect(lines[3] == "  Storing doc: A")
    }

    @Test func `a collection without a total has its number and rate`() {
        var bench = Bench()
        for second in 0...5 { bench.count(["pages": 100 * second], at: Double(second)) }
        #expect(bench.lines(at: 5)[1].hasSuffix(" 500  100/s"))
    }

    @Test func `a step that belongs to no collection has a bar of its own`() {
        var bench = Bench()
        bench.say("counting", "Counting", Self.measure(1, 4))
        bench.count(["items": 3], at: 0)
        let lines = bench.lines()
        #expect(lines[1].hasPrefix("  items     ") && lines[2].hasPrefix("  counting  ██████░"))
        #expect(lines[2].contains("25 % 1/4"))
    }

    @Test func `a step that begins anew with each doc is no measure of the whole`() {
        var bench = Bench()
        bench.count(["pages": 1], at: 0)
        for doc in 0..<3 {
            for page in 1...3 { bench.say("storing_page", "Doc \(doc)", Self.measure(Int64(page), 3)) }
        }
        #expect(!bench.lines().joined().contains("█"))
    }

    @Test func `what has not ended is not a hundred percent`() {
        var bench = Bench()
        bench.say("counting", "", Self.measure(999_999, 1_000_000))
        #expect(bench.lines()[1].contains(" 99 % 999 999/1 000 000"))
        bench.say("counting", "", Self.measure(1_000_000, 1_000_000))
        #expect(bench.lines()[1].contains("100 % "))
    }

    @Test func `a wait is counted down and over with the next step`() {
        var bench = Bench()
        let resume = Timestamp(milliseconds: Self.clock.milliseconds + 38_000)
        bench.say("waiting", "ClickUp asks for fewer requests", [.init("resumeAt", .string(resume.description))])
        #expect(bench.lines()[0].contains("waiting"))
        #expect(bench.lines()[1...] == ["  ClickUp asks for fewer requests", "  waiting, resumes in 38 s"])
        let later = Timestamp(milliseconds: Self.clock.milliseconds + 37_001)
        #expect(bench.lines(clock: later).last == "  waiting, resumes in 1 s")
        bench.say("fetching_docs", "Fetching docs")
        #expect(bench.lines().last == "  Fetching docs")
    }

    @Test func `a lost connection is said, and neither hides nor ends the run`() {
        var bench = Bench()
        bench.say("fetching_docs", "Fetching docs")
        bench.view.take(.lost(reason: "refused", nextTry: Self.start + .seconds(5)))
        #expect(bench.lines(at: 1).suffix(2) == ["  Fetching docs", "  not connected, next try in 4 s  refused"])
        #expect(bench.view.summary(at: Self.start, style: .bare).isEmpty)
        bench.say("fetching_docs", "Fetching docs")
        #expect(bench.lines(at: 1).last == "  Fetching docs")
    }

    @Test func `failed documents stay above the view, and after fifty only a remark`() {
        var bench = Bench()
        for number in 1...60 {
            bench.say("document_failed", "no \(number)", [.init("collection", "docs"), .init("documentId", "d1")])
        }
        let notices = bench.view.takeNotices().map(\.text)
        #expect(notices.count == 51 && notices[0] == "! no 1  docs/d1")
        #expect(notices.last?.contains("integrationd runs 01a2 --errors") == true)
        #expect(bench.view.takeNotices().isEmpty)
    }

    @Test func `the end says what came of it, by collection`() {
        var bench = Bench()
        bench.say("complete", "Import complete: 15 imported, 1 failed")
        bench.end(
            .complete,
            [
                "status": "completed_with_errors",
                "result": [
                    "durationMs": 4120,
                    "breakdown": [
                        "pages": ["imported": 14, "new": 10, "updated": 4, "failed": 1],
                        "docs": ["imported": 1, "unchanged": 1],
                    ],
                    "report": .array(
                        [["kind": "failed", "message": "Page p could not be had."]]
                            + (1...11).map { ["kind": "note", "message": .string("Note \($0).")] }),
                ],
            ])
        #expect(
            bench.view.summary(at: Self.start, style: .bare).map(\.text) == [
                "✓ Import complete: 15 imported, 1 failed  in 0:04",
                "  docs    1 imported  1 unchanged",
                "  pages  14 imported  10 new, 4 updated  1 failed", "  Page p could not be had.",
            ] + (1...9).map { "  Note \($0)." } + ["  and 2 more: integrationd runs RUN --json"])
    }

    @Test func `a failure ends with its reason and what to do`() {
        var bench = Bench()
        bench.end(.error, ["error": "The key has expired.", "hint": "Ask for a new one.", "status": "failed"])
        #expect(
            bench.view.summary(at: Self.start, style: .init(hasColours: false, hasBlocks: false)).map(\.text) == [
                "failed Import failed: The key has expired.  in 0:00", "  hint: Ask for a new one.",
            ])
    }

    @Test func `a hundred thousand events take no more room than a few`() {
        var bench = Bench()
        for number in 1...2000 { bench.say("step_\(number)", "x", Self.measure(1, 2)) }
        for number in 1...100 { bench.count(["c\(number)": 1], at: Double(number)) }
        #expect(bench.lines(at: 100).count <= 23)
    }
}
