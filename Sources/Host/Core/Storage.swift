/// What the engine and the HTTP routes need of a store.
///
/// Reading is asynchronous and may run beside an import.  Writing during an import happens
/// through an `ImportSession`, which blocks the run's own thread: that is the back-pressure.
package protocol Storage: Sendable {
    /// Records a run that is new, with the first events of its log, and reserves numbers for events.
    func insert(_ run: Run, events: [RunEvent], reservingUpTo sequence: Int64) async throws
    /// Makes sure that no number up to this one names an event again after a crash.
    func reserveEvents(of run: RunID, upTo sequence: Int64) throws
    /// Records what is known of a run now, and events of its log, in one transaction.
    func update(_ run: Run, appending events: [RunEvent]) throws
    /// Records that a run was asked to stop, unless it has ended.  It stays `cancelling` until it is updated with
    /// its end, and so does not go on after a crash.
    func noteCancelling(_ run: RunID) async throws
    /// Opens the write side of one run.  One thread at a time uses the session.
    func beginImport(_ run: Run) throws -> any ImportSession
    /// The checkpoint by which the next import of this integration goes on.
    func checkpoint(of integration: String, tenant: Tenant) throws -> [UInt8]?
    /// The checkpoint that a run has made for itself, see `RunOptions.hasOwnCheckpoint`.
    func ownCheckpoint(of run: RunID) throws -> [UInt8]?
    /// What a run did not import and why, one line for each reason; the oldest first, so many at most.
    func reportLines(of run: RunID, limit: Int) throws -> [ReportLine]

    func run(_ id: RunID) async throws -> Run?
    /// Newest first.
    func runs(_ query: RunQuery) async throws -> Page<Run>
    /// Runs that a previous process left without an end, oldest first; `lastEvent` is the last
    /// number that was reserved.
    func unfinishedRuns() throws -> [Run]
    /// Events with a greater number than `sequence`, in order.
    func events(of run: RunID, after sequence: Int64, limit: Int) async throws -> [RunEvent]
    func reports(of run: RunID, after ordinal: Int64, limit: Int) async throws -> Page<ReportedDocument>
    /// The newest lines of a run's log, oldest first.
    func logLines(of run: RunID, after ordinal: Int64, limit: Int) async throws -> Page<RunLogLine>
    /// What a key stands for so far, without setting it.
    func earlierClaim(_ key: IdempotencyKey) async throws -> IdempotencyKey.Claim
    /// The run that an idempotency key stands for; the first use of a key sets it.  Keys are
    /// forgotten after a day.
    func claim(_ key: IdempotencyKey, for run: RunID) async throws -> IdempotencyKey.Claim

    /// Plugins that crashed in their last run, one record an integration.
    func crashRecords() throws -> [CrashRecord]
    func save(_ record: CrashRecord) throws
    /// False if there was none.
    func removeCrashRecord(of integration: String) throws -> Bool

    /// Keeps what a webhook asks for until an import has done it, and remembers the ids of the
    /// changes for a week.  Returns it with its number; nil, and nothing is kept, when it has ids and
    /// all of them were here before.
    func keep(_ request: WebhookImport) async throws -> WebhookImport?
    /// What has been kept and not been done, oldest first.
    func keptWebhookImports() throws -> [WebhookImport]
    /// An import does these.
    func forgetWebhookImports(_ numbers: [Int64]) async throws

    func document(_ id: String, tenant: Tenant) async throws -> StoredDocument?
    func documents(_ query: DocumentQuery) async throws -> Page<StoredDocument>
    /// Ends the use of the store; waits for what is being written.
    func close() throws
}

/// The write side of one run.  Remembers which documents the run has seen, also from one process
/// to the next.
package protocol ImportSession: AnyObject {
    /// Whether a document is stored with this revision and not deleted; if so it counts as seen
    /// and unchanged.
    func known(_ key: DocumentKey, revision: String) throws -> Bool
    /// Does all of a batch in one transaction, in order, and returns the run's counts so far.
    func commit(_ batch: ImportBatch) throws -> ImportCounts
}

/// One step of an import, in the order in which the plugin made it.
package enum ImportOperation: Sendable {
    case upsert(DocumentDraft)
    case remove(DocumentKey)
    /// Everything of the collection (and scope) that the run has not seen is marked deleted, with
    /// the documents that have it as their parent, except those that failed.  Not if that is more
    /// than 30 % of a collection, which the run's options have to allow, nor where the enumeration
    /// cannot have been complete.
    case complete(collection: String, scope: String?)
    case report(ReportedDocument)
    /// nil clears it.
    case checkpoint([UInt8]?)
}

/// What is written together.
package struct ImportBatch: Sendable {
    package var operations: [ImportOperation] = []
    /// A reliable event is added; another one replaces the one of the same step.
    package var events: [RunEvent] = []
    package var logLines: [RunLogLine] = []

    package init() {}
}

/// Which runs to list.
package struct RunQuery: Sendable {
    package var tenant: Tenant
    package var integration: String?
    package var statuses: Set<RunStatus> = []  // empty: all
    package var limit = 100
    package var after: String?

    package init(tenant: Tenant) { self.tenant = tenant }
}

/// Which documents to list.  With `changedAfter`, in the order of their change numbers and with
/// tombstones; without, in the order of their ids and without tombstones.
package struct DocumentQuery: Sendable {
    package var tenant: Tenant
    package var integration: String?
    package var collection: String?
    package var changedAfter: Int64?
    package var includesContent = false
    package var limit = 100
    package var after: String?

    package init(tenant: Tenant) { self.tenant = tenant }
}

/// A part of a list and where the rest begins.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Goes back as `after`; nil at the end.
    package var next: String?

    package init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}

/// What a store throws.
package enum StorageError: Error, CustomStringConvertible {
    /// Another process uses the same store.
    case locked(String)
    /// The cursor of a list was not made by this store.
    case badCursor
    case failed(String)

    package var description: String {
        switch self {
        case .locked(let message), .failed(let message): message
        case .badCursor: "the cursor was not made by this server"
        }
    }
}

extension Storage {
    /// All that is stored of a run's log, which is bounded.
    package func allEvents(of run: RunID) async throws -> [RunEvent] {
        var events: [RunEvent] = []
        while true {
            let more = try await self.events(of: run, after: events.last?.sequence ?? 0, limit: 1000)
            if more.isEmpty { return events }
            events += more
        }
    }
}
