/// One import: what the host gave, and what the plugin can tell it.
public struct ImportCall: PluginCall {
    public typealias Options = CallOptions

    public let options: CallOptions
    public let host: any HostServices

    public init(options: CallOptions, host: any HostServices) {
        self.options = options
        self.host = host
    }

    public var runID: String { options.runID }
    public var checkpoint: [UInt8]? { options.checkpoint }
    public var isFullRefresh: Bool { options.isFullRefresh }
    public var isNarrowed: Bool { options.isNarrowed }
    public var collections: [String]? { options.collections }

    /// Whether this import is to cover the collection; one may be narrowed to some.
    public func wants(_ collection: String) -> Bool { collections?.contains(collection) ?? true }
}

extension ImportCall {
    /// Tells readers where the import stands. `step` is a short stable name (`[a-z0-9_]{1,64}`),
    /// `message` one line for a person.
    public func progress(
        _ step: String, _ message: String? = nil, count: Int? = nil, total: Int? = nil
    ) {
        host.progress(
            step: step, message: message, count: count.map(Int64.init), total: total.map(Int64.init)
        )
    }

    /// Creates or replaces one document; waits while the daemon is busy. A `PluginError` with
    /// status `rejected` or `tooLarge` concerns this document alone.
    public func upsert(_ document: Document) throws {
        try host.upsert(collection: document.collection, id: document.id, json: document.json)
    }

    /// Creates or replaces one document given as a JSON object in UTF-8.
    public func upsert(collection: String, id: String, json: [UInt8]) throws {
        try host.upsert(collection: collection, id: id, json: json)
    }

    /// Marks one document deleted, and all that hangs on it by `parent` but what this run has seen; an absent one
    /// is no error.
    public func remove(collection: String, id: String) throws {
        try host.remove(collection: collection, id: id)
    }

    /// Is the document stored with this revision? Then it counts as seen and unchanged, and need
    /// not be fetched.
    public func known(collection: String, id: String, revision: String) throws -> Bool {
        try host.known(collection: collection, id: id, revision: revision)
    }

    /// The enumeration of the collection, or of one scope of it, is complete: what this run has
    /// neither upserted nor found known there is gone. Never after an enumeration with gaps.
    public func complete(collection: String, scope: String? = nil) throws {
        try host.complete(collection: collection, scope: scope)
    }

    /// A line for the run's report.
    public func report(
        _ kind: ReportKind, collection: String? = nil, id: String? = nil, code: String,
        message: String
    ) {
        host.report(kind, collection: collection, id: id, code: code, message: message)
    }

    /// Offers a place to resume from; current once everything upserted before is stored.
    public func offerCheckpoint(_ bytes: [UInt8]) throws { try host.offerCheckpoint(bytes) }
}
