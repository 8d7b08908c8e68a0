package import Core
import GRDB

extension SQLiteStore {
    package func insert(
        _ run: Run, events: [RunEvent], reservingUpTo sequence: Int64
    ) async throws {
        try await write("record a run") { db in
            try RunRecord.insert(run, reservingUpTo: sequence, db)
            for event in events { try EventRecord.insert(event, of: run.id, db) }
        }
    }

    package func reserveEvents(of run: RunID, upTo sequence: Int64) throws {
        try write("reserve numbers for events of run \(run)") { db in
            try db.perform(
                "UPDATE runs SET reserved_event = max(reserved_event, ?) WHERE id = ?",
                [sequence, run.description])
        }
    }

    package func update(_ run: Run, appending events: [RunEvent]) throws {
        try write("record the run \(run.id)") { db in
            try RunRecord.update(run, db)
            for event in events { try EventRecord.insert(event, of: run.id, db) }
            guard run.status.isTerminal else { return }
            try MarksRecord.remove(run.id, db)
            try OwnCheckpointRecord.remove(run.id, db)
        }
    }

    package func noteCancelling(_ run: RunID) async throws {
        let names = RunStatus.allCases.filter { !$0.isTerminal }.map(\.rawValue)
        try await write("record that the run \(run) is to stop") { db in
            try db.perform(
                """
                UPDATE runs SET status = ?
                WHERE id = ? AND status IN (\(names.map { _ in "?" }.joined(separator: ", ")))
                """, [RunStatus.cancelling.rawValue, run.description] + StatementArguments(names))
        }
    }

    package func run(_ id: RunID) async throws -> Run? {
        try await read("read the run \(id)") { db in
            try db.row(
                "SELECT \(RunRecord.columns) FROM runs WHERE id = ?", [id.description],
                RunRecord.decode)
        }
    }

    package func runs(_ query: RunQuery) async throws -> Page<Run> {
        var clauses = ["organization = ?", "project = ?"]
        var arguments: StatementArguments = [query.tenant.organization, query.tenant.project]
        if let integration = query.integration {
            clauses.append("integration = ?")
            arguments += [integration]
        }
        if !query.statuses.isEmpty {
            let names = query.statuses.map(\.rawValue).sorted()
            clauses.append("status IN (\(names.map { _ in "?" }.joined(separator: ", ")))")
            arguments += StatementArguments(names)
        }
        if let after = query.after {
            guard case .run(let id) = try Cursor(after) else { throw StorageError.badCursor }
            clauses.append("id < ?")
            arguments += [id]
        }
        let limit = bounded(query.limit)
        let sql = """
            SELECT \(RunRecord.columns) FROM runs INDEXED BY runs_by_tenant
            WHERE \(clauses.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(limit + 1)
            """
        return try await read("list runs") { [arguments] db in
            Page(reading: try db.rows(sql, arguments, RunRecord.decode), limit: limit) {
                Cursor.run(id: $0.id.description).text
            }
        }
    }

    package func unfinishedRuns() throws -> [Run] {
        let names = RunStatus.allCases.filter { !$0.isTerminal }.map(\.rawValue)
        return try readBlocking("find runs without an end") { db in
            try db.rows(
                """
                SELECT \(RunRecord.columns), reserved_event FROM runs
                WHERE status IN (\(names.map { _ in "?" }.joined(separator: ", "))) ORDER BY id
                """, StatementArguments(names)
            ) { row in
                var run = try RunRecord.decode(row)
                run.lastEvent = row[17]
                return run
            }
        }
    }

    package func events(
        of run: RunID, after sequence: Int64, limit: Int
    ) async throws -> [RunEvent] {
        try await read("read the log of run \(run)") { db in
            try db.rows(
                """
                SELECT seq, kind, step, is_reliable, body FROM events
                WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?
                """, [run.description, sequence, bounded(limit)], EventRecord.decode)
        }
    }

    /// `next` is the ordinal to go on after, in decimal.
    package func reports(
        of run: RunID, after ordinal: Int64, limit: Int
    ) async throws -> Page<ReportedDocument> {
        let limit = bounded(limit)
        return try await read("read the report of run \(run)") { db in
            let found = try db.rows(
                """
                SELECT ordinal, kind, collection, external_id, code, message FROM run_reports
                WHERE run_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?
                """, [run.description, ordinal, limit + 1], ReportRecord.decode)
            let page = found.prefix(limit)
            return Page(
                items: page.map(\.report),
                next: found.count > limit ? page.last.map { String($0.ordinal) } : nil)
        }
    }

    package func reportLines(of run: RunID, limit: Int) throws -> [ReportLine] {
        try readBlocking("sum up the report of run \(run)") { db in
            // With min(), SQLite takes the other columns from the row that has the least.
            let lines = try db.rows(
                """
                SELECT kind, collection, code, count(DISTINCT coalesce(external_id, ordinal)) + sum(count) - count(*),
                    message, external_id IS NULL, min(ordinal)
                FROM run_reports WHERE run_id = ?
                GROUP BY kind, collection, code, external_id IS NULL ORDER BY min(ordinal) LIMIT ?
                """, [run.description, limit]
            ) { row in
                ReportLine(
                    kind: try stored(row[0], "a report"), collection: try row.text(1),
                    code: try row.text(2) ?? "", count: row[3], message: try row.text(4) ?? "",
                    isOfParts: row[5])
            }
            return try lines.map { try Self.named($0, of: run, db) }
        }
    }

    /// Of what was left out or is noted the first few are named.
    private static func named(_ line: ReportLine, of run: RunID, _ db: Database) throws -> ReportLine {
        guard line.kind != .failed, line.count > 1, !line.isOfParts else { return line }
        let messages = try db.rows(
            """
            SELECT message, min(ordinal) FROM run_reports
            WHERE run_id = ? AND kind = ? AND collection IS \(textPlaceholder)
                AND code = \(textPlaceholder) AND external_id IS NOT NULL
            GROUP BY external_id ORDER BY min(ordinal) LIMIT \(ReportLine.named)
            """, [run.description, line.kind.rawValue, Text(line.collection), Text(line.code)]
        ) { try $0.text(0) ?? "" }
        var named = line
        named.message = messages.joined(separator: " ")
        return named
    }

    /// Forgets runs that ended before a time, with their events and reports; documents stay.
    /// Returns how many runs went.
    package func removeRuns(endedBefore time: Timestamp) throws -> Int {
        let names = RunStatus.allCases.filter(\.isTerminal).map(\.rawValue)
        var removed = 0
        while true {
            // In steps, so that imports that write meanwhile wait for a step only.
            let step = try write("remove old runs") { db in
                try db.perform(
                    """
                    DELETE FROM runs WHERE id IN (
                        SELECT id FROM runs INDEXED BY runs_by_end
                        WHERE ended_at < ?
                            AND status IN (\(names.map { _ in "?" }.joined(separator: ", ")))
                        LIMIT 20)
                    """, [time.milliseconds] + StatementArguments(names))
                return db.changesCount
            }
            removed += step
            if step == 0 { return removed }
        }
    }
}
