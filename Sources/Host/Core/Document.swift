/// What an integration calls a document: its collection and the source's own id.
package struct DocumentKey: Hashable, Sendable {
    package var collection: String
    package var externalID: String

    package init(collection: String, externalID: String) {
        self.collection = collection
        self.externalID = externalID
    }
}

/// A document as a plugin emits it, taken apart into the fields that the host knows.
package struct DocumentDraft: Sendable {
    package var key: DocumentKey
    package var title = ""
    package var content = ""
    package var contentType = "text/markdown"
    package var url: String?
    /// The source's version of this document; `known()` compares it.
    package var revision: String?
    /// The part of the collection that this document belongs to; `complete()` names it.
    package var scope: String?
    package var parent: DocumentKey?
    package var position: Double?
    /// Titles from the root down to, but not including, this document.
    package var path: [String] = []
    /// RFC 3339, as the plugin gave them.
    package var createdAt: String?
    package var updatedAt: String?
    /// A JSON array.
    package var authors = "[]"
    /// A JSON object: the document's `metadata` and every key that the host does not know.
    package var metadata = "{}"
    /// Hex SHA-256 over all of the above except `revision` and the order of keys in `metadata`.
    package var contentHash = ""

    package init(key: DocumentKey) { self.key = key }
}

/// A document as the store keeps it.
package struct StoredDocument: Sendable {
    package var id: String
    package var tenant: Tenant
    package var integration: String
    package var draft: DocumentDraft
    /// Monotone over the whole store; grows whenever the document changes or is deleted.
    package var change: Int64
    /// When the store last wrote it.
    package var syncedAt: Timestamp
    /// When it was found to be gone from the source; nil for a document that is there.
    package var deletedAt: Timestamp?

    package init(
        id: String, tenant: Tenant, integration: String, draft: DocumentDraft, change: Int64,
        syncedAt: Timestamp, deletedAt: Timestamp?
    ) {
        self.id = id
        self.tenant = tenant
        self.integration = integration
        self.draft = draft
        self.change = change
        self.syncedAt = syncedAt
        self.deletedAt = deletedAt
    }
}
