/// A view of a place; of a chat, its comments.
struct View: Sendable {
    enum Place: Sendable, Equatable {
        case workspace
        case space(Int)
        case folder(Int)
        case list(Int)
    }

    let id: String
    let place: Place
    let name: String
    let isChat: Bool
    var comments: [Comment] = []

    /// A board of the workspace and of each space; a chat of the workspace, of each space, and of the first folder and
    /// list of each.
    static func all(of workspace: Workspace, _ places: Places, comments: Bool, _ book: inout TaskBook) -> [View] {
        var views = [
            View(id: "3c-everything", place: .workspace, name: "All of it", isChat: false),
            chat("everything", .workspace, "Town hall", comments ? 27 : 0, &book),
        ]
        for space in places.spaces {
            views.append(
                View(id: "3c-s\(space.id)", place: .space(space.id), name: "Board of \(space.name)", isChat: false))
            views.append(chat("s\(space.id)", .space(space.id), "Chat of \(space.name)", comments ? 3 : 0, &book))
            guard let folder = places.folders(in: space.id, archived: false).first,
                let list = places.lists(in: folder.id).first
            else { continue }
            views.append(chat("f\(folder.id)", .folder(folder.id), "Chat", 0, &book))
            views.append(chat("l\(list.id)", .list(list.id), "Chat", comments ? 25 : 0, &book))
        }
        return views
    }

    private static func chat(
        _ id: String, _ place: Place, _ name: String, _ count: Int, _ book: inout TaskBook
    ) -> View {
        var view = View(id: "4c-\(id)", place: place, name: name, isChat: true)
        if count > 0 { view.comments = book.makeComments(named: name, count: count) }
        return view
    }
}

extension Places {
    func isThere(_ place: View.Place) -> Bool {
        switch place {
        case .workspace: true
        case .space(let id): space(id) != nil
        case .folder(let id): folder(id) != nil
        case .list(let id): list(id) != nil
        }
    }
}
