import Testing

@testable import PluginHost

@Suite struct OutputLinesTests {
    private func lines(_ pieces: [[UInt8]]) -> [String] {
        var lines = OutputLines()
        var found: [String] = []
        for piece in pieces { found += piece.withUnsafeBytes { lines.take($0) } }
        return found + lines.rest()
    }

    private func lines(_ text: String) -> [String] { lines([Array(text.utf8)]) }

    @Test func `output is cut at line feeds, empty lines left out`() {
        #expect(lines("a\nb\n\nc") == ["a", "b", "c"])
        #expect(lines("\n\n\n") == [])
        #expect(lines("") == [])
        #expect(lines("a\r\nb\r\n") == ["a", "b"])
        #expect(lines("50 %\r100 %\n") == ["50 %\r100 %"])
    }

    @Test func `in whatever pieces it comes, the lines are the same`() {
        let text = Array("first\nsecond é 😀\n\r\nthird\r\n\nlast".utf8)
        for size in 1...text.count {
            let pieces = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
            #expect(lines(pieces) == ["first", "second é 😀", "third", "last"], "in pieces of \(size)")
        }
    }

    @Test func `a line is bounded, and the next one is whole again`() {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        let found = lines([long, long, Array("\nnext\n".utf8)])
        #expect(found.map(\.utf8.count) == [OutputLines.limit, 4])
    }

    @Test func `bytes that are no text become text`() {
        #expect(lines([[0xFF, 0x61, 0x0A, 0xC3], [0xA9, 0x0A]]) == ["\u{FFFD}a", "é"])
    }
}
