/// Spaces, folders and lists as they are now. They begin as the generated tree and change through the control API.
struct Places: Sendable {
    struct Space: Sendable, Equatable {
        let id: Int
        var name: String
        var isArchived = false
        var isDeleted = false
    }

    struct Folder: Sendable, Equatable {
        let id: Int
        var space: Int
        var name: String
        /// Holds a folderless list and is in no listing.
        var isHidden = false
        var isArchived = false
        var isDeleted = false
    }

    struct List: Sendable, Equatable {
        let id: Int
        var folder: Int
        var name: String
        var isArchived = false
        var isDeleted = false
        var comments: [Comment] = []
    }

    private(set) var spaces: [Space] = []
    private(set) var folders: [Folder] = []
    private(set) var lists: [List] = []
    private var spaceIndex: [Int: Int] = [:]
    private var folderIndex: [Int: Int] = [:]
    private var listIndex: [Int: Int] = [:]

    /// The generated tree, and in the second folder of each space an archived list, which only that folder's own
    /// listing shows.
    init(_ tree: Tree) {
        for index in 0..<tree.spaces {
            let space = Tree.Space(index: index)
            add(Space(id: space.id, name: space.name))
            for slot in [0, 1, 2, 5, 6, 7] {
                let folder = Tree.Folder(space: space, slot: slot)
                add(
                    Folder(
                        id: folder.id, space: space.id, name: folder.name, isHidden: folder.isHidden,
                        isArchived: folder.isArchived && !folder.isHidden))
                for list in folder.lists {
                    add(List(id: list.id, folder: folder.id, name: list.name, isArchived: list.isArchived))
                }
                if slot == 1 {
                    let id = 90_300_000 + index * 100 + slot * 10 + 5
                    add(List(id: id, folder: folder.id, name: "Done in 2024", isArchived: true))
                }
            }
        }
    }

    mutating func add(_ space: Space) {
        spaceIndex[space.id] = spaces.count
        spaces.append(space)
    }

    mutating func add(_ folder: Folder) {
        folderIndex[folder.id] = folders.count
        folders.append(folder)
    }

    mutating func add(_ list: List) {
        listIndex[list.id] = lists.count
        lists.append(list)
    }

    // MARK: Looking

    /// What is deleted, or lies in something that is, cannot be found.
    func space(_ id: Int) -> Space? {
        spaceIndex[id].map { spaces[$0] }.flatMap { $0.isDeleted ? nil : $0 }
    }

    func folder(_ id: Int) -> Folder? {
        guard let folder = folderIndex[id].map({ folders[$0] }), !folder.isDeleted, space(folder.space) != nil else {
            return nil
        }
        return folder
    }

    func list(_ id: Int) -> List? {
        guard let list = listIndex[id].map({ lists[$0] }), !list.isDeleted, folder(list.folder) != nil else {
            return nil
        }
        return list
    }

    func space(of folder: Folder) -> Space { spaces[spaceIndex[folder.space] ?? 0] }
    func folder(of list: List) -> Folder { folders[folderIndex[list.folder] ?? 0] }
    func space(of list: List) -> Space { space(of: folder(of: list)) }

    var liveSpaces: [Space] { spaces.filter { !$0.isDeleted } }

    func folders(in space: Int, archived: Bool) -> [Folder] {
        folders.filter { $0.space == space && !$0.isHidden && !$0.isDeleted && $0.isArchived == archived }
    }

    func folderlessLists(in space: Int, archived: Bool) -> [List] {
        lists.filter {
            guard !$0.isDeleted, $0.isArchived == archived else { return false }
            let folder = folder(of: $0)
            return folder.isHidden && folder.space == space && !folder.isDeleted
        }
    }

    func lists(in folder: Int) -> [List] { lists.filter { $0.folder == folder && !$0.isDeleted } }

    /// Whether the listing of the workspace's tasks leaves this list out.
    func isOutOfTheWay(_ list: List) -> Bool {
        list.isArchived || folder(of: list).isArchived || space(of: list).isArchived
    }

    /// Space, folder and list by name; a hidden folder has none.
    func path(of list: List) -> [String] {
        let folder = folder(of: list)
        return [space(of: folder).name] + (folder.isHidden ? [] : [folder.name])
    }

    // MARK: Changing

    mutating func change(space id: Int, _ change: (inout Space) -> Void) {
        if let index = spaceIndex[id] { change(&spaces[index]) }
    }

    mutating func change(folder id: Int, _ change: (inout Folder) -> Void) {
        if let index = folderIndex[id] { change(&folders[index]) }
    }

    mutating func change(list id: Int, _ change: (inout List) -> Void) {
        if let index = listIndex[id] { change(&lists[index]) }
    }

    /// An id that nothing has.
    var nextList: Int { (lists.map(\.id).max() ?? 0) + 100 }
}
