import PluginKit

/// An answer of the docs' listing.
struct DocListingPage: Sendable {
    var docs: [Doc]
    var next: String?

    init(_ answer: JSONValue) throws {
        guard let docs = answer["docs"]?.array else {
            throw UpstreamError(
                kind: .invalidAnswer, message: "ClickUp's answer for the docs is no list.")
        }
        self.docs = try docs.map { value in
            guard let doc = Doc(value) else {
                throw UpstreamError(
                    kind: .invalidAnswer, message: "ClickUp's answer holds a doc without an id.")
            }
            return doc
        }
        next = answer["next_cursor"]?.text
    }
}

/// All docs of a workspace: the listing of those in use, then that of the archived ones, each
/// doc once. A value without requests of its own.
struct DocListing {
    private var archived: [Bool]
    private var cursor = DocCursor()
    /// Of this listing, for the guard against circles: a service that ignores `archived` lists
    /// the same docs twice, and that is no circle.
    private var seenHere: Set<String> = []
    private var seen: Set<String> = []
    /// Some docs could not be listed.
    private(set) var isIncomplete = false

    init(includeArchived: Bool) { archived = includeArchived ? [false, true] : [false] }

    /// The next request's parameters; nil at the end.
    var query: [(name: String, value: String)]? {
        guard let isArchived = archived.first else { return nil }
        let base = [("limit", "100"), ("archived", "\(isArchived)"), ("deleted", "false")]
        return base.map { (name: $0.0, value: $0.1) } + cursor.query
    }

    /// Takes the answer to `query`; returns the docs in it that are new.
    mutating func accept(_ page: DocListingPage) -> [Doc] {
        let newHere = page.docs.filter { seenHere.insert($0.id).inserted }
        switch cursor.advance(newDocs: newHere.count, next: page.next) {
        case .next: break
        case .end: endListing()
        case .incomplete:
            isIncomplete = true
            endListing()
        }
        return newHere.filter { seen.insert($0.id).inserted }
    }

    private mutating func endListing() {
        archived.removeFirst()
        cursor = DocCursor()
        seenHere = []
    }
}
