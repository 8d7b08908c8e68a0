import Client
import Testing

@Suite("The parser of event streams")
struct EventStreamParserTests {
    private typealias Event = EventStreamParser.Event

    private static func events(_ text: String, piece: Int = .max) -> [Event] {
        var parser = EventStreamParser()
        let bytes = Array(text.utf8)
        var events: [Event] = []
        for start in stride(from: 0, to: bytes.count, by: min(piece, max(bytes.count, 1))) {
            bytes[start..<min(bytes.count, start + min(piece, bytes.count))].withUnsafeBytes {
                events += parser.feed($0)
            }
        }
        return events
    }

    @Test func `an event has a type, data and an id, and what it lacks is as the standard says`() {
        #expect(
            Self.events("id: r.1\nevent: progress\ndata: {\"a\":1}\n\ndata: x\n\n") == [
                Event(type: "progress", data: "{\"a\":1}", id: "r.1"), Event(type: "message", data: "x", id: "r.1"),
            ])
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func `lines end in any of three ways, and bytes may be cut anywhere`(end: String) {
        let text = [
            "\u{FEFF}retry: 2000", ": hello", "id: 1", "event: é", "data: a", "data:b", "", "", "data: c", "", "",
        ]
        .joined(separator: end)
        let expected = [Event(type: "é", data: "a\nb", id: "1"), Event(type: "message", data: "c", id: "1")]
        for piece in 1...9 { #expect(Self.events(text, piece: piece) == expected, "\(piece) bytes at a time") }
    }

    @Test func `comments, blocks without data, unknown fields and an unfinished block fire nothing`() {
        #expect(Self.events(":\n\n:\nevent: progress\n\nfoo: bar\n\nid: 1\n\ndata: not over\n").isEmpty)
    }

    @Test func `an id with NUL is ignored, and an id stays for blocks without one`() {
        let events = Self.events("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n")
        #expect(events.map(\.id) == ["1", "1", ""])
    }

    @Test func `retry is taken as milliseconds, and only from digits`() {
        var parser = EventStreamParser()
        func feed(_ text: String) { Array(text.utf8).withUnsafeBytes { _ = parser.feed($0) } }
        feed("retry: 2000\n")
        #expect(parser.retry == .seconds(2))
        feed("retry: soon\nretry:\nretry: 99999999999\n")
        #expect(parser.retry == .seconds(2))
    }
}
