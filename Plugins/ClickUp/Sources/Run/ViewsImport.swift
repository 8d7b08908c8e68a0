import PluginKit

/// Imports views, and has the comments of those that are chats fetched with those of tasks and lists.
struct ViewsImport: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let selection: Selection
    let documents: Documents
    let journal: Journal
    let structure: Structure

    /// Those of the workspace, unless places are chosen, and of each space, folder and list. False: not all could
    /// be had.
    func run() async throws -> Bool {
        let team = "/api/v2/team/\(ClickUpClient.escape(documents.workspace.id))/view"
        var isWhole = selection.only.isEmpty ? try await views(at: team, parent: nil, []) : true
        for place in structure.spaces where selection.covers(space: place.space.id) {
            isWhole = try await views(of: .spaces, place.space.id, [place.space.name]) && isWhole
        }
        for folder in structure.folders where selection.covers(folder) {
            isWhole = try await views(of: .folders, folder.id, [folder.space.name, folder.name]) && isWhole
        }
        for list in structure.lists where selection.covers(list) {
            isWhole = try await views(of: .lists, list.id, list.path + [list.name]) && isWhole
        }
        return isWhole
    }

    private func views(of collection: Collection, _ id: String, _ path: [String]) async throws -> Bool {
        return try await views(
            at: "/api/v2/\(collection.noun)/\(ClickUpClient.escape(id))/view", parent: .init(collection, id), path)
    }

    private func views(at address: String, parent: Document.Reference?, _ path: [String]) async throws -> Bool {
        let found: [JSONValue]
        do {
            found = try await client.get(address).list("views")
        } catch let error as UpstreamError where error.isAboutOneThing {
            let place = parent.map { Collection(rawValue: $0.collection)?.name(of: $0.id, path.last ?? "") ?? $0.id }
            call.report(
                .failed, .views, code: error.code,
                "The views of \(place ?? "the workspace") could not be had. \(error.message)")
            return false
        }
        let views = found.compactMap { documents.view($0, below: parent, path) }
        try await willStore(views.filter(\.isChat).map(\.document), at: address)
        for (view, _) in views {
            var view = view
            // Should this run be cut short, no other knows that it has found a chat.
            if selection.isRunsOwn, try !isKnown(view) { view.revision = nil }
            try call.storeOrReport(view)
        }
        return true
    }

    /// A comment moves no date of its view: so all are asked for whenever all tasks are listed, and otherwise
    /// those of chats that are new or have another name or place.
    private func willStore(_ chats: [Document], at address: String) async throws {
        guard selection.wants(.comments), !chats.isEmpty else { return }
        guard journal.mode != .enumeration else {
            return try await journal.willStore(all: chats.map(Remarked.init(chat:)), key: address)
        }
        let new = try chats.filter { try !isKnown($0) }
        try await journal.willStore(new: new.map(Remarked.init(chat:)))
    }

    private func isKnown(_ view: Document) throws -> Bool {
        guard let revision = view.revision else { return false }
        return try call.known(collection: view.collection, id: view.id, revision: revision)
    }
}

extension Remarked {
    fileprivate init(chat: Document) { self.init(kind: .view, id: chat.id, name: chat.title ?? "") }
}

extension Documents {
    /// ClickUp's older name for a chat, and its newer one.
    private static let chats: Set<String> = ["conversation", "chat"]

    fileprivate func view(
        _ fields: JSONValue, below parent: Document.Reference?, _ path: [String]
    ) -> (document: Document, isChat: Bool)? {
        guard let id = fields["id"]?.text else { return nil }
        var document = Document(.views, id)
        document.title = fields["name"]?.string ?? ""
        document.parent = parent
        document.path = path
        document.metadata = Self.others(fields.members, than: ["id", "name", "parent"])
        let isChat = fields["type"]?.string.map(Self.chats.contains) ?? false
        if isChat { document.revision = Self.revision(of: document) }
        return (document, isChat)
    }

    private static func revision(of chat: Document) -> String {
        var hash = FNV1a()
        for text in [chat.title ?? "", chat.parent?.id ?? ""] + chat.path { hash.add(text) }
        return hash.text
    }
}
