import PluginKit

/// An answer of a listing of tasks.
struct TaskPage: Sendable {
    var tasks: [ClickUpTask]
    var isLast: Bool

    init(_ answer: JSONValue) throws {
        tasks = try answer.list("tasks").map { value in
            guard let task = ClickUpTask(value) else {
                throw UpstreamError(kind: .invalidAnswer, message: "ClickUp's answer holds a task without an id.")
            }
            return task
        }
        isLast = answer["last_page"]?.bool ?? false
    }

    func stops(by order: TaskWalk.Order) -> [TaskWalk.Stop] {
        tasks.map { TaskWalk.Stop(id: $0.id, date: order == .created ? $0.created : $0.updated) }
    }
}

/// A task as an answer shows it.
struct ClickUpTask: Sendable {
    var id: String
    var members: [JSONValue.Member]
    var created: Int64?
    var updated: Int64?

    init?(_ value: JSONValue) {
        guard let members = value.members, let id = value["id"]?.text, !id.isEmpty else { return nil }
        self.id = id
        self.members = members
        created = value["date_created"]?.integer
        updated = value["date_updated"]?.integer
    }

    subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    var name: String { self["name"]?.string ?? "" }
    var parent: String? { self["parent"]?.text.flatMap { $0.isEmpty ? nil : $0 } }
    var list: String? { self["list"]?["id"]?.text }
    /// nil: none, or the hidden one of a folderless list.
    var folder: JSONValue? { self["folder"].flatMap { $0["hidden"]?.bool == true ? nil : $0 } }
    var space: String? { self["space"]?["id"]?.text }

    /// Space, folder and list by name.
    func path(in space: String?) -> [String] {
        [space, folder?["name"]?.string, self["list"]?["name"]?.string].compactMap { $0 }
    }

    /// Changes with the task's date, with the names of what it lies in, and with what is fetched of
    /// it beside it. nil: always fetched.
    func revision(_ path: [String], _ selection: Selection) -> String? {
        guard let updated else { return nil }
        var hash = FNV1a()
        // The version of the mapping into a document.
        hash.add("1")
        for collection in [Collection.comments, .attachments] {
            hash.add(selection.wants(collection) ? collection.rawValue : "")
        }
        for name in path { hash.add(name) }
        return "\(updated).\(hash.text)"
    }
}
