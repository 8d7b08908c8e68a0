extension SourceText {
    /// The error at its place, its line shown without what the spans cover.
    func error(_ problem: Problem, hiding hidden: [SourceSpan]) -> ConfigurationError {
        error(problem, in: line(problem.location.line, hiding: hidden))
    }

    /// All of them in the order of their places, each text once.
    func errors(_ problems: [Problem], hiding hidden: [SourceSpan]) -> ConfigurationErrors {
        // `sorted` is stable.
        let sorted = problems.sorted { $0.location < $1.location }
        var shown: [ConfigurationError] = []
        var line = line(0, hiding: [])
        for problem in sorted.prefix(ConfigurationErrors.maximum) {
            if problem.location.line != line.number {
                line = self.line(problem.location.line, hiding: hidden)
            }
            let error = error(problem, in: line)
            // What stands behind an alias is judged once for each use.
            if !shown.contains(error) { shown.append(error) }
        }
        return ConfigurationErrors(
            shown, omitted: max(0, sorted.count - ConfigurationErrors.maximum))
    }

    private func line(_ number: Int, hiding hidden: [SourceSpan]) -> Line {
        let scalars = scalars(ofLine: number)
        let ranges = hidden.map { $0.columns(inLine: number, of: scalars.count) }
            .filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        return Line(number: number, scalars: scalars, hidden: ranges)
    }

    private func error(_ problem: Problem, in line: Line) -> ConfigurationError {
        let excerpt = Excerpt(line, at: problem.location)
        return ConfigurationError(
            file: file, line: problem.location.line, column: problem.location.column,
            message: problem.message, hint: problem.hint,
            sourceLine: String(String.UnicodeScalarView(excerpt.shown.map(printable))),
            caretOffset: excerpt.caret)
    }
}

/// A line and the columns, counted from 0, that must not be shown.
private struct Line {
    var number: Int
    var scalars: [Unicode.Scalar]
    var hidden: [Range<Int>]
}

/// A line as it is shown below an error.
private struct Excerpt {
    /// Characters that are shown; of a longer line, those around the caret.
    private static let maximumWidth = 160
    /// Characters to either side of the caret that are looked at.
    private static let reach = 500

    private(set) var shown: [Unicode.Scalar] = []
    /// How many characters stand before the caret.
    private(set) var caret = 0

    private let line: [Unicode.Scalar]
    private let target: Int
    private var column: Int

    init(_ source: Line, at location: SourceLocation) {
        line = source.scalars
        target = min(location.column - 1, line.count)
        let first = max(0, target - Self.reach)
        let end = min(line.count, target + Self.reach)
        column = first
        let ranges = source.hidden.filter { $0.upperBound > first && $0.lowerBound < end }
        for range in ranges {
            copy(upTo: min(range.lowerBound, end))
            mask(upTo: min(range.upperBound, end))
        }
        // A comment behind a secret may hold an older one.
        let rest = line[column...].drop { $0 == " " || $0 == "\t" }
        if ranges.isEmpty || rest.first != "#" { copy(upTo: end) }
        if target >= column { caret = shown.count }
        crop(isCutBefore: first > 0, isCutAfter: end < line.count)
    }

    private mutating func copy(upTo end: Int) {
        guard column < end else { return }
        if (column..<end).contains(target) { caret = shown.count + target - column }
        shown += line[column..<end]
        column = end
    }

    private mutating func mask(upTo end: Int) {
        guard column < end else { return }
        // The indentation of a continued scalar is no secret.
        copy(upTo: line[column..<end].firstIndex { $0 != " " } ?? column)
        if (column..<end).contains(target) { caret = shown.count }
        shown += Array("***".unicodeScalars)
        column = end
    }

    private mutating func crop(isCutBefore: Bool, isCutAfter: Bool) {
        let first = max(0, min(caret - Self.maximumWidth / 2, shown.count - Self.maximumWidth))
        let end = min(shown.count, first + Self.maximumWidth)
        let after = isCutAfter || end < shown.count
        let before = isCutBefore || first > 0
        shown = (before ? ["…"] : []) + shown[first..<end] + (after ? ["…"] : [])
        caret += (before ? 1 : 0) - first
    }
}
