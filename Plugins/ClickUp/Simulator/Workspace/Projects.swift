/// What of the workspace changes besides docs: places, tasks and what hangs on them, webhooks.
struct Projects: Sendable {
    var places: Places
    var tasks: TaskBook
    var webhooks: [Webhook] = []

    init(_ workspace: Workspace, _ sizes: TaskSizes) {
        places = Places(workspace.tree)
        tasks = TaskBook(sizes, workspace: workspace, places: places)
    }

    /// Not deleted, and in a list that is not.
    func isThere(_ task: TaskItem) -> Bool { !task.isDeleted && places.list(task.list) != nil }
}

/// A webhook as it was registered.
struct Webhook: Sendable {
    let id: String
    var endpoint: String
    var events: [String]
    let secret: String
    var isActive = true
}
