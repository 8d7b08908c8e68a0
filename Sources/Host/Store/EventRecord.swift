import Core
import GRDB

/// How an event of a run's log stands in its row.
enum EventRecord {
    static func insert(_ event: RunEvent, of run: RunID, _ db: Database) throws {
        if !event.isReliable {
            try db.perform(
                """
                DELETE FROM events INDEXED BY events_by_step
                WHERE run_id = ? AND step = \(textPlaceholder) AND NOT is_reliable
                """, [run.description, Text(event.step)])
        }
        try db.perform(
            """
            INSERT INTO events (run_id, seq, kind, step, is_reliable, body)
            VALUES (?, ?, ?, \(textPlaceholder), ?, \(textPlaceholder))
            """,
            [
                run.description, event.sequence, event.kind.rawValue, Text(event.step),
                event.isReliable, Text(event.body),
            ])
    }

    static func decode(_ row: Row) throws -> RunEvent {
        RunEvent(
            sequence: row[0], kind: try stored(row[1], "an event"), step: try row.text(2) ?? "",
            isReliable: row[3], body: try row.text(4) ?? "")
    }
}

/// How an entry of a run's report stands in its row.
enum ReportRecord {
    static func insert(
        _ report: ReportedDocument, ordinal: Int64, of run: RunID, _ db: Database
    ) throws {
        try db.perform(
            """
            INSERT INTO run_reports (run_id, ordinal, kind, collection, external_id, code, message)
            VALUES (?, ?, ?, \(textPlaceholder), \(textPlaceholder), \(textPlaceholder),
                \(textPlaceholder))
            """,
            [
                run.description, ordinal, report.kind.rawValue, Text(report.collection),
                Text(report.externalID), Text(report.code), Text(report.message),
            ])
    }

    static func decode(_ row: Row) throws -> (ordinal: Int64, report: ReportedDocument) {
        let report = ReportedDocument(
            kind: try stored(row[1], "a report"), collection: try row.text(2),
            externalID: try row.text(3), code: try row.text(4) ?? "",
            message: try row.text(5) ?? "")
        return (row[0], report)
    }
}

/// A case by the name under which it was stored.
func stored<Value: RawRepresentable<String>>(_ name: String, _ thing: String) throws -> Value {
    guard let value = Value(rawValue: name) else {
        throw StorageError.failed("the store holds \(thing) of the unknown kind \(name)")
    }
    return value
}
