import PluginKit

/// Imports all tasks, or those that changed: several listings at a time, each page by page.
struct TasksImport: Sendable {
    let call: ImportCall
    let client: ClickUpClient
    let settings: Settings
    let documents: Documents
    let journal: Journal
    let structure: Structure
    /// As far as the lists tell.
    let expected: Int?
    let counter = Counter()

    /// Listings that are walked at the same time; each has one request in flight.
    private static let width = 8

    private var selection: Selection { settings.selection }

    /// How a listing ended.
    private enum End {
        case complete
        /// Reported.
        case incomplete
        /// The service does not know `archived` there: it lists what is not.
        case ignoresArchived
    }

    /// - Parameter stale: lists whose tasks are stored anew.
    /// - Returns: whether there was no gap.
    func run(stale: Set<String>) async throws -> Bool {
        call.progress("importing_tasks", "Importing tasks...", count: 0)
        let listings = TaskListings(workspaceID: settings.workspaceID, selection: selection, structure: structure)
        let since = self.since
        var all = listings.all(since: since)
        all += listings.all(of: stale)
        var isWhole = try await walk(all, listings, since)
        if journal.isContinuation, since == nil {
            // What changed since the listing began that an earlier run had to leave.
            let later = journal.began - Journal.overlap
            isWhole = try await walk(listings.all(since: later, prefix: "later-"), listings, later) && isWhole
        }
        call.progress(
            "tasks_complete", "Tasks import complete: \(counted(counter.value, "task")) processed",
            count: counter.value, total: counter.value)
        return isWhole
    }

    /// nil: everything.
    private var since: Int64? { journal.since(selection) ?? selection.since }

    private func walk(_ all: [TaskListing], _ listings: TaskListings, _ since: Int64?) async throws -> Bool {
        try await withThrowingTaskGroup(of: End.self) { group in
            var waiting = all[...]
            var isWhole = true
            var isSpread = false
            for _ in 0..<Self.width { start(&waiting, &group) }
            while let end = try await group.next() {
                if end == .incomplete { isWhole = false }
                if end == .ignoresArchived, !isSpread {
                    isSpread = true
                    waiting += listings.archivesOfLists(since: since)
                    for _ in 1..<Self.width { start(&waiting, &group) }
                }
                start(&waiting, &group)
            }
            return isWhole
        }
    }

    private func start(_ waiting: inout ArraySlice<TaskListing>, _ group: inout ThrowingTaskGroup<End, any Error>) {
        guard let listing = waiting.popFirst() else { return }
        group.addTask { try await walk(listing) }
    }

    // MARK: One listing

    private func walk(_ listing: TaskListing) async throws -> End {
        var listing = listing
        guard let (walk, isResumed) = await journal.resume(listing.key, listing.walk) else { return .complete }
        listing.walk = walk
        var mustStore = isResumed
        do {
            while true {
                announce()
                let page = try TaskPage(try await client.get(listing.path, listing.query))
                if listing.isArchiveOfWorkspace, page.tasks.contains(where: { $0["archived"]?.bool == false }) {
                    await journal.finished(listing.key)
                    return .ignoresArchived
                }
                try await store(page, of: listing, mustStore: mustStore)
                mustStore = false
                switch listing.walk.advance(page.stops(by: walk.order), isLast: page.isLast) {
                case .next: try await journal.reached(listing.key, listing.walk.mark)
                case .end:
                    await journal.finished(listing.key)
                    return .complete
                case .incomplete:
                    report(
                        listing, "incomplete-listing", "could not be read to its end: ClickUp repeats a page of it.")
                    return .incomplete
                }
            }
        } catch let error as UpstreamError where !error.endsRun {
            report(listing, error.code, "could not be read to its end. \(error.message)")
            return .incomplete
        }
    }

    private func report(_ listing: TaskListing, _ code: String, _ rest: String) {
        call.report(.failed, .tasks, code: code, "The listing of \(listing.title) \(rest)")
    }

    private func announce() {
        let count = counter.value
        call.progress(
            "fetching_tasks", "Fetching tasks... (\(count) processed so far)", count: count,
            total: expected.map { max($0, count) })
    }

    // MARK: One page

    /// - Parameter mustStore: an attempt may have been cut short at this page, so what seems to be
    ///   stored need not have come any further.
    private func store(_ page: TaskPage, of listing: TaskListing, mustStore: Bool) async throws {
        let fresh = page.tasks.filter { listing.walk.isNew($0.id) && isSelected($0) }
        var changed: [(task: ClickUpTask, path: [String])] = []
        for task in fresh {
            try Task.checkCancellation()
            let path = path(of: task)
            let isKnown = mayBeKnown(listing, mustStore) ? try isKnown(task, path) : false
            if !isKnown { changed.append((task, path)) }
        }
        if let newest = fresh.compactMap(\.updated).max() { await journal.saw(updated: newest) }
        counter.add(fresh.count)
        guard !changed.isEmpty else { return }
        let remarks = changed.filter { mustStore || hasChanged($0.task) }.map {
            Remarked(id: $0.task.id, name: $0.task.name)
        }
        try await journal.willStore(selection.wantsRemarks ? remarks : [])
        call.progress("storing_tasks", "Storing \(counted(changed.count, "task"))...", count: changed.count)
        for (task, path) in changed {
            try call.storeOrReport(documents.task(task, path: path, revision: revision(of: task, path)))
        }
    }

    private func isSelected(_ task: ClickUpTask) -> Bool {
        guard let reason = selection.leftOut(task) else { return true }
        call.leaveOut(.tasks, task.id, named: task.name, reason)
        return false
    }

    private func path(of task: ClickUpTask) -> [String] {
        task.path(in: task.space.flatMap { structure.tree[DocParent(.space, $0)]?.name })
    }

    /// A run that chose something for itself passes over what is stored, whatever it lists. All
    /// others list everything because the place of a task, or its fields, may have changed without it.
    private func mayBeKnown(_ listing: TaskListing, _ mustStore: Bool) -> Bool {
        !mustStore && (selection.isRunsOwn || !listing.isWhole)
    }

    /// nil: its comments are still to be fetched, and this run may be the only one that knows.
    private func revision(of task: ClickUpTask, _ path: [String]) -> String? {
        selection.isRunsOwn && selection.wantsRemarks ? nil : task.revision(path, selection)
    }

    private func isKnown(_ task: ClickUpTask, _ path: [String]) throws -> Bool {
        guard !journal.isFull, let revision = task.revision(path, selection) else { return false }
        return try call.known(collection: Collection.tasks.rawValue, id: task.id, revision: revision)
    }

    /// Since the comments and attachments were fetched, or since its list could not be seen. In a listing of
    /// what changed, those that are known have been passed over already.
    private func hasChanged(_ task: ClickUpTask) -> Bool {
        if let lists = journal.knownLists, let list = task.list, !lists.contains(list) { return true }
        guard let stored = journal.storedUntil, let updated = task.updated else { return true }
        return updated > stored || journal.mode != .enumeration && updated == stored
    }
}
