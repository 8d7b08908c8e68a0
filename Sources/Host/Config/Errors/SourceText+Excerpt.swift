extension SourceText {
    /// The error at its place, its line shown without what the spans cover.
    func error(_ problem: Problem, hiding hidden: [SourceSpan]) -> ConfigurationError {
        error(problem, in: scalars(ofLine: problem.location.line), hiding: hidden)
    }

    /// All of them in the order of their places, each text once.
    func errors(_ problems: [Problem], hiding hidden: [SourceSpan]) -> ConfigurationErrors {
        // `sorted` is stable.
        let sorted = problems.sorted { $0.location < $1.location }
        var shown: [ConfigurationError] = []
        var line: (number: Int, scalars: [Unicode.Scalar]) = (0, [])
        for problem in sorted.prefix(ConfigurationErrors.maximum) {
            if problem.location.line != line.number {
                line = (problem.location.line, scalars(ofLine: problem.location.line))
            }
            let error = error(problem, in: line.scalars, hiding: hidden)
            // What stands behind an alias is judged once for each use.
            if !shown.contains(error) { shown.append(error) }
        }
        return ConfigurationErrors(
            shown, omitted: max(0, sorted.count - ConfigurationErrors.maximum))
    }

    private func error(
        _ problem: Problem, in line: [Unicode.Scalar], hiding hidden: [SourceSpan]
    ) -> ConfigurationError {
        let excerpt = Excerpt(line, at: problem.location, hiding: hidden)
        return ConfigurationError(
            file: file, line: problem.location.line, column: problem.location.column,
            message: problem.message, hint: problem.hint,
            sourceLine: String(String.UnicodeScalarView(excerpt.shown.map(printable))),
            caretOffset: excerpt.caret)
    }
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

    init(_ line: [Unicode.Scalar], at location: SourceLocation, hiding hidden: [SourceSpan]) {
        self.line = line
        target = min(location.column - 1, line.count)
        let first = max(0, target - Self.reach)
        let end = min(line.count, target + Self.reach)
        column = first
        let ranges = hidden.map { $0.columns(inLine: location.line, of: line.count) }
            .filter { !$0.isEmpty && $0.upperBound > first && $0.lowerBound < end }
            .sorted { $0.lowerBound < $1.lowerBound }
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
