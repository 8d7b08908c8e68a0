import Core
import GRDB

/// One step of the schema.  A step that was released is never edited; a change is a new step.
package struct Migration: Sendable {
    package let name: String
    package let sql: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    /// Oldest first.
    package static let all = [
        Migration(name: "1", sql: firstSchema),
        Migration(name: "plugin-crashes", sql: pluginCrashes),
        Migration(name: "webhooks", sql: webhooksAndOwnCheckpoints),
        Migration(name: "report-counts", sql: reportCounts),
    ]

    static func apply(_ migrations: [Migration], to pool: DatabasePool) throws {
        try migrator(of: migrations).migrate(pool)
    }

    /// Refuses a file that is not ours, or that a later version wrote, without touching it:
    /// making a pool already writes.
    static func inspect(_ file: StoreFile, for migrations: [Migration]) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: file.path, configuration: configuration)
        if try reader.read(isForeign) { throw file.foreign }
        if try reader.read(migrator(of: migrations).hasBeenSuperseded) {
            throw StorageError.failed(
                "\(file.path) was written by a newer integrationd; use that version, or set "
                    + "store.sqlite to another file")
        }
        try reader.close()
    }

    private static func migrator(of migrations: [Migration]) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        return migrator
    }

    private static func isForeign(_ db: Database) throws -> Bool {
        let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id")
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        return mark != StoreFile.applicationID && !isEmpty
    }

    /// How many documents an entry of a report stands for: see `Skips`.
    private static let reportCounts = "ALTER TABLE run_reports ADD COLUMN count INTEGER NOT NULL DEFAULT 1;"

    private static let pluginCrashes = """
        CREATE TABLE plugin_crashes (
            integration TEXT PRIMARY KEY,
            sha256 TEXT NOT NULL,
            crashes INTEGER NOT NULL,
            reason TEXT NOT NULL,
            since INTEGER,
            next_try INTEGER
        ) STRICT, WITHOUT ROWID;
        """

    private static let webhooksAndOwnCheckpoints = """
        CREATE TABLE webhook_ids (
            organization TEXT NOT NULL,
            project TEXT NOT NULL,
            integration TEXT NOT NULL,
            id TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            PRIMARY KEY (organization, project, integration, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhook_ids_by_time ON webhook_ids (received_at);

        CREATE TABLE webhook_imports (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            organization TEXT NOT NULL,
            project TEXT NOT NULL,
            integration TEXT NOT NULL,
            settings TEXT NOT NULL
        ) STRICT;

        CREATE TABLE run_checkpoints (
            run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
            data BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    // Tables are STRICT: text is bound as bytes and cast (see `Text`), and a forgotten cast must
    // be an error.  Contents have a table of their own: ten documents without them fit on a page,
    // so lists, deletions and imports of what is unchanged touch a tenth of the file.
    private static let firstSchema = """
        PRAGMA application_id = \(StoreFile.applicationID);

        CREATE TABLE counters (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO counters VALUES ('change', 0);

        CREATE TABLE documents (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            organization TEXT NOT NULL,
            project TEXT NOT NULL,
            integration TEXT NOT NULL,
            collection TEXT NOT NULL,
            external_id TEXT NOT NULL,
            change INTEGER NOT NULL,
            synced_at INTEGER NOT NULL,
            deleted_at INTEGER,
            content_hash TEXT NOT NULL,
            revision TEXT,
            scope TEXT,
            parent_collection TEXT,
            parent_id TEXT,
            position REAL,
            title TEXT NOT NULL,
            content_type TEXT NOT NULL,
            url TEXT,
            created_at TEXT,
            updated_at TEXT,
            path TEXT NOT NULL,
            authors TEXT NOT NULL,
            metadata TEXT NOT NULL
        ) STRICT;
        CREATE TABLE contents (
            row INTEGER PRIMARY KEY REFERENCES documents (row),
            content TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX documents_by_key
            ON documents (organization, project, integration, collection, external_id);
        CREATE UNIQUE INDEX documents_by_id
            ON documents (organization, project, id, integration, collection);
        CREATE UNIQUE INDEX documents_by_change
            ON documents (organization, project, change, integration, collection);
        CREATE INDEX documents_by_scope
            ON documents (organization, project, integration, collection, scope, external_id)
            WHERE scope IS NOT NULL;
        CREATE INDEX documents_by_parent
            ON documents (organization, project, integration, parent_collection, parent_id)
            WHERE parent_id IS NOT NULL;

        CREATE TABLE runs (
            id TEXT PRIMARY KEY,
            organization TEXT NOT NULL,
            project TEXT NOT NULL,
            integration TEXT NOT NULL,
            status TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            requested_by TEXT NOT NULL,
            options TEXT NOT NULL,
            progress TEXT,
            counts TEXT NOT NULL,
            result TEXT,
            failure TEXT,
            resume_at INTEGER,
            last_event INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            reserved_event INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX runs_by_tenant ON runs (organization, project, id, integration, status);
        CREATE INDEX runs_by_end ON runs (ended_at);

        CREATE TABLE events (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            kind TEXT NOT NULL,
            step TEXT NOT NULL,
            is_reliable INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (run_id, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX events_by_step ON events (run_id, step) WHERE NOT is_reliable;

        CREATE TABLE run_log (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            time INTEGER NOT NULL,
            level TEXT NOT NULL,
            source TEXT NOT NULL,
            message TEXT NOT NULL,
            PRIMARY KEY (run_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run_marks (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            chunk INTEGER NOT NULL,
            marks BLOB NOT NULL,
            PRIMARY KEY (run_id, chunk)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE idempotency_keys (
            principal TEXT NOT NULL,
            route TEXT NOT NULL,
            key TEXT NOT NULL,
            body_digest TEXT NOT NULL,
            run_id TEXT NOT NULL,
            claimed_at INTEGER NOT NULL,
            PRIMARY KEY (principal, route, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run_reports (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            kind TEXT NOT NULL,
            collection TEXT,
            external_id TEXT,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            PRIMARY KEY (run_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE checkpoints (
            organization TEXT NOT NULL,
            project TEXT NOT NULL,
            integration TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (organization, project, integration)
        ) STRICT, WITHOUT ROWID;
        """
}
