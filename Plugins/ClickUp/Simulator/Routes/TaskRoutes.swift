/// Tasks, comments of tasks and lists, and the replies to those.
enum TaskRoutes: RouteSet {
    static func add(to table: RouteTable) {
        table.get("api/v2/team/:team/task") { call in
            try call.checkWorkspace("team")
            return try TaskSearch(workspaceOf: call).answer()
        }
        table.get("api/v2/list/:list/task") { call in try TaskSearch(list: FolderRoutes.list(call), of: call).answer() }
        table.get("api/v2/task/:task") { call in
            try TaskJSON(call: call, projects: call.projects).json(task(call), isWhole: true)
        }
        table.get("api/v2/task/:task/comment") { call in page(of: try task(call).comments, call) }
        table.get("api/v2/list/:list/comment") { call in page(of: try FolderRoutes.list(call).comments, call) }
        table.get("api/v2/comment/:comment/reply") { call in
            guard let id = Int(call.parameter("comment")), let comment = call.projects.comment(id: id) else {
                throw APIError.notFound
            }
            return ["comments": .array(comment.replies.map(json))]
        }
    }

    private static func task(_ call: Call) throws -> TaskItem {
        guard let task = call.projects.tasks.task(id: call.parameter("task")), call.projects.isThere(task) else {
            throw APIError.taskDeleted
        }
        return task
    }

    /// The newest first, 25 at a time; `start` and `start_id` name the last one that is known already.
    static func page(of comments: [Comment], _ call: Call) -> JSON {
        let newestFirst = comments.sorted { ($0.date, $0.id) > ($1.date, $1.id) }
        var left = newestFirst[...]
        if let date = call.number("start"), let id = call.number("start_id") {
            left = left.drop { ($0.date, $0.id) >= (date, id) }
        }
        return ["comments": .array(left.prefix(25).map(json))]
    }

    private static func json(_ comment: Comment) -> JSON {
        [
            "id": .string(String(comment.id)), "comment": [["text": .string(comment.text)]],
            "comment_text": .string(comment.text), "user": TaskJSON.user(comment.author),
            "resolved": .bool(comment.isResolved), "assignee": .null, "assigned_by": .null, "reactions": [],
            "date": .string(String(comment.date)), "reply_count": .string(String(comment.replies.count)),
        ]
    }
}
