/// Spaces, folders and lists. Each space has two folders of two lists, two lists without a folder (each in a hidden
/// folder of its own, as in ClickUp), and an archived one of both.
struct Tree: Sendable {
    let spaces: Int

    struct Space: Sendable {
        let index: Int
        var id: Int { 90_100_000 + index }
        var name: String { title(Words.spaces, index) }
    }

    struct Folder: Sendable {
        let space: Space
        /// 0 and 1 are ordinary, 2 is archived, 5 and 6 hidden, 7 hidden and archived.
        let slot: Int
        var id: Int { 90_200_000 + space.index * 10 + slot }
        var isHidden: Bool { slot >= 5 }
        var isArchived: Bool { slot == 2 || slot == 7 }
        var name: String {
            if isHidden { return "hidden" }
            return isArchived ? "Archive 2024" : title(Words.folders, space.index * 2 + slot)
        }
        var lists: [List] {
            (0..<(isHidden || isArchived ? 1 : 2)).map { List(folder: self, slot: $0) }
        }
    }

    struct List: Sendable {
        let folder: Folder
        let slot: Int
        var id: Int { 90_300_000 + folder.space.index * 100 + folder.slot * 10 + slot }
        var isArchived: Bool { folder.isArchived }
        var name: String {
            title(Words.lists, folder.space.index * 5 + folder.slot * 2 + slot)
        }
    }

    /// Round and round; nil: there are none.
    func space(at index: Int) -> Space? {
        spaces > 0 ? Space(index: index % spaces) : nil
    }

    func folders(in space: Space, archived: Bool) -> [Folder] {
        (archived ? [2] : [0, 1]).map { Folder(space: space, slot: $0) }
    }

    func folderlessLists(in space: Space, archived: Bool) -> [List] {
        (archived ? [7] : [5, 6]).flatMap { Folder(space: space, slot: $0).lists }
    }
}

/// A name from a list that goes round: the second time with a number after it.
func title(_ names: [String], _ index: Int) -> String {
    let round = index / names.count
    return names[index % names.count] + (round == 0 ? "" : " \(round + 1)")
}
