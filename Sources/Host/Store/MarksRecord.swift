import Core
import Foundation
import GRDB

/// What a run has seen, stored so that a later attempt in another process goes on with it.
enum MarksRecord {
    /// Writes the chunks that a batch has changed.
    static func save(_ marks: RowMarks, chunks: Set<Int64>, of run: RunID, _ db: Database) throws {
        for chunk in chunks {
            try db.perform(
                """
                INSERT INTO run_marks (run_id, chunk, marks) VALUES (?, ?, ?)
                ON CONFLICT (run_id, chunk) DO UPDATE SET marks = excluded.marks
                """, [run.description, chunk, Data(marks.bytes(ofChunk: chunk))])
        }
    }

    static func load(_ run: RunID, _ db: Database) throws -> RowMarks {
        var marks = RowMarks()
        for (chunk, bytes) in try db.rows(
            "SELECT chunk, marks FROM run_marks WHERE run_id = ?", [run.description],
            { ($0[0] as Int64, [UInt8]($0[1] as Data)) })
        {
            marks.set(chunk: chunk, bytes: bytes)
        }
        return marks
    }

    static func remove(_ run: RunID, _ db: Database) throws {
        try db.perform("DELETE FROM run_marks WHERE run_id = ?", [run.description])
    }
}
