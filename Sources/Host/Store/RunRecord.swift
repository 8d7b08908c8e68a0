import Core
import GRDB

/// How a run stands in its row.
enum RunRecord {
    private static let stateColumns: [(name: String, isText: Bool)] = [
        ("status", false), ("started_at", false), ("ended_at", false), ("options", true),
        ("progress", true), ("counts", true), ("result", true), ("failure", true),
        ("resume_at", false), ("last_event", false), ("attempt", false),
    ]

    private static func stateArguments(_ run: Run) -> StatementArguments {
        [
            run.status.rawValue, run.startedAt?.milliseconds, run.endedAt?.milliseconds,
            Text(run.wishes.text), Text(run.progress?.json.text), Text(run.counts.json.text),
            Text(run.result?.text), Text(run.failure?.json.text), run.resumeAt?.milliseconds,
            run.lastEvent, run.attempt,
        ]
    }

    // MARK: Writing

    private static let insertion = """
        INSERT INTO runs (
            id, organization, project, integration, created_at, requested_by, reserved_event,
            \(stateColumns.map(\.name).joined(separator: ", ")))
        VALUES (
            ?, ?, ?, ?, ?, \(textPlaceholder), ?,
            \(stateColumns.map { $0.isText ? textPlaceholder : "?" }.joined(separator: ", ")))
        """

    static func insert(_ run: Run, reservingUpTo sequence: Int64, _ db: Database) throws {
        try db.perform(
            insertion,
            [
                run.id.description, run.tenant.organization, run.tenant.project, run.integration,
                run.createdAt.milliseconds, Text(run.requestedBy), sequence,
            ] + stateArguments(run))
    }

    /// A run that was asked to stop is one until it has ended, whatever its thread knew when it wrote.
    private static func replacement(ending: Bool) -> String {
        let columns = stateColumns.map { column in
            let value = column.isText ? textPlaceholder : "?"
            guard column.name == "status", !ending else { return "\(column.name) = \(value)" }
            return "status = iif(status = '\(RunStatus.cancelling.rawValue)', status, \(value))"
        }
        return "UPDATE runs SET \(columns.joined(separator: ", ")) WHERE id = ?"
    }

    static func update(_ run: Run, _ db: Database) throws {
        try db.perform(
            replacement(ending: run.status.isTerminal), stateArguments(run) + [run.id.description])
        guard db.changesCount == 1 else {
            throw StorageError.failed("the run \(run.id) is not in the store")
        }
    }

    static func update(_ counts: ImportCounts, of run: RunID, _ db: Database) throws {
        try db.perform(
            "UPDATE runs SET counts = \(textPlaceholder) WHERE id = ?",
            [Text(counts.json.text), run.description])
    }

    // MARK: Reading

    static let columns = """
        id, organization, project, integration, created_at, requested_by, status, started_at,
        ended_at, options, progress, counts, result, failure, resume_at, last_event, attempt
        """

    static func decode(_ row: Row) throws -> Run {
        let name: String = row[0]
        guard let id = RunID(name) else {
            throw StorageError.failed("the store holds a run with the malformed id \(name)")
        }
        var run = Run(
            id: id, integration: row[3], tenant: Tenant(organization: row[1], project: row[2]),
            createdAt: Timestamp(milliseconds: row[4]), requestedBy: try row.text(5) ?? "")
        run.status = try stored(row[6], "a run")
        run.startedAt = (row[7] as Int64?).map(Timestamp.init(milliseconds:))
        run.endedAt = (row[8] as Int64?).map(Timestamp.init(milliseconds:))
        run.resumeAt = (row[14] as Int64?).map(Timestamp.init(milliseconds:))
        run.lastEvent = row[15]
        run.attempt = row[16]
        // As text, so that its keys keep the order in which the plugin wrote them.
        run.result = try row.text(12).map { .raw($0) }
        try damaged("run \(id)") {
            let wishes = try JSONValue(parsing: row.text(9) ?? "{}")
            run.options = RunOptions(json: wishes)
            run.endsUnread = wishes["endsUnread"]?.boolValue ?? false
            run.progress = try row.text(10).map { RunProgress(json: try JSONValue(parsing: $0)) }
            run.counts = ImportCounts(json: try JSONValue(parsing: row.text(11) ?? "{}"))
            run.failure = try row.text(13).map { RunFailure(json: try JSONValue(parsing: $0)) }
        }
        return run
    }
}
