package import PluginKit

/// The workspace as a tree to choose from: spaces, folders, lists with the number of their tasks,
/// and docs.
extension ClickUpPlugin: StructureListing {
    package func structure(_ call: EntryCall) async throws -> [StructureNode] {
        try await withClient(call) { client, settings in
            [try await structure(client, settings)]
        }
    }

    func structure(_ client: ClickUpClient, _ settings: Settings) async throws -> StructureNode {
        let workspace = try Workspace(settings.workspaceID, in: try await client.get("/api/v2/team"))
        // What may be chosen must not depend on what is chosen.
        let all = Selection(
            collections: Collection.standard, includesArchived: settings.selection.includesArchived)
        async let docs = Self.docs(client, settings, all)
        let reader = StructureReader(client: client, workspaceID: settings.workspaceID, selection: all)
        var structure = try await reader.spaces()
        try await reader.complete(&structure) { _ in }
        return Self.tree(workspace, structure, try await docs)
    }

    private static func docs(_ client: ClickUpClient, _ settings: Settings, _ all: Selection) async throws -> [Doc] {
        var listing = DocListing(includeArchived: all.includesArchived)
        var docs: [Doc] = []
        while let query = listing.query {
            let path = ClickUpClient.docs(of: settings.workspaceID)
            docs += listing.accept(try DocListingPage(try await client.get(path, query))).filter { !$0.isDeleted }
        }
        return docs
    }

    private static func tree(_ workspace: Workspace, _ structure: Structure, _ docs: [Doc]) -> StructureNode {
        let lists = Dictionary(grouping: structure.lists) { $0.folder?.id ?? "space-\($0.space.id)" }
        let bySpace = Dictionary(grouping: docs) { $0.parent.flatMap { structure.tree[$0] }?.id ?? "" }
        let folders = Dictionary(grouping: structure.folders, by: \.space.id)
        let spaces = structure.spaces.map { place in
            let id = place.space.id
            let below =
                (folders[id] ?? []).map { folder in
                    node(folder.id, folder.name, "folder", (lists[folder.id] ?? []).map(node))
                } + (lists["space-\(id)"] ?? []).map(node) + (bySpace[id] ?? []).map(node)
            return node(id, place.space.name, "space", below)
        }
        return node(workspace.id, workspace.name, "workspace", spaces + (bySpace[""] ?? []).map(node))
    }

    /// Counts the tasks and docs in it.
    private static func node(_ id: String, _ name: String, _ kind: String, _ below: [StructureNode]) -> StructureNode {
        let counts = below.compactMap(\.count)
        return StructureNode(
            id: id, name: name, kind: kind, count: counts.isEmpty ? nil : counts.reduce(0, +), nodes: below)
    }

    private static func node(_ list: Structure.List) -> StructureNode {
        StructureNode(
            id: list.id, name: list.name, kind: "list",
            count: list.fields["task_count"]?.integer.map { Int(clamping: $0) })
    }

    private static func node(_ doc: Doc) -> StructureNode {
        StructureNode(id: doc.id, name: doc.displayName, kind: "doc", count: 1)
    }
}
