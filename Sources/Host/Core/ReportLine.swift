/// One reason why documents of a collection were not imported, and how many it concerns.
package struct ReportLine: Sendable, Equatable {
    package var kind: ReportedDocument.Kind
    package var collection: String?
    package var code: String
    package var count: Int64
    /// What was said of the first of them.
    package var message: String

    package init(
        kind: ReportedDocument.Kind, collection: String?, code: String, count: Int64, message: String
    ) {
        self.kind = kind
        self.collection = collection
        self.code = code
        self.count = count
        self.message = message
    }

    /// For a person.
    package var sentence: String {
        guard count > 1 else { return message }
        let noun = collection ?? "documents"
        return switch kind {
        case .failed: "\(count) \(noun) could not be imported. The first: \(message)"
        case .skipped: "\(count) \(noun) were left out. The first: \(message)"
        case .note: "\(message) (said \(count) times)"
        }
    }
}
