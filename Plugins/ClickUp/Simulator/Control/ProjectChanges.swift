/// Body of `POST /_simulator/tasks` and `POST /_simulator/tasks/{id}`.
struct TaskChange: Decodable, Sendable {
    var name: String?
    var markdown: String?
    var list: Int?
    /// Id of the task above it; for a new one only.
    var parent: String?
    var status: Int?
    var archived: Bool?
    var delete: Bool?
    /// Adds one with this text.
    var comment: String?
    /// Answers the newest comment.
    var reply: String?
    /// Adds one with this title.
    var attachment: String?
}

/// Body of `POST /_simulator/spaces/{id}`, `folders/{id}` and `lists/{id}`.
struct PlaceChange: Decodable, Sendable {
    var name: String?
    var archived: Bool?
    var delete: Bool?
    /// Where a folder or list moves: a space's or a folder's id.
    var parent: Int?
    /// Adds one with this text, of a list only.
    var comment: String?
}

/// Body of `POST /_simulator/views/{id}`: says this in a chat.
struct ViewChange: Decodable, Sendable {
    var comment: String
}

extension Projects {
    /// The new task, or nil where list or parent are not there.
    mutating func add(_ new: TaskChange, now: Int) -> TaskItem? {
        let parent = new.parent.flatMap { tasks.task(id: $0) }
        if new.parent != nil, parent == nil { return nil }
        let first = places.lists.first { places.list($0.id) != nil && !places.isOutOfTheWay($0) }
        guard let list = parent?.list ?? new.list ?? first?.id, places.list(list) != nil else { return nil }
        let task = tasks.add(name: new.name ?? "A new task", list: list, parent: parent?.index, now: now)
        change(task, new, now: now)
        return tasks.tasks[task.index]
    }

    mutating func change(_ task: TaskItem, _ change: TaskChange, now: Int) {
        if change.delete == true { return tasks.delete(task.index) }
        let date = max(now, task.updated + 1)
        let comment = change.comment.map { tasks.makeComment($0, at: date, by: task.creator) }
        let reply = change.reply.map { tasks.makeComment($0, at: date, by: task.creator) }
        let attachment = change.attachment.map { tasks.makeAttachment($0, at: date, by: task.creator) }
        tasks.change(task.index, now: now) { task in
            task.name = change.name ?? task.name
            task.markdown = change.markdown ?? task.markdown
            task.list = change.list ?? task.list
            task.status = change.status ?? task.status
            task.isArchived = change.archived ?? task.isArchived
            if let comment { task.comments.append(comment) }
            if let reply, let newest = task.comments.indices.last { task.comments[newest].replies.append(reply) }
            if let attachment { task.attachments.append(attachment) }
        }
    }

    /// False: there is no such place.
    mutating func change(_ kind: PlaceKind, _ id: Int, _ change: PlaceChange) -> Bool {
        switch kind {
        case .spaces:
            guard places.space(id) != nil else { return false }
            places.change(space: id) {
                $0.name = change.name ?? $0.name
                $0.isArchived = change.archived ?? $0.isArchived
                $0.isDeleted = change.delete ?? $0.isDeleted
            }
        case .folders:
            guard places.folder(id) != nil else { return false }
            places.change(folder: id) {
                $0.name = change.name ?? $0.name
                $0.isArchived = change.archived ?? $0.isArchived
                $0.isDeleted = change.delete ?? $0.isDeleted
                $0.space = change.parent ?? $0.space
            }
        case .lists:
            guard let list = places.list(id) else { return false }
            let date = (list.comments.last?.date ?? Workspace.epoch) + 1
            let comment = change.comment.map { tasks.makeComment($0, at: date, by: Workspace.members[0].id) }
            places.change(list: id) {
                $0.name = change.name ?? $0.name
                $0.isArchived = change.archived ?? $0.isArchived
                $0.isDeleted = change.delete ?? $0.isDeleted
                $0.folder = change.parent ?? $0.folder
                if let comment { $0.comments.append(comment) }
            }
        }
        return true
    }
}

enum PlaceKind: String, CaseIterable, Sendable {
    case spaces, folders, lists
}
