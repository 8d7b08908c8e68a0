/// Rows in columns.
package struct Table: Sendable {
    private var rows: [[Line]]
    /// Columns whose texts end at the same place: numbers.
    private let numbers: Set<Int>

    package init(_ titles: [String], numbers: Set<Int> = []) {
        rows = [titles.map { Line($0, .dim) }]
        self.numbers = numbers
    }

    package mutating func add(_ cells: [Line]) { rows.append(cells) }

    /// - Parameter columns: of the terminal; nil: nothing is cut.
    package func lines(columns: Int? = nil) -> [Line] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].width : 0 }.max() ?? 0
        }
        return rows.map { cells in
            var line = Line()
            for (column, cell) in cells.enumerated() {
                if column > 0 { line.add("  ") }
                let space = String(repeating: " ", count: widths[column] - cell.width)
                if numbers.contains(column) { line.add(space) }
                for span in cell.spans { line.add(span.text, span.role) }
                if !numbers.contains(column), column < cells.count - 1 { line.add(space) }
            }
            return columns.map { line.cut(to: $0) } ?? line
        }
    }
}
