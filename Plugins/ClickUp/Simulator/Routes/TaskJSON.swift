/// A task as answers show it.
struct TaskJSON {
    let call: Call
    let projects: Projects

    private var book: TaskBook { projects.tasks }

    func json(_ task: TaskItem, isWhole: Bool = false) -> JSON {
        .fields(head(task) + people(task) + details(task) + place(task) + (isWhole ? rest(task) : []))
    }

    private func head(_ task: TaskItem) -> [(String, JSON?)] {
        let status = TaskWords.statuses[task.status]
        let wantsMarkdown = call.flag("include_markdown_description")
        return [
            ("id", .string(task.id)), ("custom_id", .null), ("custom_item_id", .int(0)), ("name", .string(task.name)),
            ("text_content", task.markdown.isEmpty ? .null : .string(task.markdown)),
            ("description", task.markdown.isEmpty ? .null : .string(task.markdown)),
            ("markdown_description", wantsMarkdown ? .string(task.markdown) : nil),
            (
                "status",
                [
                    "id": .string("p901_\(task.status)"), "status": .string(status.name),
                    "color": .string(status.color),
                    "orderindex": .int(task.status), "type": .string(status.type),
                ]
            ),
            ("orderindex", .string("\(task.index).00000000000000000000000000000000")),
            ("date_created", .string(String(task.created))), ("date_updated", .string(String(task.updated))),
            ("date_closed", task.isClosed ? .string(String(task.updated)) : .null),
            ("date_done", task.status > 1 ? .string(String(task.updated)) : .null),
            ("archived", .bool(task.isArchived)),
        ]
    }

    private func people(_ task: TaskItem) -> [(String, JSON?)] {
        [
            ("creator", Self.user(task.creator)), ("assignees", .array(task.assignees.map(Self.user))),
            ("group_assignees", []), ("watchers", [Self.user(task.creator)]),
        ]
    }

    private func details(_ task: TaskItem) -> [(String, JSON?)] {
        [
            ("checklists", task.checklist.isEmpty ? [] : [checklist(task)]),
            (
                "tags",
                .array(
                    task.tags.map {
                        ["name": .string($0), "tag_fg": "#ffffff", "tag_bg": "#7b68ee", "creator": .int(183)]
                    })
            ),
            ("parent", task.parent.map { .string(book.tasks[$0].id) } ?? .null),
            ("top_level_parent", book.top(of: task).map { .string($0.id) } ?? .null),
            ("priority", task.priority.map(Self.priority) ?? .null),
            ("due_date", task.due.map { .string(String($0)) } ?? .null), ("start_date", .null), ("points", .null),
            ("time_estimate", task.estimate.map { .string(String($0)) } ?? .null),
            ("custom_fields", fields(task)), ("dependencies", dependencies(task)), ("linked_tasks", links(task)),
            ("locations", []), ("team_id", .string(String(call.workspace.id))),
            ("url", .string("https://app.clickup.com/t/\(task.id)")),
            ("sharing", ["public": .bool(false), "public_fields": ["assignees", "priority", "due_date"]]),
            ("permission_level", "create"),
        ]
    }

    private func place(_ task: TaskItem) -> [(String, JSON?)] {
        guard let list = projects.places.list(task.list) else { return [] }
        let folder = projects.places.folder(of: list)
        let parent: JSON = [
            "id": .string(String(folder.id)), "name": .string(folder.name), "hidden": .bool(folder.isHidden),
            "access": .bool(true),
        ]
        return [
            ("list", ["id": .string(String(list.id)), "name": .string(list.name), "access": .bool(true)]),
            ("project", parent), ("folder", parent), ("space", ["id": .string(String(folder.space))]),
        ]
    }

    /// What only the answer for one task has.
    private func rest(_ task: TaskItem) -> [(String, JSON?)] {
        let subtasks = call.flag("include_subtasks") ? projects.descendants(of: task).map { json($0) } : nil
        return [
            ("attachments", .array(task.attachments.map { Self.json($0) })), ("subtasks", subtasks.map(JSON.array)),
        ]
    }

