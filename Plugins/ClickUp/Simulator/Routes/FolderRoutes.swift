/// Folders and lists. `archived=true` gives only what is archived, as ClickUp does.
enum FolderRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/space/:space/folder") { call in
            let folders = call.workspace.tree.folders(in: try SpaceRoutes.space(call), archived: call.flag("archived"))
            return ["folders": .array(folders.map(json))]
        }
        table.get("api/v2/space/:space/list") { call in
            let space = try SpaceRoutes.space(call)
            let lists = call.workspace.tree.folderlessLists(in: space, archived: call.flag("archived"))
            return ["lists": .array(lists.map { json($0) })]
        }
        table.get("api/v2/folder/:folder") { call in json(try folder(call)) }
        table.get("api/v2/folder/:folder/list") { call in
            let lists = try folder(call).lists.filter { $0.isArchived == call.flag("archived") }
            return ["lists": .array(lists.map { json($0) })]
        }
        table.get("api/v2/list/:list") { call in
            guard let list = Int(call.parameter("list")).flatMap({ call.workspace.tree.list(id: $0) }) else {
                throw APIError.notFound
            }
            return json(list, isWhole: true)
        }
    }

    private static func folder(_ call: Call) throws -> Tree.Folder {
        guard let id = Int(call.parameter("folder")) else { throw APIError.folderIDInvalid }
        guard let folder = call.workspace.tree.folder(id: id) else { throw APIError.notFound }
        return folder
    }

    private static func json(_ folder: Tree.Folder) -> JSON {
        [
            "id": .string(String(folder.id)), "name": .string(folder.name), "orderindex": .int(folder.slot),
            "override_statuses": .bool(false), "hidden": .bool(folder.isHidden), "space": reference(folder.space),
            "task_count": "0", "archived": .bool(folder.isArchived), "lists": .array(folder.lists.map { json($0) }),
        ]
    }

    /// A whole list, as the route for one gives it, has a few fields more.
    private static func json(_ list: Tree.List, isWhole: Bool = false) -> JSON {
        .fields([
            ("id", .string(String(list.id))), ("name", .string(list.name)), ("orderindex", .int(list.slot)),
            ("content", .string("")), ("status", .null), ("priority", .null), ("assignee", .null),
            ("task_count", .int(0)), ("due_date", .null), ("due_date_time", isWhole ? .bool(false) : nil),
            ("start_date", .null), ("start_date_time", isWhole ? .null : nil), ("folder", reference(list.folder)),
            ("space", reference(list.folder.space)),
            ("inbound_address", isWhole ? .string("add.task.\(list.id)@tasks.example.com") : nil),
            ("archived", .bool(list.isArchived)), ("override_statuses", .bool(false)),
            ("statuses", isWhole ? SpaceRoutes.statuses : nil), ("permission_level", "create"),
        ])
    }

    private static func reference(_ space: Tree.Space) -> JSON {
        ["id": .string(String(space.id)), "name": .string(space.name), "access": .bool(true)]
    }

    private static func reference(_ folder: Tree.Folder) -> JSON {
        [
            "id": .string(String(folder.id)), "name": .string(folder.name), "hidden": .bool(folder.isHidden),
            "access": .bool(true),
        ]
    }
}
