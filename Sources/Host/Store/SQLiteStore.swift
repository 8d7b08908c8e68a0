package import Core
import GRDB

/// Documents, runs, their logs and checkpoints in one SQLite file.
///
/// One process at a time: `<path>.lock` is held until `close()`.  Writing is serialized by the
/// pool; readers work beside it on snapshots (WAL), so a long import never blocks a list.
package final class SQLiteStore: Storage, Sendable {
    let file: StoreFile
    let pool: DatabasePool
    let now: @Sendable () -> Timestamp
    private let lock: StoreLock
    private let writes: WriteGroup

    private init(
        file: StoreFile, pool: DatabasePool, lock: StoreLock,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.file = file
        self.pool = pool
        self.lock = lock
        self.now = now
        writes = WriteGroup(pool)
    }

    /// Opens the file, creating it (0600) and its folder (0700) where they are missing, and brings
    /// its schema up to date.
    package static func open(path: String) throws -> SQLiteStore {
        try open(path: path, migrations: Migration.all, now: { .now })
    }

    /// As above, with the schema and the time given.
    package static func open(
        path: String, migrations: [Migration] = Migration.all,
        now: @escaping @Sendable () -> Timestamp
    ) throws -> SQLiteStore {
        let file = try StoreFile.prepare(path)
        let lock = try StoreLock.acquire(for: file)
        let pool = try file.explaining("open the store") {
            try file.inspectHeader()
            try Migration.inspect(file, for: migrations)
            let pool = try DatabasePool(path: file.path, configuration: configuration)
            try Migration.apply(migrations, to: pool)
            return pool
        }
        return SQLiteStore(file: file, pool: pool, lock: lock, now: now)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "integrationd.store"
        // Only a foreign tool, such as a backup, can make us wait.
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            // With WAL: a crash of the process loses nothing; a power cut may lose the newest
            // commits, but never damages the file.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            // A checkpoint gives the disk back what a large import made of the log.
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
        }
        return configuration
    }

    /// Gives back memory that is of use only while something is imported; blocks for that.
    package func releaseMemory() { pool.releaseMemory() }

    package func close() throws {
        try file.explaining("close the store") {
            // SQLite folds the log into the file when the last connection that may write closes;
            // the pool closes its readers after that one, unless they are gone already.
            pool.invalidateReadOnlyConnections()
            try pool.close()
        }
        lock.release()
    }

    /// One transaction on the only connection that writes, or a part of one; blocks the calling thread.
    ///
    /// - Parameters:
    ///   - size: how much it is, in documents or the like.
    ///   - body: may be called twice, see `WriteGroup`.
    func write<T>(_ action: String, size: Int = 1, _ body: @escaping (Database) throws -> T) throws -> T {
        try file.explaining(action) { try writes.write(size: size, body) }
    }

    /// As above, without blocking the caller's thread.
    func write<T: Sendable>(
        _ action: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        do {
            return try await pool.write(body)
        } catch {
            throw file.explanation(of: error, action)
        }
    }

    /// A consistent snapshot; blocks the calling thread.
    func readBlocking<T>(_ action: String, _ body: (Database) throws -> T) throws -> T {
        try file.explaining(action) { try pool.read(body) }
    }

    /// A consistent snapshot, without blocking the caller's thread.
    func read<T: Sendable>(
        _ action: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        do {
            return try await pool.read(body)
        } catch {
            throw file.explanation(of: error, action)
        }
    }
}
