import PluginKit

/// The space that something lies in.
struct Space: Sendable, Hashable {
    var id: String
    var name: String
}

extension Space {
    /// As an answer shows it.
    init?(_ value: JSONValue) {
        guard let id = value["id"]?.text else { return nil }
        self.init(id: id, name: value["name"]?.string ?? "")
    }
}

/// Spaces, folders and lists as the listings show them.
struct Structure: Sendable {
    struct SpacePlace: Sendable {
        var space: Space
        var isArchived: Bool
        var fields: JSONValue
    }

    struct Folder: Sendable {
        var id: String
        var name: String
        var space: Space
        var isArchived: Bool
        var fields: JSONValue
    }

    struct List: Sendable {
        var id: String
        var name: String
        var space: Space
        /// nil: it lies in the space itself.
        var folder: (id: String, name: String)?
        /// The listing of the workspace's tasks leaves it out.
        var isOutOfTheWay: Bool
        var fields: JSONValue

        var path: [String] { [space.name] + (folder.map { [$0.name] } ?? []) }

        /// Changes when its tasks have to be stored anew, without having changed themselves.
        var revision: String {
            var hash = FNV1a()
            for name in path + [name, isOutOfTheWay ? "archived" : ""] { hash.add(name) }
            return "1.\(hash.text)"
        }

        /// Of a list that is stored while its tasks may still have another name or place than it. No import
        /// passes it over, whatever becomes of the one that stored it.
        var unsettledRevision: String { "unsettled.\(revision)" }
    }

    private(set) var spaces: [SpacePlace] = []
    private(set) var folders: [Folder] = []
    private(set) var lists: [List] = []
    private(set) var tree = SpaceTree()
    /// Some of it could not be listed.
    var hasGaps = false
    private var seenFolders: Set<String> = []
    private var seenLists: Set<String> = []

    /// An answer of `/team/{id}/space`; a space that was listed already is passed over.
    mutating func add(spaces answer: JSONValue) {
        for fields in answer["spaces"]?.array ?? [] {
            guard let space = Space(fields), !spaces.contains(where: { $0.space.id == space.id }) else {
                continue
            }
            spaces.append(SpacePlace(space: space, isArchived: fields["archived"]?.bool ?? false, fields: fields))
            tree.add(space)
        }
    }

    /// An answer of `/space/{id}/folder`, with the lists in each folder.
    mutating func add(folders answer: JSONValue, in place: SpacePlace, archived: Bool) {
        tree.add(folders: answer, in: place.space)
        for fields in answer["folders"]?.array ?? [] {
            guard let id = fields["id"]?.text, seenFolders.insert(id).inserted else { continue }
            let folder = Folder(
                id: id, name: fields["name"]?.string ?? "", space: place.space,
                isArchived: archived || place.isArchived || fields["archived"]?.bool == true, fields: fields)
            folders.append(folder)
            add(lists: fields["lists"]?.array ?? [], in: folder, archived: folder.isArchived)
        }
    }

    /// Lists of a folder that its own listing does not show.
    mutating func add(lists answer: JSONValue, in folder: Folder, archived: Bool) {
        tree.add(lists: answer, in: folder.space)
        add(lists: answer["lists"]?.array ?? [], in: folder, archived: archived)
    }

    /// An answer of `/space/{id}/list`: lists without a folder, which lie in a hidden one.
    mutating func add(folderless answer: JSONValue, in place: SpacePlace, archived: Bool) {
        tree.add(lists: answer, in: place.space)
        for fields in answer["lists"]?.array ?? [] {
            add(fields, in: place.space, folder: nil, isOutOfTheWay: archived || place.isArchived)
        }
    }

    private mutating func add(lists: [JSONValue], in folder: Folder, archived: Bool) {
        for fields in lists {
            add(
                fields, in: folder.space, folder: (folder.id, folder.name), isOutOfTheWay: archived || folder.isArchived
            )
        }
    }

    private mutating func add(
        _ fields: JSONValue, in space: Space, folder: (id: String, name: String)?, isOutOfTheWay: Bool
    ) {
        guard let id = fields["id"]?.text, seenLists.insert(id).inserted else { return }
        lists.append(
            List(
                id: id, name: fields["name"]?.string ?? "", space: space, folder: folder,
                isOutOfTheWay: isOutOfTheWay || fields["archived"]?.bool == true, fields: fields))
    }
}

extension Structure {
    /// A place above something that was chosen is stored too.
    func needs(_ place: SpacePlace, _ selection: Selection) -> Bool {
        selection.leftOut(place) == nil || lists.contains { $0.space.id == place.space.id && selection.covers($0) }
    }

    func needs(_ folder: Folder, _ selection: Selection) -> Bool {
        selection.covers(folder) || lists.contains { $0.folder?.id == folder.id && selection.covers($0) }
    }
}
