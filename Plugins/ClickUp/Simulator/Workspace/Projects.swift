/// What of the workspace changes besides docs: places, tasks and what hangs on them, webhooks.
struct Projects: Sendable {
    var places: Places
    var tasks: TaskBook
    var webhooks = WebhookBook()
    private(set) var views: [View] = []
    /// Id of the newest item of any task's history.
    var lastHistory = 2_800_763_136_717_140_000

    init(_ workspace: Workspace, _ sizes: TaskSizes) {
        places = Places(workspace.tree)
        tasks = TaskBook(sizes, workspace: workspace, places: places)
        defer { views = View.all(of: workspace, places, comments: sizes.comments > 0, &tasks) }
        guard sizes.comments > 0 else { return }
        for (index, list) in places.lists.enumerated() where index.isMultiple(of: 2) {
            let comments = tasks.makeComments(named: list.name, count: index.isMultiple(of: 4) ? 26 : 2)
            places.change(list: list.id) { $0.comments = comments }
        }
    }

    /// Of a task, list or chat that is there.
    func comment(id: Int) -> Comment? {
        let ofPlaces = places.lists.filter { places.list($0.id) != nil }.flatMap(\.comments) + views.flatMap(\.comments)
        return ofPlaces.first { $0.id == id } ?? tasks.comment(id: id)
    }

    /// In a place that is there.
    func view(id: String) -> View? { views.first { $0.id == id && places.isThere($0.place) } }

    mutating func say(_ text: String, in view: View) {
        guard let index = views.firstIndex(where: { $0.id == view.id }) else { return }
        let date = (view.comments.last?.date ?? Workspace.epoch) + 1
        views[index].comments.append(tasks.makeComment(text, at: date, by: Workspace.members[0].id))
    }

    /// Not deleted, and in a list that is not.
    /// At any depth.
    func descendants(of task: TaskItem) -> [TaskItem] {
        let children = tasks.tasks.filter { $0.parent == task.index && isThere($0) }
        return children + children.flatMap(descendants)
    }

    func isThere(_ task: TaskItem) -> Bool { !task.isDeleted && places.list(task.list) != nil }
}
