/// What of the workspace changes besides docs: places, tasks and what hangs on them, webhooks.
struct Projects: Sendable {
    var places: Places
    var tasks: TaskBook
    var webhooks = WebhookBook()
    /// Id of the newest item of any task's history.
    var lastHistory = 2_800_763_136_717_140_000

    init(_ workspace: Workspace, _ sizes: TaskSizes) {
        places = Places(workspace.tree)
        tasks = TaskBook(sizes, workspace: workspace, places: places)
        guard sizes.comments > 0 else { return }
        for (index, list) in places.lists.enumerated() where index.isMultiple(of: 2) {
            let comments = tasks.makeComments(of: list, count: index.isMultiple(of: 4) ? 26 : 2)
            places.change(list: list.id) { $0.comments = comments }
        }
    }

    /// Of a task or list that is there.
    func comment(id: Int) -> Comment? {
        let ofLists = places.lists.filter { places.list($0.id) != nil }.flatMap(\.comments)
        return ofLists.first { $0.id == id } ?? tasks.comment(id: id)
    }

    /// Not deleted, and in a list that is not.
    func isThere(_ task: TaskItem) -> Bool { !task.isDeleted && places.list(task.list) != nil }
}
