import Screen
import Terminal
import Testing

@Suite("Lines that are drawn in the same place")
struct LiveRegionTests {
    private static let size = LiveRegion.Size(columns: 40, rows: 10)

    private static func lines(_ texts: String...) -> [Line] { texts.map { Line($0) } }

    @Test func `a drawing covers the one before, whichever is larger`() {
        var screen = Screen(columns: 40, rows: 10)
        var region = LiveRegion()
        screen.write("$ integrationd\r\n")
        for lines in [Self.lines("one", "two", "three"), Self.lines("1"), Self.lines("a longer one", "2", "3", "4")] {
            screen.write(region.draw(lines, size: Self.size, style: .bare))
            #expect(screen.text == ["$ integrationd"] + lines.map(\.text) + [""])
        }
    }

    @Test func `lines above stay, and the end replaces the region`() {
        var screen = Screen(columns: 40, rows: 10)
        var region = LiveRegion()
        screen.write(region.draw(Self.lines("view", "more"), size: Self.size, style: .bare))
        screen.write(
            region.draw(Self.lines("view", "more"), above: Self.lines("! one failed"), size: Self.size, style: .bare))
        #expect(screen.text == ["! one failed", "view", "more", ""])
        screen.write(region.replace(with: Self.lines("done"), size: Self.size, style: .bare))
        #expect(screen.text == ["! one failed", "done", ""])
    }

    @Test func `a region never takes more rows than there are, nor more columns`() {
        var screen = Screen(columns: 10, rows: 4)
        var region = LiveRegion()
        let size = LiveRegion.Size(columns: 10, rows: 4)
        for round in 1...3 {
            let lines = (1...8).map { Line("line \($0) of round \(round)") }
            screen.write(region.draw(lines, size: size, style: .bare))
        }
        #expect(screen.text == ["line 1 o…", "line 2 o…", "line 3 o…", ""])
    }

    @Test func `lines that a narrower terminal has broken are covered too`() {
        var region = LiveRegion()
        _ = region.draw(Self.lines(String(repeating: "x", count: 30), "short"), size: Self.size, style: .bare)
        // 30 cells are 3 rows of 12 columns, and the short line is one.
        let text = region.draw(Self.lines("new"), size: .init(columns: 12, rows: 10), style: .bare)
        #expect(text.hasPrefix("\r\u{1B}[4A"))
    }
}
