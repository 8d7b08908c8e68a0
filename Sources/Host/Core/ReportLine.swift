/// One reason why documents of a collection, or parts of it, were not imported, and how many it concerns.
package struct ReportLine: Sendable, Equatable {
    package var kind: ReportedDocument.Kind
    package var collection: String?
    package var code: String
    /// Of documents each counts once, whatever was said of it.
    package var count: Int64
    /// What was said of the first of them, or of the first few.
    package var message: String
    /// It is not about documents that are named: a listing, or the like.
    package var isOfParts: Bool

    /// The code of deletions that the host withheld, as they are too many.
    package static let massDelete = "mass-delete"
    /// Of what was left out or is noted, the message holds what was said of so many.
    package static let named = 5

    package init(
        kind: ReportedDocument.Kind, collection: String?, code: String, count: Int64, message: String,
        isOfParts: Bool = false
    ) {
        self.kind = kind
        self.collection = collection
        self.code = code
        self.count = count
        self.message = message
        self.isOfParts = isOfParts
    }

    /// For a person.
    package var sentence: String {
        guard count > 1 else { return message }
        let noun = collection.map { $0.replacing("_", with: " ") } ?? "documents"
        return switch kind {
        case .failed where code == Self.massDelete:
            "Deletions in \(count) parts of \(noun) were withheld. The first: \(message)"
        case .failed where isOfParts: "\(count) parts of \(noun) could not be imported. The first: \(message)"
        case .failed: "\(count) \(noun) could not be imported. The first: \(message)"
        case .skipped where isOfParts || count > Int64(Self.named):
            "\(count) \(noun) were left out. The first: \(message)"
        case .skipped: "\(count) \(noun) were left out. \(message)"
        case .note where isOfParts: "\(message) (said \(count) times)"
        case .note: count > Int64(Self.named) ? "\(message) And \(count - Int64(Self.named)) more." : message
        }
    }
}
