import PluginKit

/// An answer of the docs' listing.
struct DocListingPage: Sendable {
    var docs: [Doc]
    var next: String?

    init(_ answer: JSONValue) throws {
        docs = try answer.list("docs").map { value in
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
    /// A page of it could not be had.
    private(set) var wasGivenUp = false

    /// Where a listing stands.
    struct Mark: Sendable, Equatable {
        var archived: Bool
        var position: DocCursor.Position
    }

    init(includeArchived: Bool, from mark: Mark? = nil) {
        archived = includeArchived ? [false, true] : [false]
        guard let mark else { return }
        archived.removeAll { mark.archived && !$0 }
        cursor = DocCursor(mark.position)
    }

    /// One that has been read to its end.
    static var ended: DocListing {
        var listing = DocListing(includeArchived: false)
        listing.archived = []
        return listing
    }

    /// It goes on after a page that was read.
    var isUnderWay: Bool { !archived.isEmpty && cursor.position != .first }

    /// nil at the end.
    var mark: Mark? { archived.first.map { Mark(archived: $0, position: cursor.position) } }

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

    mutating func giveUp() {
        (isIncomplete, wasGivenUp) = (true, true)
        archived = []
    }

    private mutating func endListing() {
        archived.removeFirst()
        cursor = DocCursor()
        seenHere = []
    }
}

extension DocListing.Mark {
    init?(_ json: JSONValue) {
        guard let archived = json["archived"]?.bool else { return nil }
        let position: DocCursor.Position? =
            json["cursor"]?.string.map { .cursor($0) } ?? json["next_cursor"]?.string.map { .nextCursor($0) }
        self.init(archived: archived, position: position ?? .first)
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("archived", .bool(archived))]
        switch position {
        case .first: break
        case .cursor(let text): members.append(.init("cursor", .string(text)))
        case .nextCursor(let text): members.append(.init("next_cursor", .string(text)))
        }
        return .object(members)
    }
}

/// How far the docs of a workspace are listed and done.
struct DocsMark: Sendable, Equatable {
    /// nil: all are listed.
    var listing: DocListing.Mark?
    /// What is listed and not done.
    var queue: QueueMark
}

extension DocsMark {
    init?(_ json: JSONValue) {
        guard let queue = json["queue"].flatMap(QueueMark.init) else { return nil }
        self.init(listing: json["listing"].flatMap(DocListing.Mark.init), queue: queue)
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("queue", queue.json)]
        if let listing { members.append(.init("listing", listing.json)) }
        return .object(members)
    }
}
