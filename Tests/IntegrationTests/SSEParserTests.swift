import Testing

/// The reader that judges the daemon has to be right itself.
@Suite("The tests' own reader of event streams")
struct SSEParserTests {
    private static let stream = Array(
        ("\u{FEFF}retry: 2000\rid: a.1\r\nevent: progress\ndata: one\r\ndata:two\rdata\r\n\r\n"
            + ": comment\n:\nid\ndata: é\n\n").utf8)

    @Test func `any chunking of the bytes parses alike`() {
        var whole = SSEParser()
        let expected = whole.feed(Self.stream)
        #expect(expected.map(\.data) == ["one\ntwo\n", "é"])
        #expect(expected.map(\.type) == ["progress", "message"])
        #expect(expected.map(\.lastEventID) == ["a.1", ""])
        for first in 0...Self.stream.count {
            for second in stride(from: first, through: Self.stream.count, by: 5) {
                var parser = SSEParser()
                let events =
                    parser.feed(Self.stream[..<first]) + parser.feed(Self.stream[first..<second])
                    + parser.feed(Self.stream[second...])
                #expect(events == expected)
                #expect(parser.retry == 2000)
                #expect(parser.comments == [" comment", ""])
            }
        }
    }

    @Test func `a block without data fires nothing and keeps its id`() {
        var parser = SSEParser()
        #expect(parser.feed(Array("id: 7\nevent: progress\n\ndata: x\n\n".utf8)).map(\.lastEventID) == ["7"])
    }

    @Test func `an id with NUL and a retry that is no number are ignored`() {
        var parser = SSEParser()
        #expect(parser.feed(Array("id: 1\nid: 2\u{0}3\nretry: 2s\ndata: x\n\n".utf8)).map(\.lastEventID) == ["1"])
        #expect(parser.retry == nil)
    }

    @Test func `what is not ended by a blank line is not an event`() {
        var parser = SSEParser()
        #expect(parser.feed(Array("data: x\n".utf8)).isEmpty)
    }
}
