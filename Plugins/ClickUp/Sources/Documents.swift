import PluginKit

/// What of ClickUp becomes which part of a document. Everything that has no part of its own goes
/// into the metadata, as the source wrote it.
struct Documents: Sendable {
    static let spaces = "spaces"
    static let docs = "docs"
    static let pages = "pages"
    private static let app = "https://app.clickup.com"

    var workspace: Workspace

    func space(_ fields: JSONValue) -> Document? {
        guard let space = SpaceResolver.space(fields) else { return nil }
        var document = Document(collection: Self.spaces, id: space.id)
        document.title = space.name
        document.metadata = Self.others(fields.members, than: ["id", "name"])
        return document
    }

    /// `revision` nil: the next import fetches it again.
    func doc(_ doc: Doc, in space: Space?, revision: String?) -> Document {
        var document = Document(collection: Self.docs, id: doc.id)
        document.title = doc.name
        document.url = "\(Self.app)/\(workspace.id)/v/dc/\(doc.id)"
        document.revision = revision
        document.parent = space.map { .init(collection: Self.spaces, id: $0.id) }
        document.path = space.map { [$0.name] } ?? []
        document.createdAt = Self.time(doc.fields["date_created"])
        document.updatedAt = Self.time(doc.fields["date_updated"])
        document.authors = authors([doc.fields["creator"]])
        document.metadata = Self.others(
            doc.fields.members, than: ["id", "name", "date_created", "date_updated"])
        return document
    }

    func page(_ page: Page, of doc: Doc, in space: Space?) -> Document {
        var document = Document(collection: Self.pages, id: page.id)
        document.title = page.name
        document.content = page["content"]?.string ?? ""
        document.contentType = "text/markdown"
        document.url = "\(Self.app)/\(workspace.id)/v/dc/\(doc.id)/\(page.id)"
        document.scope = doc.id
        document.parent =
            page.parentID.map { .init(collection: Self.pages, id: $0) }
            ?? .init(collection: Self.docs, id: doc.id)
        document.position = page.position
        document.path = (space.map { [$0.name] } ?? []) + [doc.name] + page.ancestors
        document.createdAt = Self.time(page["date_created"])
        document.updatedAt = Self.time(page["date_updated"]) ?? Self.time(page["date_edited"])
        document.authors = authors(page["authors"]?.array ?? [page["creator_id"]])
        document.metadata = Self.others(
            page.members, than: ["id", "name", "content", "date_created", "date_updated"])
        return document
    }

    /// Names where the workspace's members tell them, else ids.
    private func authors(_ ids: [JSONValue?]) -> [String] {
        ids.compactMap { $0?.text ?? $0?["id"]?.text }.map { workspace.members[$0] ?? $0 }
    }

    private static func others(_ members: [JSONValue.Member]?, than known: Set<String>)
        -> [JSONValue.Member]
    {
        (members ?? []).filter { !known.contains($0.name) }
    }

    /// Milliseconds since 1970, as number or string.
    private static func time(_ value: JSONValue?) -> Timestamp? {
        value?.integer.map { Timestamp(milliseconds: $0) }
    }
}
