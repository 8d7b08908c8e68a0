package import Core
import GRDB

extension SQLiteStore {
    /// How long a key is remembered.
    private static let memory = Duration.seconds(86_400)

    package func earlierClaim(_ key: IdempotencyKey) async throws -> IdempotencyKey.Claim {
        let oldest = now().milliseconds - Self.memory.wholeMilliseconds
        return try await read("look up an idempotency key") { try Self.claim(key, since: oldest, $0) }
    }

    package func claim(
        _ key: IdempotencyKey, for run: RunID
    ) async throws -> IdempotencyKey.Claim {
        let now = now().milliseconds
        let oldest = now - Self.memory.wholeMilliseconds
        return try await write("remember an idempotency key") { db in
            try db.perform("DELETE FROM idempotency_keys WHERE claimed_at < ?", [oldest])
            let earlier = try Self.claim(key, since: oldest, db)
            guard earlier == .granted else { return earlier }
            try db.perform(
                """
                INSERT INTO idempotency_keys
                    (principal, route, key, body_digest, run_id, claimed_at)
                VALUES (\(textPlaceholder), \(textPlaceholder), \(textPlaceholder), ?, ?, ?)
                """,
                [
                    Text(key.principal), Text(key.route), Text(key.key), key.bodyDigest,
                    run.description, now,
                ])
            return .granted
        }
    }

    private static func claim(
        _ key: IdempotencyKey, since oldest: Int64, _ db: Database
    ) throws -> IdempotencyKey.Claim {
        let earlier = try db.row(
            """
            SELECT body_digest, run_id FROM idempotency_keys
            WHERE principal = \(textPlaceholder) AND route = \(textPlaceholder)
                AND key = \(textPlaceholder) AND claimed_at >= ?
            """, [Text(key.principal), Text(key.route), Text(key.key), oldest],
            { (digest: $0[0] as String, run: $0[1] as String) })
        guard let earlier else { return .granted }
        guard earlier.digest == key.bodyDigest, let run = RunID(earlier.run) else { return .reused }
        return .taken(run)
    }

    /// `next` is the ordinal to go on after, in decimal.
    package func logLines(
        of run: RunID, after ordinal: Int64, limit: Int
    ) async throws -> Page<RunLogLine> {
        let limit = bounded(limit)
        return try await read("read the log lines of run \(run)") { db in
            let found = try db.rows(
                """
                SELECT ordinal, time, level, source, message FROM run_log
                WHERE run_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?
                """, [run.description, ordinal, limit + 1], LogLineRecord.decode)
            let page = found.prefix(limit)
            return Page(
                items: page.map(\.line),
                next: found.count > limit ? page.last.map { String($0.ordinal) } : nil)
        }
    }
}
