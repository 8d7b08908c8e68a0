/// Views of places, and what is said in those that are chats.
enum ViewRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/team/:team/view") { call in
            try call.checkWorkspace("team")
            return views(of: .workspace, call)
        }
        table.get("api/v2/space/:space/view") { call in views(of: .space(try SpaceRoutes.space(call).id), call) }
        table.get("api/v2/folder/:folder/view") { call in views(of: .folder(try FolderRoutes.folder(call).id), call) }
        table.get("api/v2/list/:list/view") { call in views(of: .list(try FolderRoutes.list(call).id), call) }
        table.get("api/v2/view/:view/comment") { call in
            guard let view = call.projects.view(id: call.parameter("view")), view.isChat else {
                throw APIError.notFound
            }
            return TaskRoutes.page(of: view.comments, call)
        }
    }

    private static func views(of place: View.Place, _ call: Call) -> JSON {
        ["views": .array(call.projects.views.filter { $0.place == place }.map { json($0, call.workspace.id) })]
    }

    private static func json(_ view: View, _ workspace: Int) -> JSON {
        let (parent, type) =
            switch view.place {
            case .workspace: (workspace, 7)
            case .space(let id): (id, 4)
            case .folder(let id): (id, 5)
            case .list(let id): (id, 6)
            }
        return [
            "id": .string(view.id), "name": .string(view.name), "type": view.isChat ? "conversation" : "board",
            "parent": ["id": .string(String(parent)), "type": .int(type)],
            "grouping": ["field": "status", "dir": .int(1)],
        ]
    }
}
