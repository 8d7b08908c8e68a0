import PluginKit

/// Imports tasks that were chosen one by one, as a webhook does.
struct SingleTasks: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let documents: Documents
    let journal: Journal
    let selection: Selection
    let structure: Structure

    /// False: not all of them could be had.
    func run() async throws -> Bool {
        let ids = selection.only.tasks.sorted()
        guard !ids.isEmpty else { return true }
        call.progress("importing_tasks", "Importing \(counted(ids.count, "task"))...", count: 0, total: ids.count)
        var isWhole = true
        for (number, id) in ids.enumerated() {
            do {
                try await store(id)
            } catch let error as UpstreamError where !error.endsRun {
                call.report(.failed, .tasks, id, code: error.code, "Task \(id) could not be had. \(error.message)")
                isWhole = false
            }
            call.progress("fetching_tasks", "Fetching tasks...", count: number + 1, total: ids.count)
        }
        call.progress(
            "tasks_complete", "Tasks import complete: \(counted(ids.count, "task")) processed", count: ids.count,
            total: ids.count)
        return isWhole
    }

    private func store(_ id: String) async throws {
        let answer: JSONValue
        do {
            answer = try await client.get(
                "/api/v2/task/\(ClickUpClient.escape(id))",
                [("include_markdown_description", "true"), ("include_subtasks", "true")])
        } catch let error as UpstreamError where error.saysDeleted {
            call.noteDeleted(.tasks, id)
            return try call.remove(collection: Collection.tasks.rawValue, id: id)
        } catch let error as UpstreamError where error.kind == .notFound {
            return call.noteUnknown(.tasks, chosen: [id], excluded: [], among: [])
        }
        guard let task = ClickUpTask(answer) else {
            throw UpstreamError(kind: .invalidAnswer, message: "ClickUp's answer is no task.")
        }
        // It need not lie in what is chosen, but what the settings leave out goes before.
        let isOlder = selection.since.map { since in task.updated.map { $0 < since } ?? false } ?? false
        if let reason = isOlder ? .older : selection.leftOut(task), reason != .notChosen {
            return call.leaveOut(.tasks, id, named: task.name, reason)
        }
        let path = task.path(in: task.space.flatMap { structure.tree[DocParent(.space, $0)]?.name })
        if selection.wantsRemarks {
            try journal.queue.append([Remarked(id: task.id, name: task.name)])
        }
        try call.storeOrReport(documents.task(task, path: path, revision: nil))
        if selection.isOfSingles { leaveOutSubtasks(of: answer) }
    }

    /// Each would take a request, and a webhook names each that changes.
    private func leaveOutSubtasks(of answer: JSONValue) {
        var waiting = answer["subtasks"]?.array ?? []
        while let subtask = waiting.popLast() {
            waiting += subtask["subtasks"]?.array ?? []
            guard let id = subtask["id"]?.text, !selection.only.tasks.contains(id) else { continue }
            call.leaveOut(.tasks, id, named: subtask["name"]?.string ?? "", .notChosen)
        }
    }
}
