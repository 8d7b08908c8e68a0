package import Core
import GRDB

/// Which plugins have crashed, in the table `plugin_crashes`.
extension SQLiteStore {
    package func crashRecords() throws -> [CrashRecord] {
        try readBlocking("read which plugins crashed", Self.crashRecords)
    }

    /// As a file has them now that a daemon may have open; none, if there is no file.
    package static func crashRecords(inFile path: String) throws -> [CrashRecord] {
        guard StoreCondition(path: path).file != .absent else { return [] }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        return try DatabaseQueue(path: path, configuration: configuration).read(crashRecords)
    }

    private static func crashRecords(_ db: Database) throws -> [CrashRecord] {
        try db.rows(
            """
            SELECT integration, sha256, crashes, reason, since, next_try FROM plugin_crashes
            ORDER BY integration
            """, [], crashRecord)
    }

    private static func crashRecord(_ row: Row) throws -> CrashRecord {
        let since = (row[4] as Int64?).map(Timestamp.init(milliseconds:))
        let nextTry = (row[5] as Int64?).map(Timestamp.init(milliseconds:))
        return CrashRecord(
            integration: row[0], sha256: row[1], crashes: row[2], reason: try row.text(3) ?? "",
            quarantine: since.flatMap { since in nextTry.map { .init(since: since, nextTry: $0) } })
    }

    package func save(_ record: CrashRecord) throws {
        try write("keep that a plugin crashed") { db in
            try db.perform(
                """
                INSERT INTO plugin_crashes (integration, sha256, crashes, reason, since, next_try)
                VALUES (?, ?, ?, \(textPlaceholder), ?, ?)
                ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, crashes = excluded.crashes,
                    reason = excluded.reason, since = excluded.since, next_try = excluded.next_try
                """,
                [
                    record.integration, record.sha256, record.crashes, Text(record.reason),
                    record.quarantine?.since.milliseconds, record.quarantine?.nextTry.milliseconds,
                ])
        }
    }

    package func removeCrashRecord(of integration: String) throws -> Bool {
        try write("forget that a plugin crashed") { db in
            try db.perform("DELETE FROM plugin_crashes WHERE integration = ?", [integration])
            return db.changesCount > 0
        }
    }
}
