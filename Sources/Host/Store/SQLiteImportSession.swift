package import Core
import GRDB

extension SQLiteStore {
    package func beginImport(_ run: Run) throws -> any ImportSession {
        try readBlocking("begin the import of \(run.integration)") { db in
            SQLiteImportSession(
                store: self, run: run, state: try Self.state(of: run, db),
                firstChange: try ChangeCounter.current(db))
        }
    }

    private static func state(of run: Run, _ db: Database) throws -> ImportState {
        let id: StatementArguments = [run.id.description]
        func last(_ table: String) throws -> Int64 {
            try db.row(
                "SELECT coalesce(max(ordinal), 0) FROM \(table) WHERE run_id = ?", id,
                { $0[0] as Int64 }) ?? 0
        }
        let failed = try db.rows(
            """
            SELECT ordinal, kind, collection, external_id, code, message FROM run_reports
            WHERE run_id = ? AND kind = 'failed'
                AND collection IS NOT NULL AND external_id IS NOT NULL
            """, id, ReportRecord.decode)
        var counts = try db.row(
            "SELECT counts FROM runs WHERE id = ?", id,
            { ImportCounts(json: try JSONValue(parsing: $0.text(0) ?? "{}")) })
        let marks = try MarksRecord.load(run.id, db)
        // What was counted without being stored is met once more: see `saveState`.
        if marks.isEmpty { counts?.forgetSeen() }
        var skips: [SkipReason: Skips] = [:]
        if !marks.isEmpty {
            let rows = try db.rows(
                """
                SELECT ordinal, kind, collection, external_id, code, message FROM run_reports
                WHERE run_id = ? AND kind = 'skipped' AND collection IS NOT NULL
                """, id, ReportRecord.decode)
            for (ordinal, report) in rows {
                skips[SkipReason(collection: report.collection ?? "", code: report.code), default: Skips()]
                    .add(report.externalID, at: ordinal)
            }
        }
        return ImportState(
            lastReport: try last("run_reports"), lastLogLine: try last("run_log"),
            counts: counts ?? ImportCounts(), marks: marks,
            failed: Set(
                failed.map {
                    DocumentKey(
                        collection: $0.report.collection ?? "",
                        externalID: $0.report.externalID ?? "")
                }),
            skips: skips)
    }
}

/// The write side of one run.  One thread at a time uses it; it blocks that thread.
final class SQLiteImportSession: ImportSession {
    private let store: SQLiteStore
    private let run: Run
    private var state: ImportState
    /// The change counter when the run began: a tombstone with a greater number is the run's own,
    /// as there is one run at a time of an integration and tenant.
    private let firstChange: Int64

    init(store: SQLiteStore, run: Run, state: ImportState, firstChange: Int64) {
        self.store = store
        self.run = run
        self.state = state
        self.firstChange = firstChange
    }

    func known(_ key: DocumentKey, revision: String) throws -> Bool {
        let row = try store.file.explaining("look up a document") {
            // One statement is consistent by itself, so it needs no transaction around it.
            try store.pool.unsafeRead { db in
                try db.row(
                    Self.knownQuery,
                    [
                        run.tenant.organization, run.tenant.project, run.integration,
                        Text(key.collection), Text(key.externalID), Text(revision),
                    ], { $0[0] as Int64 })
            }
        }
        guard let row else { return false }
        state.see(row, key, as: .unchanged)
        return true
    }

    private static let knownQuery = """
        SELECT row FROM documents INDEXED BY documents_by_key
        WHERE organization = ? AND project = ? AND integration = ?
            AND collection = \(textPlaceholder) AND external_id = \(textPlaceholder)
            AND revision = \(textPlaceholder) AND deleted_at IS NULL
        """

    func commit(_ batch: ImportBatch) throws -> ImportCounts {
        state = try store.write(
            "store documents of \(run.integration)", size: 1 + batch.operations.count
        ) { [store, run, state, firstChange] db in
            var transaction = ImportTransaction(
                db: db, run: run, now: store.now(), state: state, firstChange: firstChange,
                change: try ChangeCounter(db))
            for operation in batch.operations { try transaction.perform(operation) }
            for event in batch.events { try EventRecord.insert(event, of: run.id, db) }
            for line in batch.logLines { try transaction.record(line) }
            try transaction.change.save(db)
            return try transaction.saveState()
        }
        return state.counts
    }
}
