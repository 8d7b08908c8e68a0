import PluginKit

/// What of ClickUp becomes which part of a document. Everything that has no part of its own goes
/// into the metadata, as the source wrote it.
struct Documents: Sendable {
    private static let app = "https://app.clickup.com"
    /// The scope of what lies in no space.
    static let noSpace = "workspace"

    var workspace: Workspace

    // MARK: Structure

    func space(_ place: Structure.SpacePlace) -> Document {
        var document = Document(.spaces, place.space.id)
        document.title = place.space.name
        document.url = "\(Self.app)/\(workspace.id)/v/s/\(place.space.id)"
        document.scope = Self.noSpace
        document.metadata = Self.others(place.fields.members, than: ["id", "name"])
        return document
    }

    func folder(_ folder: Structure.Folder) -> Document {
        var document = Document(.folders, folder.id)
        document.title = folder.name
        document.url = "\(Self.app)/\(workspace.id)/v/f/\(folder.id)"
        document.scope = folder.space.id
        document.parent = .init(.spaces, folder.space.id)
        document.path = [folder.space.name]
        document.position = Self.place(folder.fields["orderindex"])
        document.metadata = Self.others(folder.fields.members, than: ["id", "name", "orderindex", "lists", "space"])
        return document
    }

    func list(_ list: Structure.List, isSettled: Bool) -> Document {
        var document = Document(.lists, list.id)
        document.title = list.name
        document.content = list.fields["content"]?.string
        document.contentType = document.content == nil ? nil : "text/markdown"
        document.url = "\(Self.app)/\(workspace.id)/v/li/\(list.id)"
        document.revision = isSettled ? list.revision : list.unsettledRevision
        document.scope = list.space.id
        document.parent = list.folder.map { .init(.folders, $0.id) } ?? .init(.spaces, list.space.id)
        document.path = list.path
        document.position = Self.place(list.fields["orderindex"])
        document.metadata = Self.others(
            list.fields.members, than: ["id", "name", "content", "orderindex", "folder", "space"])
        return document
    }

    func member(_ fields: JSONValue) -> Document? {
        guard let id = fields["id"]?.text else { return nil }
        var document = Document(.members, id)
        document.title = fields["username"]?.string ?? fields["email"]?.string ?? ""
        document.scope = Self.noSpace
        document.metadata = Self.others(fields.members, than: ["id", "username"])
        return document
    }

    // MARK: Tasks

    private static let placedOfTasks: Set<String> = [
        "id", "name", "text_content", "description", "markdown_description", "orderindex", "date_created",
        "date_updated", "url", "project", "custom_fields", "attachments", "subtasks",
    ]

    /// `revision` nil: the next import fetches it again.
    func task(_ task: ClickUpTask, path: [String], revision: String?) -> Document {
        var document = Document(.tasks, task.id)
        document.title = task.name
        document.content =
            task["markdown_description"]?.string ?? task["description"]?.string ?? task["text_content"]?.string ?? ""
        document.contentType = "text/markdown"
        document.url = task["url"]?.string ?? "\(Self.app)/t/\(task.id)"
        document.revision = revision
        document.scope = task.space ?? Self.noSpace
        document.parent = task.parent.map { .init(.tasks, $0) } ?? task.list.map { .init(.lists, $0) }
        document.position = Self.place(task["orderindex"])
        document.path = path
        document.createdAt = task.created.map(Timestamp.init(milliseconds:))
        document.updatedAt = task.updated.map(Timestamp.init(milliseconds:))
        document.authors = people([task["creator"]])
        document.metadata = task.members.filter { !Self.placedOfTasks.contains($0.name) }
        document.metadata.append(.init("custom_fields", CustomField.resolved(task["custom_fields"])))
        return document
    }

    /// - Parameters:
    ///   - parent: a task, a list, a chat, or for a reply the comment above it.
    ///   - path: the name of the task, list or chat.
    func comment(_ fields: JSONValue, below parent: Document.Reference, scope: String, path: [String]) -> Document? {
        guard let id = fields["id"]?.text, !id.isEmpty else { return nil }
        let text = CommentText.markdown(fields)
        var document = Document(.comments, id)
        document.title = Excerpt.line(Self.firstLine(of: text), limit: 80)
        document.content = text
        document.contentType = "text/markdown"
        document.scope = scope
        document.parent = parent
        document.path = path
        document.createdAt = Self.time(fields["date"])
        document.authors = people([fields["user"]])
        document.metadata = Self.others(fields.members, than: ["id", "comment_text", "date", "comment"])
        return document
    }

