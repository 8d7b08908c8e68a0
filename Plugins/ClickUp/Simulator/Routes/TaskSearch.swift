/// A listing of tasks: filters, order, pages of a hundred.
struct TaskSearch {
    private let call: Call
    private let projects: Projects
    private let accepts: (TaskItem) -> Bool
    static let pageSize = 100

    /// Of the whole workspace; what is archived, or lies in what is, is left out.
    init(workspaceOf call: Call) {
        let projects = call.projects
        let spaces = Self.numbers(call, "space_ids[]"), folders = Self.numbers(call, "project_ids[]")
        let lists = Self.numbers(call, "list_ids[]")
        let archived = call.simulator.options.teamIgnoresArchived ? false : call.flag("archived")
        self.init(call, projects) { task in
            guard let list = projects.places.list(task.list), !projects.places.isOutOfTheWay(list) else { return false }
            return task.isArchived == archived && lists.map { $0.contains(list.id) } ?? true
                && folders.map { $0.contains(list.folder) } ?? true
                && spaces.map { $0.contains(projects.places.space(of: list).id) } ?? true
        }
    }

    init(list: Places.List, of call: Call) {
        let archived = call.flag("archived")
        self.init(call, call.projects) { $0.list == list.id && $0.isArchived == archived }
    }

    private init(_ call: Call, _ projects: Projects, _ isInPlace: @escaping (TaskItem) -> Bool) {
        self.call = call
        self.projects = projects
        let hasClosed = call.flag("include_closed"), hasSubtasks = call.flag("subtasks")
        let dates = DateFilter(call)
        accepts = {
            !$0.isDeleted && (hasClosed || !$0.isClosed) && (hasSubtasks || $0.parent == nil) && dates.accepts($0)
                && isInPlace($0)
        }
    }

    private static func numbers(_ call: Call, _ name: String) -> Set<Int>? {
        let values = call.queries(name).compactMap { Int($0) }
        return values.isEmpty ? nil : Set(values)
    }

    func answer() throws -> JSON {
        let options = call.simulator.options
        let order = try order(isAscending: call.flag("reverse") != options.oldestFirst)
        let page = max(0, call.number("page") ?? 0)
        var skip = page * Self.pageSize
        var found: [TaskItem] = []
        var hasMore = false
        for index in order {
            let task = projects.tasks.tasks[index]
            guard accepts(task) else { continue }
            if skip > 0 {
                skip -= 1
            } else if found.count < Self.pageSize {
                found.append(task)
            } else {
                hasMore = true
                break
            }
        }
        let writer = TaskJSON(call: call, projects: projects)
        return .fields([
            ("tasks", .array(found.map { writer.json($0) })),
            ("last_page", options.withoutLastPage ? nil : .bool(!hasMore)),
        ])
    }

    private func order(isAscending: Bool) throws -> AnyCollection<Int> {
        let book = projects.tasks
        switch call.query("order_by") {
        case nil, "created", "id":
            return isAscending ? AnyCollection(book.tasks.indices) : AnyCollection(book.tasks.indices.reversed())
        case "updated":
            return isAscending ? AnyCollection(book.byUpdate) : AnyCollection(book.byUpdate.reversed())
        default: throw APIError.internalError
        }
    }
}

/// Compares strictly, as ClickUp does.
private struct DateFilter {
    let createdAfter, createdBefore, updatedAfter, updatedBefore: Int

    init(_ call: Call) {
        createdAfter = call.number("date_created_gt") ?? .min
        createdBefore = call.number("date_created_lt") ?? .max
        updatedAfter = call.number("date_updated_gt") ?? .min
        updatedBefore = call.number("date_updated_lt") ?? .max
    }

    func accepts(_ task: TaskItem) -> Bool {
        task.created > createdAfter && task.created < createdBefore && task.updated > updatedAfter
            && task.updated < updatedBefore
    }
}
