/// All tasks of the workspace, in the order of creation: generated ones first, then those that were added.
struct TaskBook: Sendable {
    private(set) var tasks: [TaskItem] = []
    /// By date of change, the oldest first.
    private(set) var byUpdate: [Int] = []
    private var byID: [String: Int] = [:]
    private var nextComment = 9_000_000
    private var nextAttachment = 1

    /// - Parameter ties: how many neighbours were created in the same millisecond, as by an import.
    init(_ sizes: TaskSizes, workspace: Workspace, places: Places) {
        let live = places.lists.filter { !places.isOutOfTheWay($0) }
        let away = places.lists.filter { places.isOutOfTheWay($0) }
        // Without a list there is no place for any.
        for index in 0..<(live.isEmpty ? 0 : sizes.tasks) {
            var dice = Dice(workspace.seed, index, 11)
            let isAway = !away.isEmpty && dice.below(25) == 0
            insert(generated(index, sizes, workspace, isAway ? dice.pick(away) : dice.pick(live), &dice))
        }
        sort()
    }

    private mutating func generated(
        _ index: Int, _ sizes: TaskSizes, _ workspace: Workspace, _ list: Places.List, _ dice: inout Dice
    ) -> TaskItem {
        let members = Workspace.members
        let created = Workspace.epoch + index / max(1, sizes.ties) * 60_000
        var task = TaskItem(
            index: index, id: Self.id(index), name: "\(dice.pick(TaskWords.verbs)) \(dice.pick(TaskWords.things))",
            markdown: "", list: list.id, status: dice.below(4), created: created,
            updated: created + dice.below(80 * 86_400) * 1000, creator: dice.pick(members).id)
        if dice.below(8) > 0 {
            task.markdown = PageText(seed: workspace.seed, doc: index, page: 77, title: task.name)
                .markdown(bytes: sizes.bytes)
        }
        // A quarter are subtasks of one of the last few, at most four levels deep.
        if index > 0, dice.below(4) == 0 {
            let parent = index - 1 - dice.below(min(index, 5))
            if depth(of: parent) < 4 {
                task.parent = parent
                task.list = tasks[parent].list
            }
        }
        task.isArchived = dice.below(20) == 0
        task.assignees = dice.below(2) == 0 ? [] : [dice.pick(members).id]
        task.tags = dice.below(3) == 0 ? [dice.pick(TaskWords.tags)] : []
        task.priority = dice.below(2) == 0 ? nil : 1 + dice.below(4)
        task.due = dice.below(3) == 0 ? created + 20 * 86_400_000 : nil
        task.estimate = dice.below(4) == 0 ? 3_600_000 * (1 + dice.below(8)) : nil
        task.waitsFor = index > 2 && dice.below(10) == 0 ? index - 2 : nil
        task.linked = index > 3 && dice.below(12) == 0 ? index - 3 : nil
        task.stage = dice.below(2) == 0 ? nil : dice.below(TaskWords.stages.count)
        task.areas = dice.below(3) == 0 ? [dice.below(5)] : []
        task.effort = dice.below(3) == 0 ? dice.below(13) : nil
        if dice.below(5) == 0 {
            task.checklist = [("Agree", true), ("Do *it*", false), ("Tell everyone", false)]
        }
        fill(&task, sizes, &dice)
        return task
    }

    /// Comments, of which every tenth has replies, and attachments.
    private mutating func fill(_ task: inout TaskItem, _ sizes: TaskSizes, _ dice: inout Dice) {
        let count = sizes.comments == 0 ? 0 : dice.below(2 * sizes.comments + 1)
        for number in 0..<count {
            // Neighbours share a date: pages of comments have to go by date and id.
            var comment = makeComment(
                dice.pick(TaskWords.remarks), at: task.created + number / 3 * 1000, by: dice.pick(Workspace.members).id)
            if dice.below(10) == 0 {
                for reply in 0..<(1 + dice.below(3)) {
                    comment.replies.append(
                        makeComment("Reply \(reply + 1)", at: comment.date + reply, by: dice.pick(Workspace.members).id)
                    )
                }
            }
            task.comments.append(comment)
        }
        if sizes.comments > 0, dice.below(6) == 0 {
            task.attachments = [makeAttachment("Sketch \(task.index).png", at: task.created, by: task.creator)]
        }
    }

    // MARK: Looking

    func task(id: String) -> TaskItem? { byID[id].map { tasks[$0] }.flatMap { $0.isDeleted ? nil : $0 } }

    func depth(of index: Int) -> Int {
        var depth = 0
        var above = tasks[index].parent
        while let next = above {
            depth += 1
            above = tasks[next].parent
        }
        return depth
    }

    func top(of task: TaskItem) -> TaskItem? {
        var top: TaskItem?
        var above = task.parent
        while let next = above {
            top = tasks[next]
            above = tasks[next].parent
        }
        return top
    }

    func comment(id: Int) -> Comment? {
        for task in tasks where !task.isDeleted {
            if let comment = task.comments.first(where: { $0.id == id }) { return comment }
        }
        return nil
    }

    // MARK: Changing

    /// 36 to the fourth and more: five characters, as ids of real tasks have.
    private static func id(_ index: Int) -> String { String(2_000_000 + index * 7, radix: 36) + "z" }

    private mutating func insert(_ task: TaskItem) {
        byID[task.id] = task.index
        tasks.append(task)
    }

    private mutating func sort() {
        byUpdate = tasks.indices.sorted { (tasks[$0].updated, $0) < (tasks[$1].updated, $1) }
    }

    /// Adds a task; what a change does not say is empty.
    mutating func add(name: String, list: Int, parent: Int?, now: Int) -> TaskItem {
        let date = max(now, (tasks.last?.created ?? 0))
        let task = TaskItem(
            index: tasks.count, id: Self.id(tasks.count), name: name, markdown: "", list: list, parent: parent,
            status: 0, created: date, updated: date, creator: Workspace.members[0].id)
        insert(task)
        byUpdate.append(task.index)
        sort()
        return task
    }

    /// Any change moves the date on, also two within one millisecond.
    mutating func change(_ index: Int, now: Int, _ change: (inout TaskItem) -> Void) {
        change(&tasks[index])
        tasks[index].updated = max(now, tasks[index].updated + 1)
        sort()
    }

    /// With all that is below it.
    mutating func delete(_ index: Int) {
        tasks[index].isDeleted = true
        for child in tasks where child.parent == index && !child.isDeleted { delete(child.index) }
    }

    mutating func makeComment(_ text: String, at date: Int, by author: Int) -> Comment {
        nextComment += 1
        return Comment(id: nextComment, text: text, date: date, author: author)
    }

    /// Of which the last is answered.
    mutating func makeComments(named name: String, count: Int) -> [Comment] {
        let author = Workspace.members[0].id
        var comments = (0..<count).map { number in
            makeComment("\(name), \(number + 1)", at: Workspace.epoch + number / 3 * 1000, by: author)
        }
        comments[count - 1].replies = [makeComment("Agreed", at: comments[count - 1].date + 1, by: author)]
        return comments
    }

    mutating func makeAttachment(_ title: String, at date: Int, by author: Int) -> Attachment {
        nextAttachment += 1
        return Attachment(
            id: "0f3c0000-0000-4000-8000-\(String(nextAttachment + 0x1000_0000_0000, radix: 16)).png",
            title: title, date: date, author: author)
    }
}

/// How much of each there is.
struct TaskSizes: Sendable {
    var tasks = 0
    var bytes: Int?
    /// Of a task, on average.
    var comments = 0
    var ties = 1
}