    /// The first that has something in it.
    private static func firstLine(of text: String) -> String {
        String(text.drop(while: \.isWhitespace).prefix { !$0.isNewline })
    }

    func attachment(_ fields: JSONValue, of task: String, path: [String]) -> Document? {
        guard let id = fields["id"]?.text, !id.isEmpty else { return nil }
        var document = Document(.attachments, id)
        document.title = fields["title"]?.string ?? ""
        document.url = fields["url"]?.string
        document.scope = task
        document.parent = .init(.tasks, task)
        document.path = path
        document.createdAt = Self.time(fields["date"])
        document.authors = people([fields["user"]])
        document.metadata = Self.others(fields.members, than: ["id", "title", "url", "date"])
        return document
    }

    // MARK: Docs

    /// `revision` nil: the next import fetches it again.
    func doc(_ doc: Doc, in space: Space?, revision: String?) -> Document {
        var document = Document(.docs, doc.id)
        document.title = doc.name
        document.url = "\(Self.app)/\(workspace.id)/v/dc/\(doc.id)"
        document.revision = revision
        document.scope = space?.id ?? Self.noSpace
        document.parent = space.map { .init(.spaces, $0.id) }
        document.path = space.map { [$0.name] } ?? []
        document.createdAt = Self.time(doc.fields["date_created"])
        document.updatedAt = Self.time(doc.fields["date_updated"])
        document.authors = people([doc.fields["creator"]])
        document.metadata = Self.others(
            doc.fields.members, than: ["id", "name", "date_created", "date_updated"])
        return document
    }

    func page(_ page: Page, of doc: Doc, in space: Space?) -> Document {
        var document = Document(.pages, page.id)
        document.title = page.name
        document.content = page["content"]?.string ?? ""
        document.contentType = "text/markdown"
        document.url = "\(Self.app)/\(workspace.id)/v/dc/\(doc.id)/\(page.id)"
        document.scope = doc.id
        document.parent = page.parentID.map { .init(.pages, $0) } ?? .init(.docs, doc.id)
        document.position = page.position
        document.path = (space.map { [$0.name] } ?? []) + [doc.name] + page.ancestors
        document.createdAt = Self.time(page["date_created"])
        document.updatedAt = Self.time(page["date_updated"]) ?? Self.time(page["date_edited"])
        document.authors = people(page["authors"]?.array ?? [page["creator_id"]])
        document.metadata = Self.others(
            page.members, than: ["id", "name", "content", "date_created", "date_updated"])
        return document
    }
}

// MARK: Parts

extension Documents {
    /// Names where the user or the workspace's members tell them, else ids.
    func people(_ users: [JSONValue?]) -> [String] {
        users.compactMap { user in
            guard let id = user?.text ?? user?["id"]?.text else { return nil }
            let own = user?["username"]?.string ?? ""
            return own.isEmpty ? workspace.members[id] ?? id : own
        }
    }

    static func others(_ members: [JSONValue.Member]?, than known: Set<String>) -> [JSONValue.Member] {
        (members ?? []).filter { !known.contains($0.name) }
    }

    /// Milliseconds since 1970, as number or string.
    static func time(_ value: JSONValue?) -> Timestamp? {
        value?.integer.map { Timestamp(milliseconds: $0) }
    }

    /// An order in ClickUp is a decimal with more digits than any number here has; its whole part.
    static func place(_ value: JSONValue?) -> Int? {
        value?.text.flatMap { $0.split(separator: ".").first }.flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
    }
}

extension Document {
    init(_ collection: Collection, _ id: String) { self.init(collection: collection.rawValue, id: id) }
}

extension Document.Reference {
    init(_ collection: Collection, _ id: String) { self.init(collection: collection.rawValue, id: id) }
}
