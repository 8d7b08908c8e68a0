package import Core
import FoundationEssentials
import GRDB

/// The checkpoint of an integration and tenant.
enum CheckpointRecord {
    static func save(_ data: [UInt8]?, of run: Run, _ db: Database) throws {
        let source: StatementArguments = [
            run.tenant.organization, run.tenant.project, run.integration,
        ]
        guard let data else {
            return try db.perform(
                """
                DELETE FROM checkpoints WHERE organization = ? AND project = ? AND integration = ?
                """, source)
        }
        try db.perform(
            """
            INSERT INTO checkpoints (organization, project, integration, data) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET data = excluded.data
            """, source + [Data(data)])
    }
}

/// The checkpoint that a run has made for itself alone.
enum OwnCheckpointRecord {
    static func save(_ data: [UInt8]?, of run: RunID, _ db: Database) throws {
        guard let data else { return try remove(run, db) }
        try db.perform(
            """
            INSERT INTO run_checkpoints (run_id, data) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET data = excluded.data
            """, [run.description, Data(data)])
    }

    static func remove(_ run: RunID, _ db: Database) throws {
        try db.perform("DELETE FROM run_checkpoints WHERE run_id = ?", [run.description])
    }
}

extension SQLiteStore {
    package func ownCheckpoint(of run: RunID) throws -> [UInt8]? {
        try readBlocking("read the checkpoint of run \(run)") { db in
            try db.row(
                "SELECT data FROM run_checkpoints WHERE run_id = ?", [run.description],
                { Array($0[0] as Data) })
        }
    }

    package func checkpoint(of integration: String, tenant: Tenant) throws -> [UInt8]? {
        try readBlocking("read the checkpoint of \(integration)") { db in
            try db.row(
                """
                SELECT data FROM checkpoints
                WHERE organization = ? AND project = ? AND integration = ?
                """, [tenant.organization, tenant.project, integration], { Array($0[0] as Data) })
        }
    }
}
