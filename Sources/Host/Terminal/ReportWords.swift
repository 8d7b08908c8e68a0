package import Core

/// What a run's report says in words, below its numbers.
package enum ReportWords {
    /// Reasons that are shown.
    private static let most = 10

    /// - Parameter result: of a run; nil: it has none yet.
    package static func lines(of result: JSONValue?) -> [Line] {
        let report = result?["report"]?.elements ?? []
        let others = report.count - most
        return report.prefix(most).map { line in
            Line(line["message"]?.stringValue ?? "", line["kind"]?.stringValue == "failed" ? .bad : .dim)
        } + (others > 0 ? [Line("and \(others) more: integrationd runs RUN --json", .dim)] : [])
    }
}
