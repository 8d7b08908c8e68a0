import PluginKit

/// A page and where it stands.
struct Page {
    var id: String
    /// Its fields, without the pages below it.
    var members: [JSONValue.Member]
    /// nil at the root.
    var parentID: String?
    /// Among its siblings, from 0.
    var position: Int
    /// The names of the pages above it, from the root.
    var ancestors: [String]

    subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    var name: String { self["name"]?.string ?? "" }
}

/// The pages of one doc in reading order, each before those below it. No recursion: the nesting
/// is the source's to decide. A page is released as soon as the next one is asked for.
struct PageWalk: Sequence, IteratorProtocol {
    private struct Pending {
        var value: JSONValue
        var parentID: String?
        var position: Int
        var ancestors: [String]
    }

    /// The next page last.
    private var pending: [Pending] = []
    private var seen: Set<String> = []
    /// All of them, those that are passed over included.
    let count: Int

    /// `answer`: a bare array as the service gives it, or an object around one.
    init(_ answer: JSONValue) throws {
        guard let roots = answer.array ?? answer["pages"]?.array else {
            throw UpstreamError(
                kind: .invalidAnswer, message: "ClickUp's answer for the doc's pages is no list.")
        }
        count = try Self.check(roots)
        push(roots, parentID: nil, ancestors: [])
    }

    /// Counts. Before anything is stored: a page that cannot be identified makes the whole doc a
    /// failure.
    private static func check(_ roots: [JSONValue]) throws -> Int {
        var stack = roots
        var count = 0
        while let page = stack.popLast() {
            guard let id = page["id"]?.text, !id.isEmpty else {
                throw UpstreamError(
                    kind: .invalidAnswer, message: "ClickUp's answer holds a page without an id.")
            }
            count += 1
            stack.append(contentsOf: page["pages"]?.array ?? [])
        }
        return count
    }

    private mutating func push(_ pages: [JSONValue], parentID: String?, ancestors: [String]) {
        for (position, page) in pages.enumerated().reversed() {
            pending.append(
                Pending(value: page, parentID: parentID, position: position, ancestors: ancestors))
        }
    }

    mutating func next() -> Page? {
        while let entry = pending.popLast() {
            guard let id = entry.value["id"]?.text, let members = entry.value.members else {
                continue
            }
            let children = entry.value["pages"]?.array ?? []
            let isDeleted = entry.value["deleted"]?.bool ?? false
            guard !isDeleted, seen.insert(id).inserted else {
                // What lies below a deleted page and is not deleted itself moves up.
                push(children, parentID: entry.parentID, ancestors: entry.ancestors)
                continue
            }
            let page = Page(
                id: id, members: members.filter { $0.name != "pages" }, parentID: entry.parentID,
                position: entry.position, ancestors: entry.ancestors)
            push(children, parentID: id, ancestors: entry.ancestors + [page.name])
            return page
        }
        return nil
    }
}
