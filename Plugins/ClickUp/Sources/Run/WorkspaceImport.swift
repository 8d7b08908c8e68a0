import PluginKit

/// The whole import, in the order that serves people: the workspace and its structure, then docs
/// and tasks side by side, then comments and attachments.
struct WorkspaceImport {
    let call: ImportCall
    let settings: Settings
    let client: ClickUpClient

    private var selection: Selection { settings.selection }

    func run() async throws {
        // The attempt before was cut short between its last word and the host's.
        guard !StandingCheckpoint(call, of: selection).hasEnded else { return }
        client.warnOfClearText()
        // Alone and first: a token or workspace that is wrong costs one request.
        let workspace = try await fetchWorkspace()
        let journal = Journal(call: call, settings: settings, now: client.serverTime)
        await journal.sweepUp()
        let documents = Documents(workspace: workspace)
        if !journal.hasPassed { try await firstPhase(documents, journal) }
        if selection.wantsRemarks {
            try await RemarksImport(
                call: call, client: client, settings: settings, documents: documents, journal: journal
            ).run()
        }
        try await journal.ended()
    }

    private func fetchWorkspace() async throws -> Workspace {
        call.progress("fetching_workspace", "Fetching workspace details...")
        return try Workspace(settings.workspaceID, in: try await client.get("/api/v2/team"))
    }

    private func firstPhase(_ documents: Documents, _ journal: Journal) async throws {
        try await withThrowingTaskGroup(of: DocsImport.Event.self) { group in
            var docs = DocsImport(
                call: call, client: client, settings: settings, documents: documents, journal: journal)
            let wantsDocs = selection.wants(.docs) && !(selection.isOfSingles && selection.only.docs.isEmpty)
            if wantsDocs { docs.prefetch(&group) }
            let structure = try await Structuring(self, documents, journal).run()
            async let hasAllTasks = importTasks(documents, journal, structure)
            if wantsDocs { try await importDocs(&docs, &group, structure) }
            try await ExtrasImport(
                call: call, client: client, settings: settings, documents: documents, journal: journal,
                structure: structure.found, complete: completion(journal, structure.found)
            ).run()
            try await end(structure, documents, journal, hasAllTasks: hasAllTasks)
        }
    }

    private func importDocs(
        _ docs: inout DocsImport, _ group: inout DocsImport.Group, _ structure: Structuring.Result
    ) async throws {
        let spaces = structure.found.spaces.count { structure.found.needs($0, selection) }
        call.progress(
            "importing_docs", "Importing docs from \(counted(spaces, "space"))...", count: 0)
        try await docs.run(
            &group, resolver: SpaceResolver(tree: structure.found.tree, client: client),
            complete: completion(docs.journal, structure.found))
    }

    /// Whether there was no gap.
    private func importTasks(_ documents: Documents, _ journal: Journal, _ structure: Structuring.Result) async throws
        -> Bool
    {
        guard selection.wants(.tasks) else { return true }
        let hasSingles = try await SingleTasks(
            call: call, client: client, documents: documents, journal: journal, selection: selection,
            structure: structure.found
        ).run()
        if selection.isOfSingles { return hasSingles }
        let hasOthers = try await TasksImport(
            call: call, client: client, settings: settings, documents: documents, journal: journal,
            structure: structure.found, expected: structure.expectedTasks
        ).run(stale: structure.stale)
        return hasSingles && hasOthers
    }

    private func completion(_ journal: Journal, _ structure: Structure) -> Completion {
        let readsAllAgain = journal.isFull && !selection.isRunsOwn
        let isChosen = selection.isWhole || journal.isStanding || readsAllAgain || settings.sweep == .now
        // What one run does without, the others have.
        let isPartial = selection.isRunsOwn && !selection.includesArchived
        return Completion(
            call: call, selection: selection,
            isAllowed: isChosen && !isPartial && !selection.isOfSingles,
            structure: structure)
    }

    /// What a complete listing did not show is gone; tasks first, then the places above them, with
    /// which go the tasks that this run has not seen elsewhere.
    private func end(
        _ result: Structuring.Result, _ documents: Documents, _ journal: Journal, hasAllTasks: Bool
    ) async throws {
        let structure = result.found
        guard !selection.isOfSingles else {
            sayChoice(structure, journal)
            return try await journal.singlesEnded()
        }
        let hasSeenAll = hasAllTasks && journal.mode == .enumeration && !journal.isContinuation && !structure.hasGaps
        let complete = completion(journal, structure)
        if hasSeenAll { try complete(.tasks) }
        if hasAllTasks, !structure.hasGaps {
            for collection in [Collection.lists, .folders, .spaces] { try complete(collection) }
        }
        if hasAllTasks {
            try StructureImport(call: call, selection: selection, documents: documents)
                .settle(result.unsettled, structure)
        }
        sayChoice(structure, journal)
        try await journal.firstPhaseEnded(
            hasAllTasks: hasAllTasks && selection.wants(.tasks), isComplete: hasSeenAll, structure)
    }
}

