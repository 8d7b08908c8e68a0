import PluginKit

/// The whole import, in order: workspace, spaces, the tree below them, docs with their pages.
struct WorkspaceImport {
    let call: ImportCall
    let settings: Settings
    let client: ClickUpClient

    func run() async throws {
        warnOfClearText()
        // Alone and first: a token or workspace that is wrong costs one request.
        let workspace = try await fetchWorkspace()
        let documents = Documents(workspace: workspace)
        try await withThrowingTaskGroup(of: DocsImport.Event.self) { group in
            var docs = DocsImport(
                call: call, client: client, settings: settings, documents: documents)
            // Pages come with their docs: either name asks for both.
            let wantsDocs = call.wants(Documents.docs) || call.wants(Documents.pages)
            if wantsDocs { docs.prefetch(&group) }
            let spaces = try await importSpaces(documents)
            guard wantsDocs else { return }
            let resolver = SpaceResolver(tree: try await fetchTree(of: spaces), client: client)
            call.progress(
                "importing_docs", "Importing docs from \(counted(spaces.count, "space"))...",
                count: 0)
            try await docs.run(&group, resolver: resolver)
        }
    }

    private func fetchWorkspace() async throws -> Workspace {
        call.progress("fetching_workspace", "Fetching workspace details...")
        return try Workspace(settings.workspaceID, in: try await client.get("/api/v2/team"))
    }

    private func importSpaces(_ documents: Documents) async throws -> [Space] {
        call.progress("fetching_spaces", "Fetching spaces...")
        let path = "/api/v2/team/\(ClickUpClient.escape(settings.workspaceID))/space"
        let answers = try await both { try await client.get(path, [("archived", "\($0)")]) }
        let isWanted = call.wants(Documents.spaces)
        var seen: Set<String> = []
        var spaces: [Space] = []
        for fields in answers.flatMap({ $0["spaces"]?.array ?? [] }) {
            guard let document = documents.space(fields), seen.insert(document.id).inserted else {
                continue
            }
            if isWanted { try store(document) }
            spaces.append(Space(id: document.id, name: document.title ?? ""))
        }
        if isWanted, answers.allSatisfy({ $0["spaces"]?.array != nil }) {
            try call.complete(collection: Documents.spaces)
        }
        call.progress(
            "spaces_fetched", "Found \(counted(spaces.count, "space"))", count: spaces.count,
            total: spaces.count)
        return spaces
    }

    /// A space that the host refuses is no reason to do without its docs.
    private func store(_ space: Document) throws {
        do {
            try call.upsert(space)
        } catch let error as PluginError where error.isAboutOneDocument {
            call.report(
                .failed, collection: space.collection, id: space.id, code: error.code,
                message: error.message)
        }
    }

    /// What is in use and, where asked for, what is archived: `archived=true` lists that alone.
    private func both(_ fetch: @Sendable (_ archived: Bool) async throws -> JSONValue) async throws
        -> [JSONValue]
    {
        guard settings.includeArchived else { return [try await fetch(false)] }
        async let current = fetch(false)
        async let archived = fetch(true)
        return try await [current, archived]
    }

    private func warnOfClearText() {
        let host = settings.baseURL.split(separator: "/").dropFirst().first ?? ""
        let isLocal = ["127.", "localhost", "[::1]"].contains { host.hasPrefix($0) }
        if settings.baseURL.lowercased().hasPrefix("http://"), !isLocal {
            call.log(.warning, "base_url is http://: the API token travels unencrypted to \(host).")
        }
    }
}

extension WorkspaceImport {
    private enum Branch: String, CaseIterable {
        case folder, list
    }

    /// One request for the folders and one for the folderless lists of each space; the client's
    /// transport bounds how many are in flight.
    private func fetchTree(of spaces: [Space]) async throws -> SpaceTree {
        try await withThrowingTaskGroup(of: (Space, Branch, JSONValue?).self) { group in
            var tree = SpaceTree()
            for space in spaces {
                tree.add(space)
                for branch in Branch.allCases {
                    for archived in settings.includeArchived ? [false, true] : [false] {
                        group.addTask { (space, branch, try await fetch(branch, space, archived)) }
                    }
                }
            }
            for try await (space, branch, answer) in group {
                guard let answer else { continue }
                switch branch {
                case .folder: tree.add(folders: answer, in: space)
                case .list: tree.add(lists: answer, in: space)
                }
            }
            return tree
        }
    }

    /// nil where the token may not look into the space: its docs are kept, their space unknown.
    private func fetch(_ branch: Branch, _ space: Space, _ archived: Bool) async throws
        -> JSONValue?
    {
        do {
            return try await client.get(
                "/api/v2/space/\(ClickUpClient.escape(space.id))/\(branch.rawValue)",
                [("archived", "\(archived)")])
        } catch let error as UpstreamError {
            guard error.kind == .forbidden || error.kind == .notFound || error.kind == .refused
            else {
                throw error
            }
            let what = archived ? "archived \(branch.rawValue)s" : "\(branch.rawValue)s"
            call.report(
                .note, collection: Documents.spaces, id: space.id, code: error.code,
                message: "The \(what) of this space could not be listed. \(error.message)")
            return nil
        }
    }
}
