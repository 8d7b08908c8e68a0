import Core
import GRDB

/// One batch on its way into the database.
struct ImportTransaction {
    let db: Database
    let run: Run
    let now: Timestamp
    var state: ImportState
    let firstChange: Int64
    var change: ChangeCounter

    mutating func perform(_ operation: ImportOperation) throws {
        switch operation {
        case .upsert(let draft): try upsert(draft)
        case .remove(let key): try remove(key)
        case .complete(let collection, let scope): try complete(collection, scope: scope)
        case .report(let report): try record(report)
        case .checkpoint(let data):
            if run.options.hasOwnCheckpoint { try OwnCheckpointRecord.save(data, of: run.id, db) }
            if !run.options.isNarrowed { try CheckpointRecord.save(data, of: run, db) }
            state.hasStoredState = state.hasStoredState || data != nil
        }
    }

    // MARK: Documents

    /// What decides whether a document has to be written.
    struct Standing {
        var row: Int64
        var contentHash: String
        var revision: String?
        var scope: String?
        var change: Int64
        var isDeleted: Bool

        init(_ row: Row) throws {
            self.row = row[0]
            contentHash = try row.text(1) ?? ""
            revision = try row.text(2)
            scope = try row.text(3)
            change = row[4]
            isDeleted = row[5]
        }
    }

    func standing(of key: DocumentKey) throws -> Standing? {
        try db.row(
            """
            SELECT row, content_hash, revision, scope, change, deleted_at IS NOT NULL
            FROM documents INDEXED BY documents_by_key
            WHERE organization = ? AND project = ? AND integration = ?
                AND collection = \(textPlaceholder) AND external_id = \(textPlaceholder)
            """, source + [Text(key.collection), Text(key.externalID)], Standing.init)
    }

    /// The arguments by which every statement here begins.
    var source: StatementArguments {
        [run.tenant.organization, run.tenant.project, run.integration]
    }

    func isTombstoneOfThisRun(_ standing: Standing) -> Bool {
        standing.isDeleted && standing.change > firstChange
    }

    private mutating func upsert(_ draft: DocumentDraft) throws {
        guard let stored = try standing(of: draft.key) else {
            return state.see(try insert(draft), draft.key, as: .new)
        }
        if stored.isDeleted {
            if isTombstoneOfThisRun(stored) { state.restore(draft.key) }
            try replace(stored.row, with: draft)
            state.see(stored.row, draft.key, as: .new)
        } else if stored.contentHash == draft.contentHash {
            try refresh(stored, from: draft)
            state.see(stored.row, draft.key, as: .unchanged)
        } else {
            try replace(stored.row, with: draft)
            state.see(stored.row, draft.key, as: .updated)
        }
    }

    private mutating func insert(_ draft: DocumentDraft) throws -> Int64 {
        let document = StoredDocument(
            id: UUIDv7.make(at: now), tenant: run.tenant, integration: run.integration,
            draft: draft, change: change.take(), syncedAt: now, deletedAt: nil)
        return try DocumentRecord.insert(document, db)
    }

    private mutating func replace(_ row: Int64, with draft: DocumentDraft) throws {
        try DocumentRecord.replace(row: row, with: draft, change: change.take(), at: now, db)
    }

    /// Follows revision and scope, which are no change to those who read documents.
    private func refresh(_ stored: Standing, from draft: DocumentDraft) throws {
        guard !isSame(stored.revision, draft.revision) || !isSame(stored.scope, draft.scope) else {
            return
        }
        try db.perform(
            """
            UPDATE documents SET revision = \(textPlaceholder), scope = \(textPlaceholder)
            WHERE row = ?
            """, [Text(draft.revision), Text(draft.scope), stored.row])
    }

    // MARK: The run itself

    mutating func record(_ line: RunLogLine) throws {
        state.lastLogLine += 1
        try LogLineRecord.insert(line, ordinal: state.lastLogLine, of: run.id, db)
        if state.lastLogLine % 1000 == 0 {
            try LogLineRecord.trim(upTo: state.lastLogLine, of: run.id, db)
        }
    }

    /// Stores what the run has seen and counted, where another process could not find that out
    /// again: an attempt that begins anew meets unchanged documents once more, one that goes on
    /// from a checkpoint does not.  So an import in which nothing has changed writes nothing.
    mutating func saveState() throws -> ImportState {
        let total = state.counts.total
        let hasChanged = total.new + total.updated + total.deleted + total.failed > 0
        guard hasChanged || state.hasStoredState, state.isUnsaved else { return state }
        try MarksRecord.save(state.marks, chunks: state.marks.changed, of: run.id, db)
        try RunRecord.update(state.counts, of: run.id, db)
        state.saved()
        return state
    }

    // MARK: The report

    mutating func record(_ report: ReportedDocument) throws {
        if report.kind == .skipped, let collection = report.collection { return try skip(report, in: collection) }
        state.lastReport += 1
        try ReportRecord.insert(report, ordinal: state.lastReport, of: run.id, db)
        // What names no document counts as none: a listing that broke off is not a document that failed.
        if report.kind == .failed, let key = report.document { try fail(key) }
    }

    private mutating func fail(_ key: DocumentKey) throws {
        let stored = try standing(of: key)
        state.fail(
            key, row: stored?.row,
            wasDeletedByThisRun: stored.map { isTombstoneOfThisRun($0) } ?? false)
    }
}

/// Byte for byte: Swift takes texts of different normalization for equal, a source may not.
private func isSame(_ left: String?, _ right: String?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
    default: false
    }
}
