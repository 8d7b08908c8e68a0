/// Folders and lists. `archived=true` gives only what is archived, as ClickUp does.
enum FolderRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/space/:space/folder") { call in
            let writer = PlaceJSON(call.projects)
            let isArchived = call.flag("archived")
            let folders = writer.places.folders(in: try SpaceRoutes.space(call).id, archived: isArchived)
            return ["folders": .array(folders.map { writer.json($0) })]
        }
        table.get("api/v2/space/:space/list") { call in
            let writer = PlaceJSON(call.projects)
            let lists = writer.places.folderlessLists(
                in: try SpaceRoutes.space(call).id, archived: call.flag("archived"))
            return ["lists": .array(lists.map { writer.json($0) })]
        }
        table.get("api/v2/folder/:folder") { call in PlaceJSON(call.projects).json(try folder(call)) }
        table.get("api/v2/folder/:folder/list") { call in
            let writer = PlaceJSON(call.projects)
            let lists = writer.places.lists(in: try folder(call).id).filter { $0.isArchived == call.flag("archived") }
            return ["lists": .array(lists.map { writer.json($0) })]
        }
        table.get("api/v2/list/:list") { call in
            PlaceJSON(call.projects).json(try list(call), isWhole: true)
        }
    }

    static func folder(_ call: Call) throws -> Places.Folder {
        guard let id = Int(call.parameter("folder")) else { throw APIError.folderIDInvalid }
        guard let folder = call.projects.places.folder(id) else { throw APIError.notFound }
        return folder
    }

    static func list(_ call: Call) throws -> Places.List {
        guard let list = Int(call.parameter("list")).flatMap({ call.projects.places.list($0) }) else {
            throw APIError.notFound
        }
        return list
    }
}

/// Folders and lists as answers show them.
struct PlaceJSON {
    let places: Places
    /// Tasks by list, without archived ones.
    private let taskCounts: [Int: Int]

    init(_ projects: Projects) {
        places = projects.places
        taskCounts = projects.tasks.tasks.reduce(into: [:]) { counts, task in
            if !task.isDeleted, !task.isArchived { counts[task.list, default: 0] += 1 }
        }
    }

    /// With its lists, of which an archived one is shown in an archived folder only.
    func json(_ folder: Places.Folder) -> JSON {
        let lists = places.lists(in: folder.id).filter { !$0.isArchived || folder.isArchived }
        return [
            "id": .string(String(folder.id)), "name": .string(folder.name), "orderindex": .int(folder.id % 10),
            "override_statuses": .bool(false), "hidden": .bool(folder.isHidden),
            "space": reference(places.space(of: folder)),
            "task_count": .string(String(lists.reduce(0) { $0 + taskCounts[$1.id, default: 0] })),
            "archived": .bool(folder.isArchived),
            "lists": .array(lists.map { json($0) }),
        ]
    }

    /// A whole list, as the route for one gives it, has a few fields more.
    func json(_ list: Places.List, isWhole: Bool = false) -> JSON {
        .fields([
            ("id", .string(String(list.id))), ("name", .string(list.name)), ("orderindex", .int(list.id % 10)),
            ("content", .string("")), ("status", .null), ("priority", .null), ("assignee", .null),
            ("task_count", .int(taskCounts[list.id, default: 0])), ("due_date", .null),
            ("due_date_time", isWhole ? .bool(false) : nil),
            ("start_date", .null), ("start_date_time", isWhole ? .null : nil),
            ("folder", reference(places.folder(of: list))), ("space", reference(places.space(of: list))),
            ("inbound_address", isWhole ? .string("add.task.\(list.id)@tasks.example.com") : nil),
            ("archived", .bool(list.isArchived)), ("override_statuses", .bool(false)),
            ("statuses", isWhole ? SpaceRoutes.statuses : nil), ("permission_level", "create"),
        ])
    }

    private func reference(_ space: Places.Space) -> JSON {
        ["id": .string(String(space.id)), "name": .string(space.name), "access": .bool(true)]
    }

    private func reference(_ folder: Places.Folder) -> JSON {
        [
            "id": .string(String(folder.id)), "name": .string(folder.name), "hidden": .bool(folder.isHidden),
            "access": .bool(true),
        ]
    }
}
