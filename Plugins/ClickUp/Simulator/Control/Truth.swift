/// Everything that an importer has to find, said without ClickUp's routes.
struct Truth {
    let projects: Projects
    let library: Library
    /// Views and what is said in chats too, which are imported on request.
    let hasViews: Bool

    /// `{"items":[{"collection","id","title","content","parent"?,"path"}]}`
    var json: JSON { ["items": .array(places + tasks + docs + members + (hasViews ? views : []))] }

    private func item(
        _ collection: String, _ id: String, _ title: String, content: String = "", parent: String? = nil,
        path: [String] = []
    ) -> JSON {
        .fields([
            ("collection", .string(collection)), ("id", .string(id)), ("title", .string(title)),
            ("content", .string(content)), ("parent", parent.map { .string($0) }),
            ("path", .array(path.map { .string($0) })),
        ])
    }

    private var members: [JSON] { Workspace.members.map { item("members", String($0.id), $0.name) } }

    private var places: [JSON] {
        let all = projects.places
        let spaces = all.liveSpaces.map { item("spaces", String($0.id), $0.name) }
        let folders = all.folders.filter { all.folder($0.id) != nil && !$0.isHidden }.map { folder in
            item(
                "folders", String(folder.id), folder.name, parent: "spaces/\(folder.space)",
                path: [all.space(of: folder).name])
        }
        let lists = all.lists.filter { all.list($0.id) != nil }.flatMap { list -> [JSON] in
            let folder = all.folder(of: list)
            return [
                item(
                    "lists", String(list.id), list.name,
                    parent: folder.isHidden ? "spaces/\(folder.space)" : "folders/\(folder.id)",
                    path: all.path(of: list))
            ] + remarks(list.comments, below: "lists/\(list.id)", of: list.name)
        }
        return spaces + folders + lists
    }

    private var views: [JSON] {
        projects.views.filter { projects.places.isThere($0.place) }.flatMap { view in
            let (parent, path) = above(view.place)
            return [item("views", view.id, view.name, parent: parent, path: path)]
                + remarks(view.comments, below: "views/\(view.id)", of: view.name)
        }
    }

    private func above(_ place: View.Place) -> (parent: String?, path: [String]) {
        let places = projects.places
        switch place {
        case .workspace: return (nil, [])
        case .space(let id): return ("spaces/\(id)", places.space(id).map { [$0.name] } ?? [])
        case .folder(let id):
            return ("folders/\(id)", places.folder(id).map { [places.space(of: $0).name, $0.name] } ?? [])
        case .list(let id): return ("lists/\(id)", places.list(id).map { places.path(of: $0) + [$0.name] } ?? [])
        }
    }

    private var tasks: [JSON] {
        projects.tasks.tasks.filter(projects.isThere).flatMap { task in
            guard let list = projects.places.list(task.list) else { return [] as [JSON] }
            let parent = task.parent.map { "tasks/\(projects.tasks.tasks[$0].id)" } ?? "lists/\(task.list)"
            let own = item(
                "tasks", task.id, task.name, content: task.markdown, parent: parent,
                path: projects.places.path(of: list) + [list.name])
            return [own] + below(task)
        }
    }

    private func below(_ task: TaskItem) -> [JSON] {
        remarks(task.comments, below: "tasks/\(task.id)", of: task.name)
            + task.attachments.map {
                item("attachments", $0.id, $0.title, parent: "tasks/\(task.id)", path: [task.name])
            }
    }

    private func remarks(_ comments: [Comment], below parent: String, of name: String) -> [JSON] {
        comments.flatMap { comment in
            [remark(comment, below: parent, of: name)]
                + comment.replies.map { remark($0, below: "comments/\(comment.id)", of: name) }
        }
    }

    private func remark(_ comment: Comment, below parent: String, of name: String) -> JSON {
        item("comments", String(comment.id), comment.text, content: comment.text, parent: parent, path: [name])
    }

    private var docs: [JSON] {
        (0..<library.count).compactMap { library.doc(at: $0) }.filter { !$0.isDeleted }.flatMap { doc in
            let space = space(of: doc)
            let path = space.map { [$0.name] } ?? []
            let own = item(
                "docs", doc.id, doc.name ?? "", parent: space.map { "spaces/\($0.id)" }, path: path)
            return [own] + pages(of: doc, path + [doc.name ?? ""])
        }
    }

    private func pages(of doc: Doc, _ path: [String]) -> [JSON] {
        var paths: [Int: [String]] = [:]
        return library.pages(of: doc).map { page in
            let above = page.parent.flatMap { paths[$0] } ?? path
            paths[page.index] = above + [page.name ?? ""]
            let parent = page.parent.map { "pages/\(library.ids.page($0, ofDoc: doc.index))" } ?? "docs/\(doc.id)"
            return item(
                "pages", page.id, page.name ?? "", content: library.content(of: page, in: doc), parent: parent,
                path: above)
        }
    }

    private func space(of doc: Doc) -> Places.Space? {
        guard let id = Int(doc.parent.id) else { return nil }
        let places = projects.places
        switch doc.parent.type {
        case Doc.Parent.space: return places.space(id)
        case Doc.Parent.folder: return places.folder(id).map { places.space(of: $0) }
        case Doc.Parent.list: return places.list(id).map { places.space(of: $0) }
        default: return nil
        }
    }
}
