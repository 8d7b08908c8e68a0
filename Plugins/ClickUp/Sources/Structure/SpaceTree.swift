import PluginKit

/// What a doc hangs in. ClickUp says it by number; its API documents allow the words too.
struct DocParent: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case space, folder, list
        /// 7 and 12: the workspace itself.
        case workspace
    }

    var kind: Kind
    var id: String

    init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }

    init?(_ parent: JSONValue?) {
        guard let parent, let id = parent["id"]?.text else { return nil }
        self.id = id
        switch parent["type"]?.text?.uppercased() {
        case "4", "SPACE": kind = .space
        case "5", "FOLDER": kind = .folder
        case "6", "LIST": kind = .list
        case "7", "EVERYTHING", "12", "WORKSPACE": kind = .workspace
        default: return nil
        }
    }
}

/// Spaces by the folders and lists that lie in them.
struct SpaceTree: Sendable {
    private var spaces: [DocParent: Space] = [:]
    private var folders: [String: String] = [:]

    /// The folder of a list, where it has one.
    func folder(ofList id: String) -> String? { folders[id] }

    subscript(parent: DocParent) -> Space? { spaces[parent] }

    mutating func add(_ space: Space) { spaces[DocParent(.space, space.id)] = space }

    /// An answer of `/space/{id}/folder`.
    mutating func add(folders answer: JSONValue, in space: Space) {
        for folder in answer["folders"]?.array ?? [] {
            guard let id = folder["id"]?.text else { continue }
            spaces[DocParent(.folder, id)] = space
            add(lists: folder, in: space)
        }
    }

    /// An answer of `/space/{id}/list`, or a folder. Folderless lists lie in a hidden folder that
    /// no listing names; it is learnt from them.
    mutating func add(lists answer: JSONValue, in space: Space) {
        for list in answer["lists"]?.array ?? [] {
            guard let id = list["id"]?.text else { continue }
            spaces[DocParent(.list, id)] = space
            if let folder = list["folder"]?["id"]?.text {
                spaces[DocParent(.folder, folder)] = space
                folders[id] = folder
            }
        }
    }
}

/// Finds the space of a doc: in the tree, else by asking for its folder or list, which reaches
/// those that the listings leave out (archived lists of a folder, what was shared alone).
actor SpaceResolver {
    private let tree: SpaceTree
    private let client: ClickUpClient
    /// Without a space: asked for and not visible.
    private var asked: [DocParent: Place] = [:]

    private struct Place {
        var space: Space?
        /// Of a list.
        var folder: String?
    }

    init(tree: SpaceTree, client: ClickUpClient) {
        self.tree = tree
        self.client = client
    }

    func space(of parent: DocParent?) async throws -> Space? {
        guard let parent, parent.kind != .workspace else { return nil }
        if let space = tree[parent] { return space }
        if let answered = asked[parent] { return answered.space }
        let place = try await ask(parent)
        asked[parent] = place
        return place.space
    }

    /// Space, folder and list of a doc, as far as they are known.
    ///
    /// - Parameter mayAsk: whether a request may be made for what the tree does not have.
    func place(of parent: DocParent?, mayAsk: Bool) async throws -> (space: Space?, folder: String?, list: String?) {
        guard let parent else { return (nil, nil, nil) }
        let space = mayAsk ? try await space(of: parent) : tree[parent]
        switch parent.kind {
        case .folder: return (space, parent.id, nil)
        case .list: return (space, tree.folder(ofList: parent.id) ?? asked[parent]?.folder, parent.id)
        case .space, .workspace: return (space, nil, nil)
        }
    }

    private func ask(_ parent: DocParent) async throws -> Place {
        let id = ClickUpClient.escape(parent.id)
        do {
            switch parent.kind {
            case .workspace: return Place()
            case .space: return Place(space: Space(try await client.get("/api/v2/space/\(id)")))
            case .folder: return Place(space: named(try await client.get("/api/v2/folder/\(id)")["space"]))
            case .list:
                let list = try await client.get("/api/v2/list/\(id)")
                return Place(space: named(list["space"]), folder: list["folder"]?["id"]?.text)
            }
        } catch let error as UpstreamError {
            switch error.kind {
            // Not visible: the doc is kept all the same, its space unknown.
            case .forbidden, .notFound, .refused: return Place()
            default: throw error
            }
        }
    }

    private func named(_ value: JSONValue?) -> Space? {
        guard let space = value.flatMap(Space.init) else { return nil }
        return tree[DocParent(.space, space.id)] ?? space
    }
}
