/// The sizes and the seed from which the whole workspace follows; nothing of it is kept in memory.
struct Workspace: Sendable {
    let id: Int
    let spaces: Int
    let docs: Int
    let pagesPerDoc: Int
    let pageBytes: Int?
    let seed: Int

    var tree: Tree { Tree(spaces: spaces) }

    static let name = "Northwind Studio"
    /// 1 January 2025, the beginning of all dates here (Unix ms).
    static let epoch = 1_735_689_600_000

    static let members: [Member] = [
        Member(id: 183, name: "Ada Okafor", initials: "AO", color: "#7b68ee"),
        Member(id: 184, name: "Jürgen Weiß", initials: "JW", color: "#02bcd4"),
        Member(id: 185, name: "Mei Tanaka", initials: "MT", color: "#e50000"),
    ]
}

struct Member: Sendable {
    let id: Int
    let name: String
    let initials: String
    let color: String
}
