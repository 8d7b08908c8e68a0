/// A doc as an answer shows it. `index` is its place in the workspace.
struct Doc: Sendable {
    /// ClickUp's numbers for what a doc hangs in.
    struct Parent: Sendable, Equatable {
        let id: String
        let type: Int

        static let space = 4, folder = 5, list = 6, everything = 7, workspace = 12
    }

    let index: Int
    let id: String
    var name: String?
    /// 1 doc, 2 wiki.
    var type = 1
    var parent: Parent
    let created: Int
    var updated: Int
    let creator: Int
    var isArchived = false
    var isDeleted = false
}

/// A page without its content, which is made when asked for. Pages of a doc are in reading order of creation:
/// a parent always comes before its children.
struct Page: Sendable {
    let index: Int
    let id: String
    /// Index of the parent page in the same doc.
    let parent: Int?
    var name: String?
    let created: Int
    var updated: Int
    let creator: Int
}
