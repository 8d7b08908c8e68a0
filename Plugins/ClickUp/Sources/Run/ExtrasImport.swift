import PluginKit

/// What is imported on request only: tags, goals, views and entries of time.
struct ExtrasImport: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let settings: Settings
    let documents: Documents
    let journal: Journal
    let structure: Structure
    let complete: Completion

    private var selection: Selection { settings.selection }
    private var team: String { "/api/v2/team/\(ClickUpClient.escape(settings.workspaceID))" }

    func run() async throws {
        guard !selection.isOfSingles else { return }
        try await attempt(.goals, goals)
        try await attempt(.tags, tags)
        try await attempt(.views) {
            try await ViewsImport(
                call: call, client: client, selection: selection, documents: documents, journal: journal,
                structure: structure
            ).run()
        }
        try await attempt(.timeEntries, timeEntries)
    }

    /// False from `body`: not all of them were seen.
    private func attempt(_ collection: Collection, _ body: () async throws -> Bool) async throws {
        guard selection.wants(collection) else { return }
        call.progress("importing_\(collection.rawValue)", "Importing \(collection.title)...")
        do {
            if try await body(), selection.isWhole { try complete(collection) }
        } catch let error as UpstreamError where !error.endsRun {
            call.report(
                .failed, collection, code: error.code, "The \(collection.title) could not be had. \(error.message)")
        }
    }

    private func tags() async throws -> Bool {
        var isWhole = true
        for place in structure.spaces where selection.covers(space: place.space.id) {
            do {
                let answer = try await client.get("/api/v2/space/\(ClickUpClient.escape(place.space.id))/tag")
                for fields in try answer.list("tags") { try store(tag: fields, of: place.space) }
            } catch let error as UpstreamError where error.isAboutOneThing {
                isWhole = false
                call.report(
                    .failed, .tags, code: error.code,
                    "The tags of \(Collection.spaces.name(of: place.space.id, place.space.name)) could not be had. "
                        + error.message)
            }
        }
        return isWhole
    }

    private func store(tag fields: JSONValue, of space: Space) throws {
        guard let name = fields["name"]?.string else { return }
        // A tag has no id, and its name is one of its space's only.
        var document = Document(.tags, "\(space.id)/\(name)")
        document.title = name
        document.scope = space.id
        document.parent = .init(.spaces, space.id)
        document.path = [space.name]
        document.metadata = Documents.others(fields.members, than: ["name"])
        try call.storeOrReport(document)
    }

    private func goals() async throws -> Bool {
        let answer = try await client.get("\(team)/goal", [("include_completed", "true")])
        try answer.list("goals").forEach { try store(goal: $0, in: []) }
        for folder in answer["folders"]?.array ?? [] {
            let path = folder["name"]?.string.map { [$0] } ?? []
            try (folder["goals"]?.array ?? []).forEach { try store(goal: $0, in: path) }
        }
        return true
    }

    private func store(goal fields: JSONValue, in path: [String]) throws {
        guard let id = fields["id"]?.text else { return }
        var document = Document(.goals, id)
        document.title = fields["name"]?.string ?? ""
        document.content = fields["description"]?.string ?? ""
        document.contentType = "text/markdown"
        document.url = "https://app.clickup.com/\(documents.workspace.id)/goals/\(id)"
        document.path = path
        document.createdAt = Documents.time(fields["date_created"])
        document.updatedAt = Documents.time(fields["date_updated"])
        document.authors = documents.people([fields["creator"]])
        document.metadata = Documents.others(
            fields.members, than: ["id", "name", "description", "date_created", "date_updated", "editor_token"])
        try call.storeOrReport(document)
    }

    // MARK: Time

    /// ClickUp's first year, in milliseconds since 1970.
    private static let firstYear: Int64 = 1_483_228_800_000
    private static let year: Int64 = 365 * 86_400_000

    /// A year at a time, of all members; of the token's own user where it may not see the others'.
    private func timeEntries() async throws -> Bool {
        let everyone = documents.workspace.users.compactMap { $0["id"]?.text }.joined(separator: ",")
        var assignees: [(name: String, value: String)] = everyone.isEmpty ? [] : [("assignee", everyone)]
        var start = max(selection.since ?? Self.firstYear, Self.firstYear)
        var isWhole = true
        let now = client.serverTime
        while start <= now {
            let dates = [
                (name: "start_date", value: "\(start)"), (name: "end_date", value: "\(start + Self.year - 1)"),
            ]
            do {
                try store(entries: try await client.get("\(team)/time_entries", dates + assignees))
                start += Self.year
            } catch let error as UpstreamError where error.isAboutOneThing && !assignees.isEmpty {
                (assignees, isWhole) = ([], false)
                call.report(
                    .note, .timeEntries, code: "own-entries-only",
                    "The token may not see other people's time entries: only its own are imported. \(error.message)")
            }
        }
        return isWhole
    }

    private func store(entries answer: JSONValue) throws {
        for fields in try answer.list("data") {
            guard let id = fields["id"]?.text else { continue }
            let place = fields["task_location"]
            let reason = selection.leftOut(
                space: place?["space_id"]?.text ?? "", folder: place?["folder_id"]?.text,
                list: place?["list_id"]?.text)
            if let reason {
                call.leaveOut(.timeEntries, id, named: fields["description"]?.string ?? "", reason)
                continue
            }
            var document = Document(.timeEntries, id)
            document.title = fields["description"]?.string ?? ""
            document.parent = fields["task"]?["id"]?.text.map { .init(.tasks, $0) }
            document.createdAt = Documents.time(fields["start"])
            document.updatedAt = Documents.time(fields["at"])
            document.authors = documents.people([fields["user"]])
            document.metadata = Documents.others(fields.members, than: ["id", "description", "at"])
            try call.storeOrReport(document)
        }
    }
}

extension Collection {
    /// For a sentence.
    var title: String { self == .timeEntries ? "time entries" : rawValue }
}
