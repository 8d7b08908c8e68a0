/// A place in the file.  Both count from 1; a column is one Unicode scalar.
package struct SourceLocation: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// From one place up to, and without, another.
struct SourceSpan: Sendable, Hashable {
    var start: SourceLocation
    var end: SourceLocation

    /// The columns, counted from 0, that the span covers in a line of so many columns.
    func columns(inLine line: Int, of width: Int) -> Range<Int> {
        guard (start.line...end.line).contains(line) else { return 0..<0 }
        let first = line == start.line ? min(start.column - 1, width) : 0
        let last = line == end.line ? min(end.column - 1, width) : width
        return first..<max(first, last)
    }
}
