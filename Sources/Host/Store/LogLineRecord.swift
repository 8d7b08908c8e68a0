import Core
import GRDB

/// How a line of a run's log stands in its row.
enum LogLineRecord {
    /// Lines that are kept of one run, the newest ones; they are counted out by the thousand, so there may be 999 more.
    static let limit: Int64 = 10_000

    static func insert(
        _ line: RunLogLine, ordinal: Int64, of run: RunID, _ db: Database
    ) throws {
        try db.perform(
            """
            INSERT INTO run_log (run_id, ordinal, time, level, source, message)
            VALUES (?, ?, ?, ?, ?, \(textPlaceholder))
            """,
            [
                run.description, ordinal, line.time.milliseconds, line.level, line.source.rawValue,
                Text(line.message),
            ])
    }

    static func trim(upTo last: Int64, of run: RunID, _ db: Database) throws {
        try db.perform(
            "DELETE FROM run_log WHERE run_id = ? AND ordinal <= ?",
            [run.description, last - limit])
    }

    static func decode(_ row: Row) throws -> (ordinal: Int64, line: RunLogLine) {
        let line = RunLogLine(
            time: Timestamp(milliseconds: row[1]), level: row[2],
            source: try stored(row[3], "a log line"), message: try row.text(4) ?? "")
        return (row[0], line)
    }
}
