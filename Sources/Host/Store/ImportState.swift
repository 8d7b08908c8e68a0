import Core

/// What one run has seen and counted.  A value: a transaction works on a copy, which replaces the
/// original when it is committed.
struct ImportState {
    private(set) var counts: ImportCounts
    var marks: RowMarks
    /// Few, in comparison with the documents.
    private(set) var failed: Set<DocumentKey>
    /// The number of the newest entry of the run's report.
    var lastReport: Int64

    /// What was left out so far.
    private var skips: [SkipReason: Skips]
    /// An attempt that came to nothing has left entries about what it left out: this one says them anew.
    var hasStaleSkips: Bool

    /// The number of the newest line of the run's log.
    var lastLogLine: Int64
    /// Whether the run has offered a checkpoint, so that the next attempt may go on from there, or goes on with what
    /// was stored of it.
    var hasStoredState: Bool
    private var savedCounts: ImportCounts
    /// How many documents of a collection there were before the run, where that was asked.
    private var bases: [String: Int] = [:]

    /// Whether there is something that the store does not have.
    var isUnsaved: Bool { !marks.changed.isEmpty || counts != savedCounts }

    mutating func saved() {
        marks.saved()
        savedCounts = counts
    }

    /// A run that begins, or goes on in another process with what was stored of it.
    init(
        lastReport: Int64, lastLogLine: Int64, counts: ImportCounts, marks: RowMarks,
        failed: Set<DocumentKey>, skips: [SkipReason: Skips]
    ) {
        self.skips = skips
        hasStaleSkips = marks.isEmpty
        hasStoredState = !marks.isEmpty
        self.lastReport = lastReport
        self.lastLogLine = lastLogLine
        self.counts = counts
        savedCounts = counts
        self.marks = marks
        self.failed = failed
    }

    func base(of collection: String) -> Int? { bases[collection] }
    mutating func remember(_ base: Int, of collection: String) { bases[collection] = base }

    func hasSeen(_ row: Int64) -> Bool { marks[row] != .none }

    /// Counts a document that was emitted or known.  Every document counts once, as the strongest
    /// of what happened to it: new, updated, unchanged; one that failed counts as that only.
    mutating func see(_ row: Int64, _ key: DocumentKey, as mark: RowMarks.Mark) {
        let before = marks[row]
        guard mark.rawValue > before.rawValue, !(before == .new) else { return }
        marks[row] = mark
        guard !failed.contains(key) else { return }
        adjust(before, of: key, by: -1)
        adjust(mark, of: key, by: 1)
    }

    /// Counts a document that was marked deleted, and takes back what it counted as before.
    mutating func delete(_ row: Int64, _ key: DocumentKey) {
        let before = marks[row]
        if before != .none { marks[row] = .none }
        guard !failed.contains(key) else { return }
        adjust(before, of: key, by: -1)
        counts[key.collection].deleted += 1
    }

    /// Takes back a deletion that this run made: the document is there after all.
    mutating func restore(_ key: DocumentKey) {
        if !failed.contains(key) { counts[key.collection].deleted -= 1 }
    }

    /// Counts a document as failed, whatever it counted as.  `row` is nil for one that is not
    /// stored.
    mutating func fail(_ key: DocumentKey, row: Int64?, wasDeletedByThisRun: Bool) {
        guard !failed.contains(key) else { return }
        if let row { adjust(marks[row], of: key, by: -1) }
        if wasDeletedByThisRun { counts[key.collection].deleted -= 1 }
        failed.insert(key)
        counts[key.collection].failed += 1
    }

    /// Counts a document that was left out, unless it is one of those that the report names already.
    ///
    /// - Parameter id: nil: it has no name, and counts each time.
    /// - Returns: where it goes in the report; nil: nowhere.
    mutating func skip(_ id: String?, in reason: SkipReason) -> SkipPlace? {
        var skips = skips[reason, default: Skips()]
        if let id, skips.ids.contains(id) { return nil }
        counts[reason.collection].skipped += 1
        defer { self.skips[reason] = skips }
        guard skips.rows < Skips.mostRows else { return .countedWith(skips.last) }
        lastReport += 1
        skips.add(id, at: lastReport)
        return .row(lastReport)
    }

    private mutating func adjust(_ mark: RowMarks.Mark, of key: DocumentKey, by step: Int) {
        switch mark {
        case .none: return
        case .unchanged: counts[key.collection].unchanged += step
        case .updated: counts[key.collection].updated += step
        case .new: counts[key.collection].new += step
        }
    }
}

extension ImportCounts {
    /// What an attempt that begins anew meets again.
    mutating func forgetSeen() {
        for name in collections.keys {
            var counts = Collection()
            (counts.deleted, counts.failed) = (self[name].deleted, self[name].failed)
            self[name] = counts
        }
    }
}
