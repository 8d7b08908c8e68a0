import Core
import Testing

@Suite struct ServerSentEventTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func fields(_ bytes: [UInt8]) -> [String] {
        text(bytes).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    @Test func `a block is id, event, data and a blank line, byte for byte`() {
        let block = ServerSentEvent.block(id: "run.1", event: "progress", data: #"{"step":"starting"}"#)
        #expect(text(block) == "id: run.1\nevent: progress\ndata: {\"step\":\"starting\"}\n\n")
    }

    @Test func `the time before a reconnection stands inside the block, in front`() {
        let block = ServerSentEvent.block(id: "a.1", event: "progress", data: "{}", retryMilliseconds: 2000)
        #expect(text(block) == "retry: 2000\nid: a.1\nevent: progress\ndata: {}\n\n")
    }

    @Test(arguments: [
        ("a\r\nb", ["a", "b"]), ("a\nb", ["a", "b"]), ("a\rb", ["a", "b"]),
        ("a\n\rb", ["a", "", "b"]), ("a\r\r\nb", ["a", "", "b"]), ("\r\n\r\n", ["", "", ""]),
        ("", [""]), ("\n", ["", ""]), ("a\n", ["a", ""]), ("\na", ["", "a"]),
        ("e\u{301}\r\n\u{301}e", ["e\u{301}", "\u{301}e"]),
    ])
    func `data is split on CRLF, CR and LF`(data: String, lines: [String]) {
        let block = fields(ServerSentEvent.block(id: "a.1", event: "e", data: data))
        let expected = lines.map { "data: " + $0 } + ["", ""]
        #expect(block.dropFirst(2).map { Array($0.unicodeScalars) } == expected.map { Array($0.unicodeScalars) })
    }

    @Test func `line separators of Unicode, NEL and form feeds do not split data`() {
        let data = "a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f"
        let events = EventStreamParser.events(in: ServerSentEvent.block(id: "a.1", event: "e", data: data))
        #expect(events == [.init(id: "a.1", event: "e", data: data)])
    }

    @Test(arguments: ["\r", "\n", "\r\n", "\0", "\n\n", "\r\ndata: forged\r\n\r\n"])
    func `line breaks and NUL never reach id or event`(poison: String) {
        let block = ServerSentEvent.block(id: "run\(poison).7", event: "pro\(poison)gress", data: "{}")
        #expect(fields(block).count == 5)
        #expect(!block.contains(13) && !block.contains(0))
        #expect(EventStreamParser.events(in: block).map(\.data) == ["{}"])
    }

    @Test func `data cannot forge a field`() {
        let data = "x\nid: forged\nevent: complete\ndata: y\n\nretry: 1\n: comment"
        let events = EventStreamParser.events(in: ServerSentEvent.block(id: "a.1", event: "progress", data: data))
        #expect(events == [.init(id: "a.1", event: "progress", data: data)])
    }

    @Test func `the heartbeat is one comment line and fires nothing`() {
        #expect(ServerSentEvent.heartbeat == [UInt8(ascii: ":"), UInt8(ascii: "\n")])
        var parser = EventStreamParser()
        parser.take(ServerSentEvent.heartbeat)
        parser.take(ServerSentEvent.block(id: "a.1", event: "progress", data: "{}"))
        parser.take(ServerSentEvent.heartbeat)
        #expect(parser.events == [.init(id: "a.1", event: "progress", data: "{}")])
    }

    @Test func `a heartbeat inside a block is a fault that would not lose the block`() {
        var parser = EventStreamParser()
        let block = ServerSentEvent.block(id: "a.1", event: "progress", data: "one\ntwo")
        let lineEnd = block.firstIndex(of: 10)! + 1
        parser.take(block[..<lineEnd] + ServerSentEvent.heartbeat + block[lineEnd...])
        #expect(parser.events.map(\.data) == ["one\ntwo"])
    }

    @Test func `any chunking of the bytes parses alike`() {
        let data = ["{\"a\":\"é\"}", "x\r\ny\rz\n", "", "  leading", "👩‍👩‍👧\n:colon", "data: data"]
        var bytes: [UInt8] = []
        for (index, each) in data.enumerated() {
            bytes += ServerSentEvent.block(
                id: "run.\(index + 1)", event: "progress", data: each,
                retryMilliseconds: index == 0 ? 2000 : nil)
            bytes += ServerSentEvent.heartbeat
        }
        let whole = EventStreamParser.events(in: bytes)
        #expect(whole.map(\.data) == data.map { $0.replacing("\r\n", with: "\n").replacing("\r", with: "\n") })
        for size in 1...bytes.count {
            var parser = EventStreamParser()
            for start in stride(from: 0, to: bytes.count, by: size) {
                parser.take(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(parser.events == whole, "in pieces of \(size) bytes")
        }
    }

    @Test func `random data arrives as it was sent, with its line ends as line feeds`() {
        let alphabet: [Unicode.Scalar] = ["a", ":", " ", "\r", "\n", "é", "\u{301}", "😀", "\0", "\u{FEFF}", "\u{2028}"]
        for _ in 0..<20_000 {
            var data = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0..<12) { data.append(alphabet.randomElement()!) }
            let events = EventStreamParser.events(
                in: ServerSentEvent.block(id: "run.1", event: "progress", data: String(data)))
            var expected = String.UnicodeScalarView()
            for (index, scalar) in zip(data.indices, data) {
                if scalar == "\n", index > data.startIndex, data[data.index(before: index)] == "\r" { continue }
                expected.append(scalar == "\r" ? "\n" : scalar)
            }
            #expect(events.count == 1)
            #expect(events.first.map { Array($0.data.utf8) } == Array(String(expected).utf8))
        }
    }
}
