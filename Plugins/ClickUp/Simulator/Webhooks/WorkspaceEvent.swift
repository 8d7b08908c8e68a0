/// Something that happened in the workspace, as webhooks tell of it.
struct WorkspaceEvent: Sendable {
    /// Such as `taskUpdated`.
    let name: String
    let subject: WebhookLocation
    /// The subject itself and what it lies in.
    let places: Set<WebhookLocation>
    /// What changed of a task; places have none.
    var history: [Change] = []

    /// One item of the history. Its id is the same in every delivery.
    struct Change: Sendable {
        let id: Int
        let field: String
        let date: Int
        let user: Int
    }

    /// The body for one webhook.
    func json(for webhook: String) -> JSON {
        let key: String
        let id: String
        switch subject {
        case .space(let number): (key, id) = ("space_id", String(number))
        case .folder(let number): (key, id) = ("folder_id", String(number))
        case .list(let number): (key, id) = ("list_id", String(number))
        case .task(let text): (key, id) = ("task_id", text)
        }
        let items = history.map { change -> JSON in
            [
                "id": .string(String(change.id)), "type": .int(1), "date": .string(String(change.date)),
                "field": .string(change.field), "parent_id": .string(id), "data": [:], "source": .null,
                "user": TaskJSON.user(change.user), "before": .null, "after": .null,
            ]
        }
        return .fields([
            ("event", .string(name)), (key, .string(id)), ("webhook_id", .string(webhook)),
            ("history_items", items.isEmpty ? nil : .array(items)),
        ])
    }
}

extension Projects {
    /// What a webhook of the whole workspace would tell of, by comparing what is with what was. One change may be
    /// several events, as with ClickUp.
    mutating func events(since old: Projects, now: Int) -> [WorkspaceEvent] {
        placeEvents(since: old.places) + taskEvents(since: old, now: now)
    }

    private func placeEvents(since old: Places) -> [WorkspaceEvent] {
        func events<Place>(
            _ kind: String, _ new: [Place], _ old: [Place], id: (Place) -> WebhookLocation,
            around: (Place) -> Set<WebhookLocation>, isGone: (Place) -> Bool, isSame: (Place, Place) -> Bool
        ) -> [WorkspaceEvent] {
            new.enumerated().compactMap { index, place in
                let was = index < old.count ? old[index] : nil
                let what: String
                if let was {
                    if isGone(place) {
                        guard !isGone(was) else { return nil }
                        what = "Deleted"
                    } else if isSame(place, was) {
                        return nil
                    } else {
                        what = "Updated"
                    }
                } else {
                    what = "Created"
                }
                return WorkspaceEvent(
                    name: kind + what, subject: id(place), places: around(place).union([id(place)]))
            }
        }
        return events(
            "space", places.spaces, old.spaces, id: { .space($0.id) }, around: { _ in [] }, isGone: \.isDeleted,
            isSame: ==)
            + events(
                "folder", places.folders, old.folders, id: { .folder($0.id) }, around: { [.space($0.space)] },
                isGone: \.isDeleted, isSame: ==)
            + events(
                "list", places.lists, old.lists, id: { .list($0.id) },
                around: { [.folder($0.folder), .space(places.space(of: $0).id)] }, isGone: \.isDeleted, isSame: ==)
    }

    private mutating func taskEvents(since old: Projects, now: Int) -> [WorkspaceEvent] {
        var events: [WorkspaceEvent] = []
        for task in tasks.tasks {
            let was = task.index < old.tasks.tasks.count ? old.tasks.tasks[task.index] : nil
            for (name, field) in task.changes(since: was) {
                lastHistory += 1
                var places: Set<WebhookLocation> = [.task(task.id), .list(task.list)]
                if let list = self.places.lists.first(where: { $0.id == task.list }) {
                    places.formUnion([.folder(list.folder), .space(self.places.space(of: list).id)])
                }
                let change = WorkspaceEvent.Change(id: lastHistory, field: field, date: now, user: task.creator)
                events.append(
                    WorkspaceEvent(name: name, subject: .task(task.id), places: places, history: [change]))
            }
        }
        return events
    }
}

extension TaskItem {
    /// Names of events, and the field that each is about.
    fileprivate func changes(since old: TaskItem?) -> [(event: String, field: String)] {
        guard let old else { return [("taskCreated", "task_creation"), ("taskStatusUpdated", "status")] }
        if isDeleted { return old.isDeleted ? [] : [("taskDeleted", "task_deletion")] }
        guard updated != old.updated else { return [] }
        var changes: [(String, String)] = []
        if list != old.list { changes.append(("taskMoved", "section_moved")) }
        if status != old.status { changes.append(("taskStatusUpdated", "status")) }
        if comments.count != old.comments.count { changes.append(("taskCommentPosted", "comment")) }
        if comments.flatMap(\.replies).count != old.comments.flatMap(\.replies).count {
            changes.append(("taskCommentUpdated", "comment"))
        }
        if attachments.count != old.attachments.count { changes.append(("taskUpdated", "attachments")) }
        if name != old.name { changes.append(("taskUpdated", "name")) }
        if markdown != old.markdown { changes.append(("taskUpdated", "content")) }
        if isArchived != old.isArchived { changes.append(("taskUpdated", "archived")) }
        return changes.isEmpty ? [("taskUpdated", "custom_field")] : changes
    }
}
