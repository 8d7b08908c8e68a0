/// The last lines of a terminal, drawn again and again in the same place.  What is above them stays.
///
/// Between two drawings the cursor stands at the beginning of the line below, visible, and no mode of the terminal is
/// changed: whatever ends the program, the terminal is as it was.
package struct LiveRegion: Sendable {
    package struct Size: Sendable, Equatable {
        package var columns: Int
        package var rows: Int

        package init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// The widths of the lines that stand there, in cells.
    private var drawn: [Int] = []

    package init() {}

    /// What to write to draw these lines over the last ones.
    ///
    /// - Parameter above: lines that stay, above the region.
    package mutating func draw(_ lines: [Line], above: [Line] = [], size: Size, style: Style) -> String {
        // A line that fills the last column makes some terminals wrap.
        let width = max(1, size.columns - 1)
        // The cursor needs a row too.
        let shown = lines.prefix(max(0, size.rows - 1)).map { $0.cut(to: width) }
        var text = goToTop(columns: size.columns)
        for line in above { text += style.render(line) + "\u{1B}[K\r\n" }
        for line in shown { text += style.render(line) + "\u{1B}[K\r\n" }
        drawn = shown.map(\.width)
        return text + "\u{1B}[J"
    }

    /// Removes the region and writes lines that stay.
    package mutating func replace(with lines: [Line], size: Size, style: Style) -> String {
        draw([], above: lines, size: size, style: style)
    }

    /// A terminal that became narrower has broken the lines that stand there.
    private func goToTop(columns: Int) -> String {
        let columns = max(1, columns)
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        return rows > 0 ? "\r\u{1B}[\(rows)A" : "\r"
    }
}
