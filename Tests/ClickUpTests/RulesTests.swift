import PluginKit
import Testing

@testable import ClickUp

@Suite struct UpstreamErrorTests {
    static let table: [(Int, String, UpstreamError.Kind)] = [
        (400, "OAUTH_017", .unauthorized), (401, "OAUTH_018", .unauthorized),
        (401, "OAUTH_019", .unauthorized),
        (401, "OAUTH_021", .unauthorized), (401, "OAUTH_025", .unauthorized),
        (401, "OAUTH_077", .unauthorized),
        (401, "", .unauthorized), (401, "OAUTH_023", .forbidden), (401, "OAUTH_027", .forbidden),
        (401, "OAUTH_029", .forbidden), (401, "OAUTH_045", .forbidden),
        (401, "ACCESS_083", .forbidden),
        (404, "ACCESS_999", .forbidden), (403, "", .forbidden), (404, "SHARD_006", .notFound),
        (400, "SHARD_024", .notFound), (404, "APP_001", .notFound), (404, "", .notFound),
        (429, "", .rateLimited),
        (429, "APP_002", .rateLimited), (400, "APP_002", .rateLimited),
        (500, "ITEMV2_003", .unavailable),
        (503, "", .unavailable), (400, "INPUT_011", .refused), (302, "", .refused),
        (418, "", .refused),
    ]

    @Test(arguments: table)
    func `the ECODE decides before the status`(status: Int, code: String, kind: UpstreamError.Kind) {
        let body: JSONValue = code.isEmpty ? [:] : ["err": "said", "ECODE": .string(code)]
        let error = UpstreamError(response: Response(status: status), body: body, excerpt: "")
        #expect(error.kind == kind)
        #expect(error.isRetryable == (kind == .rateLimited || kind == .unavailable))
    }

    @Test func `only a part of an answer is quoted, on one line, without the token`() {
        let body = Array(("a\nb pk_1 " + String(repeating: "x", count: 5_000)).utf8)
        let text = Excerpt.body(body, masking: "pk_1")
        #expect(text.hasPrefix("a b *** xxx") && text.unicodeScalars.count == 200)
        #expect(Excerpt.body(Array("Bearer abc".utf8), masking: "Bearer abc") == "Bearer ***")
    }
}

@Suite struct RetryBudgetTests {
    @Test func `pauses grow, with chance, up to a bound`() {
        var budget = RetryBudget()
        let error = UpstreamError(kind: .unavailable, message: "")
        #expect(
            (0..<5).map { _ in budget.delay(after: error, random: 1) } == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), nil,
            ])
        var lucky = RetryBudget()
        #expect(lucky.delay(after: error, random: 0) == .zero)
    }

    @Test func `what ClickUp asks for is the least`() {
        var budget = RetryBudget()
        let error = UpstreamError(kind: .rateLimited, message: "", wait: .seconds(20))
        #expect(budget.delay(after: error, random: 0) == .seconds(20))
        #expect(budget.delay(after: error, random: 0.9) == .milliseconds(20_900))
    }

    @Test(arguments: [UpstreamError.Kind.unauthorized, .forbidden, .notFound, .refused])
    func `refusals are final`(kind: UpstreamError.Kind) {
        var budget = RetryBudget()
        #expect(budget.delay(after: UpstreamError(kind: kind, message: ""), random: 0) == nil)
    }
}

@Suite struct RateWindowTests {
    private func ticket(_ admission: RateWindow.Admission) -> UInt64 {
        if case .go(let ticket) = admission { ticket } else { 0 }
    }

    @Test func `without headers nothing is held back`() {
        var window = RateWindow()
        for _ in 0..<1_000 { #expect(ticket(window.admit(now: 0)) > 0) }
    }

    @Test func `requests stop at the limit and go on with the next window`() {
        var window = RateWindow()
        let first = ticket(window.admit(now: 1_000_000))
        window.finish(ticket: first, .init(limit: 3, remaining: 2, reset: 1_030), now: 1_000_000)
        #expect(ticket(window.admit(now: 1_000_000)) > 0)
        #expect(ticket(window.admit(now: 1_000_000)) > 0)
        #expect(window.admit(now: 1_000_000) == .wait(until: 1_030_000))
        #expect(ticket(window.admit(now: 1_030_000)) > 0)
    }

    @Test func `requests that the service has not counted yet come off what remains`() {
        var window = RateWindow()
        let first = ticket(window.admit(now: 1_000_000))
        _ = window.admit(now: 1_000_000)
        _ = window.admit(now: 1_000_000)
        window.finish(ticket: first, .init(limit: 4, remaining: 3, reset: 1_030), now: 1_000_000)
        #expect(ticket(window.admit(now: 1_000_000)) > 0)
        #expect(window.admit(now: 1_000_000) == .wait(until: 1_030_000))
    }

    @Test func `a reset may be in milliseconds, and a wrong clock holds nothing back for long`() {
        var window = RateWindow()
        let now: Int64 = 1_700_000_000_000
        let first = ticket(window.admit(now: now))
        window.finish(ticket: first, .init(limit: 1, remaining: 0, reset: now + 9_000), now: now)
        #expect(window.admit(now: now) == .wait(until: now + 9_000))
        window.finish(ticket: first, .init(limit: 1, remaining: 0, reset: 1_900_000_000), now: now)
        #expect(window.admit(now: now) == .wait(until: now + RateWindow.longestWindow))
    }

    @Test func `after a refusal all wait`() {
        var window = RateWindow()
        _ = window.admit(now: 0)
        var refusal = Response(status: 429)
        refusal.retryAfter = 5
        #expect(window.refuse(refusal, now: 0) == 5_000)
        #expect(window.admit(now: 0) == .wait(until: 5_000))
        #expect(window.refuse(Response(status: 429), now: 9_000) == nil)
    }
}

@Suite struct DocCursorTests {
    @Test func `cursors are followed to the end`() {
        var cursor = DocCursor()
        #expect(cursor.advance(newDocs: 2, next: "a") == .next(.cursor("a")))
        #expect(cursor.advance(newDocs: 2, next: "b") == .next(.cursor("b")))
        #expect(cursor.advance(newDocs: 0, next: nil) == .end)
        #expect(DocCursor().query.isEmpty)
    }

