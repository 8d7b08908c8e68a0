package import Core
import GRDB

extension SQLiteStore {
    /// With its content; also one that was deleted.
    package func document(_ id: String, tenant: Tenant) async throws -> StoredDocument? {
        try await read("read the document \(id)") { db in
            try db.row(
                """
                SELECT \(DocumentRecord.columns(includesContent: true))
                FROM documents INDEXED BY documents_by_id
                WHERE organization = ? AND project = ? AND id = \(textPlaceholder)
                """, [tenant.organization, tenant.project, Text(id)], DocumentRecord.decode)
        }
    }

    /// Bytes of content by which a page ends, whatever its limit: an answer is put together in
    /// memory.
    private static let pageBudget = 8 << 20

    package func documents(_ query: DocumentQuery) async throws -> Page<StoredDocument> {
        let order = try DocumentOrder(query)
        var clauses = ["organization = ?", "project = ?"]
        var arguments: StatementArguments = [query.tenant.organization, query.tenant.project]
        if let integration = query.integration {
            clauses.append("integration = ?")
            arguments += [integration]
        }
        if let collection = query.collection {
            clauses.append("collection = \(textPlaceholder)")
            arguments += [Text(collection)]
        }
        clauses += order.clauses
        arguments += order.arguments
        let limit = bounded(query.limit)
        // The index is named, since without statistics SQLite prefers one that matches more
        // columns, and then sorts the whole collection for every page.
        let sql = """
            SELECT \(DocumentRecord.columns(includesContent: query.includesContent))
            FROM documents INDEXED BY \(order.index)
            WHERE \(clauses.joined(separator: " AND "))
            ORDER BY \(order.column) LIMIT \(limit + 1)
            """
        return try await read("list documents") { [arguments] db in
            let found = try db.rows(
                sql, arguments, budget: Self.pageBudget, size: { $0.draft.content.utf8.count },
                DocumentRecord.decode)
            // A page that its size ended goes on behind its last document, if only to find no more.
            let shown = found.isCut ? min(limit, found.rows.count) : limit
            let isLast = !found.isCut && found.rows.count <= limit
            let items = Array(found.rows.prefix(shown))
            return Page(items: items, next: isLast ? nil : items.last.map(order.cursor))
        }
    }
}

/// In which order documents are listed, and from where.
private struct DocumentOrder: Sendable {
    let column: String
    let index: String
    private(set) var clauses: [String] = []
    private(set) var arguments: StatementArguments = []

    init(_ query: DocumentQuery) throws {
        let cursor = try query.after.map { try Cursor($0) }
        switch (query.changedAfter, cursor) {
        case (let change?, nil): self.init(changedAfter: change)
        case (let change?, .change(let seen)): self.init(changedAfter: max(change, seen))
        case (nil, nil): self.init(idAfter: nil)
        case (nil, .document(let id)): self.init(idAfter: id)
        default: throw StorageError.badCursor
        }
    }

    private init(changedAfter change: Int64) {
        column = "change"
        index = "documents_by_change"
        clauses = ["change > ?"]
        arguments = [change]
    }

    private init(idAfter id: String?) {
        column = "id"
        index = "documents_by_id"
        clauses = ["deleted_at IS NULL"]
        if let id {
            clauses.append("id > ?")
            arguments = [id]
        }
    }

    func cursor(_ document: StoredDocument) -> String {
        column == "id" ? Cursor.document(id: document.id).text : Cursor.change(document.change).text
    }
}
