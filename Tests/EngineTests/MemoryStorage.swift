import Core
import Synchronization

/// A store in memory that does as much as the engine needs, notes what it was asked, and fails
/// where a test wants it to.
final class MemoryStorage: Storage {
    struct State {
        var runs: [RunID: Run] = [:]
        var events: [RunID: [RunEvent]] = [:]
        var reserved: [RunID: Int64] = [:]
        var batches: [ImportBatch] = []
        var revisions: [DocumentKey: String] = [:]
        var checkpoint: [UInt8]?
        var updates: [RunStatus] = []
        var crashRecords: [String: CrashRecord] = [:]
        var ownCheckpoints: [RunID: [UInt8]] = [:]
        var reportLines: [ReportLine] = []
        var webhooks: [WebhookImport] = []
        var webhookIDs: Set<String> = []
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String { "the disk is full" }
    }

    enum Operation: Hashable { case insert, begin, commit, update, checkpoint }

    private let state = Mutex(State())
    private let failing = Mutex<Set<Operation>>([])
    /// Called before anything of an operation is done, on the engine's thread.
    private let hooks = Mutex<[Operation: @Sendable (Run?) -> Void]>([:])

    var current: State { state.withLock { $0 } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func fail(_ operations: Operation...) { failing.withLock { $0.formUnion(operations) } }
    func before(_ operation: Operation, _ body: @escaping @Sendable (Run?) -> Void) {
        hooks.withLock { $0[operation] = body }
    }

    /// Operations that were committed, over all batches.
    var operations: [ImportOperation] { current.batches.flatMap(\.operations) }

    var upserted: [String] {
        operations.compactMap { if case .upsert(let draft) = $0 { draft.key.externalID } else { nil } }
    }

    fileprivate func enter(_ operation: Operation, _ run: Run? = nil) throws {
        hooks.withLock { $0[operation] }?(run)
        if failing.withLock({ $0.contains(operation) }) { throw Failure() }
    }

    // MARK: Writing

    func insert(_ run: Run, events: [RunEvent], reservingUpTo sequence: Int64) async throws {
        try enter(.insert, run)
        state.withLock {
            $0.runs[run.id] = run
            $0.events[run.id] = events
            $0.reserved[run.id] = sequence
        }
    }

    func reserveEvents(of run: RunID, upTo sequence: Int64) throws {
        state.withLock { $0.reserved[run] = max($0.reserved[run] ?? 0, sequence) }
    }

    func noteCancelling(_ run: RunID) async throws {
        state.withLock { state in
            if state.runs[run]?.status.isTerminal == false { state.runs[run]?.status = .cancelling }
        }
    }

    func update(_ run: Run, appending events: [RunEvent]) throws {
        try enter(.update, run)
        state.withLock {
            $0.runs[run.id] = run
            $0.updates.append(run.status)
            $0.events[run.id, default: []] += events
        }
    }

    func beginImport(_ run: Run) throws -> any ImportSession {
        try enter(.begin, run)
        return MemorySession(self, run.id)
    }

    func checkpoint(of integration: String, tenant: Tenant) throws -> [UInt8]? {
        try enter(.checkpoint)
        return current.checkpoint
    }

    func ownCheckpoint(of run: RunID) throws -> [UInt8]? { current.ownCheckpoints[run] }
    func reportLines(of run: RunID, limit: Int) throws -> [ReportLine] { current.reportLines }

    fileprivate func commit(_ batch: ImportBatch, of run: RunID) throws {
        try enter(.commit)
        state.withLock { state in
            state.batches.append(batch)
            state.events[run, default: []] += batch.events
            for operation in batch.operations {
                switch operation {
                case .upsert(let draft): state.revisions[draft.key] = draft.revision
                case .remove(let key): state.revisions[key] = nil
                case .checkpoint(let bytes):
                    let options = state.runs[run]?.options ?? RunOptions()
                    if options.hasOwnCheckpoint { state.ownCheckpoints[run] = bytes }
                    if !options.isNarrowed { state.checkpoint = bytes }
                case .complete, .report: continue
                }
            }
        }
    }

    // MARK: Reading

    func run(_ id: RunID) async throws -> Run? { current.runs[id] }
    func runs(_ query: RunQuery) async throws -> Page<Run> {
        Page(items: current.runs.values.sorted { $0.createdAt > $1.createdAt }, next: nil)
    }

    func unfinishedRuns() throws -> [Run] {
        let state = current
        return state.runs.values.filter { !$0.status.isTerminal }.map { run in
            var run = run
            run.lastEvent = state.reserved[run.id] ?? run.lastEvent
            return run
        }
    }

    func events(of run: RunID, after sequence: Int64, limit: Int) async throws -> [RunEvent] {
        (current.events[run] ?? []).sorted { $0.sequence < $1.sequence }
            .filter { $0.sequence > sequence }.prefix(limit).map { $0 }
    }

    func reports(of run: RunID, after ordinal: Int64, limit: Int) async throws -> Page<ReportedDocument> {
        Page(items: [], next: nil)
    }

    func logLines(of run: RunID, after ordinal: Int64, limit: Int) async throws -> Page<RunLogLine> {
        Page(items: current.batches.flatMap(\.logLines), next: nil)
    }

    func crashRecords() throws -> [CrashRecord] { Array(current.crashRecords.values) }
    func save(_ record: CrashRecord) throws { change { $0.crashRecords[record.integration] = record } }
    func removeCrashRecord(of integration: String) throws -> Bool {
        state.withLock { $0.crashRecords.removeValue(forKey: integration) != nil }
    }

    func earlierClaim(_ key: IdempotencyKey) async throws -> IdempotencyKey.Claim { .granted }
    func claim(_ key: IdempotencyKey, for run: RunID) async throws -> IdempotencyKey.Claim { .granted }

    func keep(_ request: WebhookImport) async throws -> WebhookImport? {
        state.withLock { state in
            let fresh = request.ids.filter { !state.webhookIDs.contains($0) }
            guard request.ids.isEmpty || !fresh.isEmpty else { return nil }
            state.webhookIDs.formUnion(fresh)
            var kept = request
            kept.number = (state.webhooks.last?.number ?? 0) + 1
            if request.settings != nil { state.webhooks.append(kept) }
            return kept
        }
    }

    func keptWebhookImports() throws -> [WebhookImport] { current.webhooks }

    func forgetWebhookImports(_ numbers: [Int64]) async throws {
        state.withLock { $0.webhooks.removeAll { numbers.contains($0.number) } }
    }

    func document(_ id: String, tenant: Tenant) async throws -> StoredDocument? { nil }
    func documents(_ query: DocumentQuery) async throws -> Page<StoredDocument> { Page(items: [], next: nil) }
    func close() throws {}
}

/// Counts each document once.
private final class MemorySession: ImportSession {
    private let storage: MemoryStorage
    private let run: RunID
    private var seen: Set<DocumentKey> = []
    private var counts = ImportCounts()

    init(_ storage: MemoryStorage, _ run: RunID) {
        self.storage = storage
        self.run = run
    }

    func known(_ key: DocumentKey, revision: String) throws -> Bool {
        guard storage.current.revisions[key] == revision else { return false }
        if seen.insert(key).inserted { counts[key.collection].unchanged += 1 }
        return true
    }

    func commit(_ batch: ImportBatch) throws -> ImportCounts {
        try storage.commit(batch, of: run)
        for operation in batch.operations {
            switch operation {
            case .upsert(let draft):
                if seen.insert(draft.key).inserted { counts[draft.key.collection].new += 1 }
            case .report(let report) where report.kind == .failed:
                counts[report.collection ?? "items"].failed += 1
            case .remove(let key): counts[key.collection].deleted += 1
            default: continue
            }
        }
        return counts
    }
}