extension WorkspaceImport {
    /// Before the checkpoint by which a later attempt knows that this phase is through: so it is said once.
    private func sayChoice(_ structure: Structure, _ journal: Journal) {
        ChoiceReport(
            call: call, selection: selection, structure: structure,
            hasAllPlaces: selection.needsTree && !structure.hasGaps
        ).say(
            since: journal.since(selection), isContinuation: journal.isContinuation, leftRemarks: journal.leftRemarks)
    }
}

/// The part of an import that lists and stores the structure.
struct Structuring {
    struct Result: Sendable {
        var found: Structure
        /// Lists whose tasks are to be stored anew.
        var stale: Set<String> = []
        /// Lists that are stored, while their tasks may have another name or place.
        var unsettled: Set<String> = []
        /// As far as the lists tell.
        var expectedTasks: Int?
    }

    private let call: ImportCall
    private let reader: StructureReader
    private let selection: Selection
    private let journal: Journal
    private let store: StructureImport

    init(_ run: WorkspaceImport, _ documents: Documents, _ journal: Journal) {
        call = run.call
        selection = run.settings.selection
        self.journal = journal
        reader = StructureReader(
            client: run.client, workspaceID: run.settings.workspaceID, selection: selection)
        store = StructureImport(call: run.call, selection: selection, documents: documents)
    }

    func run() async throws -> Result {
        call.progress("fetching_spaces", "Fetching spaces...")
        var structure = try await reader.spaces()
        call.progress(
            "spaces_fetched", "Found \(counted(structure.spaces.count, "space"))", count: structure.spaces.count,
            total: structure.spaces.count)
        try store.storeMembers()
        // The answer lists all of them, whatever was chosen of the rest.
        if !selection.isOfSingles, selection.wants(.members), store.hasMembers { try call.complete(.members) }
        guard selection.needsTree else {
            try store.storeSpaces(structure)
            return Result(found: structure)
        }
        try await reader.complete(&structure) { gap in
            call.report(
                .failed, gap.of, code: gap.error.code,
                "The \(gap.of.title) of \(gap.place) could not all be listed. \(gap.error.message)")
        }
        return try await keep(structure)
    }

    private func keep(_ structure: Structure) async throws -> Result {
        let lists = structure.lists.filter(selection.covers)
        let unsettled = try store.unsettledLists(structure)
        let stale = try await staleLists(unsettled, structure)
        try store.storeSpaces(structure)
        try store.storeFolders(structure)
        try store.storeLists(structure, unsettled: unsettled)
        let counts = lists.compactMap { $0.fields["task_count"]?.integer }
        let expected = counts.reduce(0) { $0 + Int(clamping: max(0, $1)) }
        return Result(
            found: structure, stale: stale, unsettled: unsettled, expectedTasks: expected > 0 ? expected : nil)
    }

    /// Where all tasks are listed, these are lists that have changed since an attempt before began to.
    private func staleLists(_ unsettled: Set<String>, _ structure: Structure) async throws -> Set<String> {
        var found: Set<String> = []
        let lists = structure.lists.filter(selection.covers)
        if journal.mode != .enumeration {
            found = unsettled
        } else {
            if journal.wasOpen { found = try store.unstored(of: unsettled, structure) }
            try await journal.willStore(all: commented(lists), key: "lists")
        }
        guard selection.wants(.tasks) else { return [] }
        let before = await journal.stale
        found.subtract(before)
        if !found.isEmpty {
            let new = commented(lists.filter { found.contains($0.id) })
            try await journal.willStore(stale: before.union(found), new)
        }
        return before.union(found)
    }

    /// A comment moves no date of its list: so all are asked for whenever all tasks are listed, and
    /// otherwise those of lists that are new or have another name or place.
    private func commented(_ lists: [Structure.List]) -> [Remarked] {
        selection.wants(.comments) ? lists.map { Remarked(kind: .list, id: $0.id, name: $0.name) } : []
    }
}
