import Core
import FoundationEssentials
import Store
import Synchronization
import Testing

/// What every store must do.  Each test of the suites below runs over each engine.
@Suite enum StorageConformance {
    static let engines = [
        StorageEngine(name: "SQLite") { folder, now in
            try SQLiteStore.open(path: folder.path + "/store.db", now: now)
        }
    ]
}

/// A way to make a store that is new and empty.
struct StorageEngine: Sendable, CustomTestStringConvertible {
    let name: String
    let open: @Sendable (TemporaryFolder, @escaping @Sendable () -> Timestamp) throws -> any Storage

    var testDescription: String { name }
}

/// A store with a clock that stands still until a test moves it.
final class Workbench: Sendable {
    let store: any Storage
    let folder = TemporaryFolder()
    let clock = SettableClock()

    init(_ engine: StorageEngine) throws {
        store = try engine.open(folder) { [clock] in clock.now }
    }

    /// - Parameter options: those of most tests may delete whatever they like.
    func run(
        _ integration: String = "clickup", tenant: Tenant = .default, options: RunOptions = .deletingAll
    ) async throws -> Run {
        var run = Run(
            id: RunID(at: clock.now), integration: integration, tenant: tenant,
            createdAt: clock.now, requestedBy: "test")
        run.options = options
        try await store.insert(run)
        return run
    }

    /// The session of a new run.
    func session(
        _ integration: String = "clickup", tenant: Tenant = .default
    ) async throws -> any ImportSession {
        try store.beginImport(await run(integration, tenant: tenant))
    }

    /// What one new run with these operations counted.
    @discardableResult
    func importing(_ operations: ImportOperation...) async throws -> ImportCounts {
        try await session().commit(operations)
    }

    /// Every document of the default tenant with its content, tombstones included, by key.
    func documents() async throws -> [DocumentKey: StoredDocument] {
        var query = DocumentQuery(tenant: .default)
        query.changedAfter = 0
        query.includesContent = true
        query.limit = 10_000
        let items = try await store.documents(query).items
        return Dictionary(uniqueKeysWithValues: items.map { ($0.draft.key, $0) })
    }

    /// The external ids of what is there and not deleted, in order.
    func living() async throws -> [String] {
        try await documents().values.filter { $0.deletedAt == nil }
            .map(\.draft.key.externalID).sorted()
    }
}

extension Storage {
    /// A run without events yet.
    func insert(_ run: Run) async throws {
        try await insert(run, events: [], reservingUpTo: 10)
    }
}

extension RunOptions {
    static var deletingAll: RunOptions {
        var options = RunOptions()
        options.allowsMassDelete = true
        return options
    }
}

final class SettableClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A folder of its own for a test, removed when nobody holds it any more.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/integrationd-\(UUID())"
    }

    deinit {
        // Nothing to remove is fine; anything else is left to the system's own cleaning.
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension ImportSession {
    @discardableResult
    func commit(_ operations: [ImportOperation]) throws -> ImportCounts {
        var batch = ImportBatch()
        batch.operations = operations
        return try commit(batch)
    }

    @discardableResult
    func commit(_ operations: ImportOperation...) throws -> ImportCounts { try commit(operations) }
}

extension ImportOperation {
    /// A page whose hash follows from its content and title.
    static func page(
        _ id: String, _ content: String = "text", in collection: String = "pages",
        parent: DocumentKey? = nil, scope: String? = nil, revision: String? = nil
    ) -> ImportOperation {
        var draft = DocumentDraft(key: DocumentKey(collection: collection, externalID: id))
        draft.title = "Page \(id)"
        draft.content = content
        draft.parent = parent
        draft.scope = scope
        draft.revision = revision
        draft.contentHash = "hash of \(content)"
        return .upsert(draft)
    }

    static func failure(_ id: String, in collection: String = "pages") -> ImportOperation {
        .report(
            ReportedDocument(
                kind: .failed, collection: collection, externalID: id, code: "upstream-unavailable",
                message: "no answer"))
    }
}

func page(_ id: String) -> DocumentKey { DocumentKey(collection: "pages", externalID: id) }
func doc(_ id: String) -> DocumentKey { DocumentKey(collection: "docs", externalID: id) }

/// Counts of one collection, spelled shortly.
func counts(
    new: Int = 0, updated: Int = 0, unchanged: Int = 0, deleted: Int = 0, failed: Int = 0,
    skipped: Int = 0
) -> ImportCounts.Collection {
    var counts = ImportCounts.Collection()
    counts.new = new
    counts.updated = updated
    counts.unchanged = unchanged
    counts.deleted = deleted
    counts.failed = failed
    counts.skipped = skipped
    return counts
}