    static func json(_ attachment: Attachment) -> JSON {
        [
            "id": .string(attachment.id), "version": "0", "date": .int(attachment.date),
            "title": .string(attachment.title), "extension": "png", "source": .int(1), "size": .int(20_480),
            "mimetype": "image/png", "total_comments": .int(0), "deleted": .bool(false),
            "url": .string("https://t1.p.clickup-attachments.com/\(attachment.id)"), "user": user(attachment.author),
        ]
    }

    private func checklist(_ task: TaskItem) -> JSON {
        [
            "id": .string("c-\(task.id)"), "task_id": .string(task.id), "name": "Before it ships",
            "orderindex": .int(0),
            "resolved": .int(task.checklist.count { $0.isResolved }),
            "unresolved": .int(task.checklist.count { !$0.isResolved }),
            "items": .array(
                task.checklist.enumerated().map { place, item in
                    [
                        "id": .string("i-\(task.id)-\(place)"), "name": .string(item.name), "orderindex": .int(place),
                        "resolved": .bool(item.isResolved), "children": [],
                    ]
                }),
        ]
    }

    private func dependencies(_ task: TaskItem) -> JSON {
        guard let other = task.waitsFor, !book.tasks[other].isDeleted else { return [] }
        return [
            [
                "task_id": .string(task.id), "depends_on": .string(book.tasks[other].id), "type": .int(1),
                "date_created": .string(String(task.created)), "userid": .string(String(task.creator)),
            ]
        ]
    }

    private func links(_ task: TaskItem) -> JSON {
        guard let other = task.linked, !book.tasks[other].isDeleted else { return [] }
        return [
            [
                "task_id": .string(task.id), "link_id": .string(book.tasks[other].id),
                "date_created": .string(String(task.created)), "userid": .string(String(task.creator)),
            ]
        ]
    }

    private static func priority(_ value: Int) -> JSON {
        let word = TaskWords.priorities[value - 1]
        return [
            "id": .string(String(value)), "priority": .string(word.name), "color": .string(word.color),
            "orderindex": .string(String(value)),
        ]
    }

    static func user(_ id: Int) -> JSON {
        let member = Workspace.members.first { $0.id == id } ?? Workspace.members[0]
        return [
            "id": .int(member.id), "username": .string(member.name), "color": .string(member.color),
            "initials": .string(member.initials), "email": .string("\(member.initials.lowercased())@northwind.example"),
            "profilePicture": .null,
        ]
    }

    // MARK: Custom fields

    /// Each task repeats the definitions of its fields, as ClickUp's do.
    private func fields(_ task: TaskItem) -> JSON {
        [
            .fields(Self.stage + [("value", task.stage.map { .int($0) })]),
            .fields(
                Self.areas + [("value", task.areas.isEmpty ? nil : .array(task.areas.map { .string(Self.area($0)) }))]),
            .fields(
                Self.field("f-effort", "Effort", "number", [:]) + [("value", task.effort.map { .string(String($0)) })]),
            .fields(
                Self.field("f-sponsor", "Sponsor", "users", ["single_user": .bool(true)])
                    + [("value", task.assignees.isEmpty ? nil : .array(task.assignees.map(Self.user)))]),
        ]
    }

    private static func field(_ id: String, _ name: String, _ type: String, _ config: JSON) -> [(String, JSON?)] {
        [
            ("id", .string(id)), ("name", .string(name)), ("type", .string(type)), ("type_config", config),
            ("date_created", "1735689600000"), ("hide_from_guests", .bool(false)), ("required", .bool(false)),
        ]
    }

    private static func area(_ index: Int) -> String { "9b1c0000-0000-4000-8000-00000000000\(index)" }

    private static let stage = field(
        "f-stage", "Stage", "drop_down",
        [
            "default": .int(0), "placeholder": .null,
            "options": .array(
                TaskWords.stages.enumerated().map { place, name in
                    [
                        "id": .string("s-\(place)"), "name": .string(name), "color": "#0231e8",
                        "orderindex": .int(place),
                    ]
                }),
        ])

    private static let areas = field(
        "f-areas", "Areas", "labels",
        [
            "options": .array(
                TaskWords.areas.enumerated().map { place, name in
                    ["id": .string(area(place)), "label": .string(name), "color": "#e50000"]
                })
        ])
}