    @Test func `a page without new docs is asked for under the older name, then given up`() {
        var cursor = DocCursor()
        #expect(cursor.advance(newDocs: 2, next: "a") == .next(.cursor("a")))
        #expect(cursor.advance(newDocs: 0, next: "b") == .next(.nextCursor("a")))
        #expect(cursor.advance(newDocs: 1, next: "b") == .next(.nextCursor("b")))
        #expect(cursor.advance(newDocs: 1, next: "a") == .incomplete)
    }

    @Test func `an empty first page is followed`() {
        var cursor = DocCursor()
        #expect(cursor.advance(newDocs: 0, next: "a") == .next(.cursor("a")))
    }
}

@Suite struct PageWalkTests {
    @Test func `pages come parents first, in order, with their place`() throws {
        let answer = try JSONValue(
            parsing: Array(
                #"[{"id":"a","name":"A","pages":[{"id":"b","name":"B"},{"id":"c"}]},{"id":"d"},{"id":"a"}]"#
                    .utf8))
        let pages = Array(try PageWalk(answer))
        #expect(pages.map(\.id) == ["a", "b", "c", "d"])
        #expect(pages.map(\.position) == [0, 0, 1, 1])
        #expect(pages.map(\.parentID) == [nil, "a", "a", nil])
        #expect(pages[2].ancestors == ["A"])
        #expect(!pages[0].members.contains { $0.name == "pages" })
    }

    @Test func `what lies below a deleted page moves up`() throws {
        let answer = try JSONValue(
            parsing: Array(
                #"[{"id":"a","deleted":true,"pages":[{"id":"b"},{"id":"c","deleted":true}]}]"#.utf8)
        )
        let pages = Array(try PageWalk(answer))
        #expect(pages.map(\.id) == ["b"] && pages.first?.parentID == nil)
    }

    @Test func `nesting may be hundreds of levels deep`() throws {
        var text = ""
        for level in 0..<400 { text += #"[{"id":"\#(level)","name":"n","pages":"# }
        text += "[]" + String(repeating: "}]", count: 400)
        let pages = Array(try PageWalk(try JSONValue(parsing: Array(text.utf8))))
        #expect(pages.count == 400 && pages.last?.ancestors.count == 399)
    }

    @Test(arguments: ["{}", "null", #"[{"name":"x"}]"#, #"[{"id":"a","pages":[{"id":""}]}]"#])
    func `what cannot be stored whole is refused before anything is stored`(text: String) throws {
        let answer = try JSONValue(parsing: Array(text.utf8))
        #expect(throws: UpstreamError.self) { try PageWalk(answer) }
    }
}

@Suite struct RevisionTests {
    private func revision(_ text: String, _ space: Space? = Space(id: "1", name: "S")) throws
        -> String?
    {
        try Doc(JSONValue(parsing: Array(text.utf8)))?.revision(in: space)
    }

    @Test func `a revision changes with all that is stored of a doc`() throws {
        let base = #"{"id":"d","name":"N","date_updated":5}"#
        let other = [
            try revision(base), try revision(#"{"id":"d","name":"N","date_updated":6}"#),
            try revision(#"{"id":"d","name":"M","date_updated":5}"#),
            try revision(#"{"id":"d","name":"N","date_updated":5,"archived":true}"#),
            try revision(#"{"id":"d","name":"N","date_updated":5,"parent":{"id":"1","type":4}}"#),
            try revision(base, nil), try revision(base, Space(id: "1", name: "T")),
        ]
        #expect(Set(other).count == other.count)
        #expect(try revision(base) == revision(#"{"date_updated":"5","id":"d","x":1,"name":"N"}"#))
    }

    @Test func `without a date there is none`() throws {
        #expect(
            try revision(#"{"id":"d"}"#) == nil
                && revision(#"{"id":"d","date_updated":null}"#) == nil)
    }
}
