import Core
import GRDB

/// How a document stands in its row.
enum DocumentRecord {
    /// What a draft determines, beside the key.
    private static let draftColumns: [(name: String, isText: Bool)] = [
        ("content_hash", true), ("revision", true), ("scope", true),
        ("parent_collection", true), ("parent_id", true), ("position", false),
        ("title", true), ("content_type", true), ("url", true), ("created_at", true),
        ("updated_at", true), ("path", true), ("authors", true), ("metadata", true),
    ]

    private static func draftArguments(_ draft: DocumentDraft) -> StatementArguments {
        [
            Text(draft.contentHash), Text(draft.revision), Text(draft.scope),
            Text(draft.parent?.collection), Text(draft.parent?.externalID), draft.position,
            Text(draft.title), Text(draft.contentType), Text(draft.url), Text(draft.createdAt),
            Text(draft.updatedAt), Text(JSONValue.array(draft.path.map { .string($0) }).text),
            Text(draft.authors), Text(draft.metadata),
        ]
    }

    // MARK: Writing

    /// Returns the number of the row.
    static func insert(_ document: StoredDocument, _ db: Database) throws -> Int64 {
        try db.perform(
            insertion,
            [
                document.id, document.tenant.organization, document.tenant.project,
                document.integration, Text(document.draft.key.collection),
                Text(document.draft.key.externalID), document.change,
                document.syncedAt.milliseconds,
            ] + draftArguments(document.draft))
        let row = db.lastInsertedRowID
        try write(document.draft.content, row: row, db)
        return row
    }

    /// Puts a draft in the place of what stands there, be it a tombstone.
    static func replace(
        row: Int64, with draft: DocumentDraft, change: Int64, at time: Timestamp, _ db: Database
    ) throws {
        try db.perform(
            replacement, [change, time.milliseconds] + draftArguments(draft) + [row])
        try write(draft.content, row: row, db)
    }

    private static func write(_ content: String, row: Int64, _ db: Database) throws {
        try db.perform(
            """
            INSERT INTO contents (row, content) VALUES (?, \(textPlaceholder))
            ON CONFLICT DO UPDATE SET content = excluded.content
            """, [row, Text(content)])
    }

    private static let insertion = """
        INSERT INTO documents (
            id, organization, project, integration, collection, external_id, change, synced_at,
            \(draftColumns.map(\.name).joined(separator: ", ")))
        VALUES (
            ?, ?, ?, ?, \(textPlaceholder), \(textPlaceholder), ?, ?,
            \(draftColumns.map { $0.isText ? textPlaceholder : "?" }.joined(separator: ", ")))
        """

    private static let replacement = """
        UPDATE documents SET change = ?, synced_at = ?, deleted_at = NULL,
            \(draftColumns.map { "\($0.name) = \($0.isText ? textPlaceholder : "?")" }
                .joined(separator: ", "))
        WHERE row = ?
        """

    // MARK: Reading

    /// The columns that `decode` takes.
    static func columns(includesContent: Bool) -> String {
        """
        id, organization, project, integration, collection, external_id, change, synced_at,
        deleted_at, content_hash, revision, scope, parent_collection, parent_id, position, title,
        content_type, url, created_at, updated_at, path, authors, metadata,
        \(includesContent ? "(SELECT content FROM contents WHERE row = documents.row)" : "''")
        """
    }

    static func decode(_ row: Row) throws -> StoredDocument {
        StoredDocument(
            id: row[0], tenant: Tenant(organization: row[1], project: row[2]), integration: row[3],
            draft: try draft(row), change: row[6], syncedAt: Timestamp(milliseconds: row[7]),
            deletedAt: (row[8] as Int64?).map(Timestamp.init(milliseconds:)))
    }

    private static func draft(_ row: Row) throws -> DocumentDraft {
        var draft = DocumentDraft(
            key: DocumentKey(
                collection: try row.text(4) ?? "", externalID: try row.text(5) ?? ""))
        draft.contentHash = try row.text(9) ?? ""
        draft.revision = try row.text(10)
        draft.scope = try row.text(11)
        if let collection = try row.text(12), let id = try row.text(13) {
            draft.parent = DocumentKey(collection: collection, externalID: id)
        }
        draft.position = row[14]
        draft.title = try row.text(15) ?? ""
        draft.contentType = try row.text(16) ?? ""
        draft.url = try row.text(17)
        draft.createdAt = try row.text(18)
        draft.updatedAt = try row.text(19)
        draft.path = try path(row.text(20) ?? "[]", of: draft.key)
        draft.authors = try row.text(21) ?? "[]"
        draft.metadata = try row.text(22) ?? "{}"
        draft.content = try row.text(23) ?? ""
        return draft
    }

    private static func path(_ text: String, of key: DocumentKey) throws -> [String] {
        if text == "[]" { return [] }
        let titles = try damaged("document \(key.collection)/\(key.externalID)") {
            try JSONValue(parsing: text)
        }
        return titles.elements?.compactMap(\.stringValue) ?? []
    }
}

/// Turns a syntax error in JSON that this store wrote into a sentence.
func damaged<T>(_ thing: String, _ parse: () throws -> T) throws -> T {
    do {
        return try parse()
    } catch let error as JSONSyntaxError {
        throw StorageError.failed("the stored \(thing) is damaged: \(error.description)")
    }
}
