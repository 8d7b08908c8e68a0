/// One import: what the host gave, and what the plugin can tell it.
public struct ImportCall: Sendable {
    /// What is fixed for the whole call.
    public struct Options: Sendable {
        public var runID = ""
        /// The entry's name in the YAML.
        public var integration = ""
        /// The entry's settings as a JSON object, defaults filled in, secrets left out.
        public var settings: [UInt8] = Array("{}".utf8)
        /// Where the last import stood; nil on the first one and on a full refresh.
        public var checkpoint: [UInt8]?
        public var isFullRefresh = false
        /// nil: all.
        public var collections: [String]?
        public var deadline: Timestamp?
        /// Private to this integration and tenant, kept between runs.
        public var dataFolder = ""
        /// Private, removed after the call.
        public var tempFolder = ""

        public init() {}
    }

    public let options: Options
    private let host: any HostServices

    public init(options: Options, host: any HostServices) {
        self.options = options
        self.host = host
    }

    public var runID: String { options.runID }
    public var integration: String { options.integration }
    public var checkpoint: [UInt8]? { options.checkpoint }
    public var isFullRefresh: Bool { options.isFullRefresh }
    public var collections: [String]? { options.collections }
    public var dataFolder: String { options.dataFolder }
    public var tempFolder: String { options.tempFolder }

    /// The host wants the import to end. The task is cancelled then too, so code that awaits
    /// need not ask.
    public var isCancelled: Bool { Task.isCancelled || host.isCancelled }

    /// Whether this import is to cover the collection; one may be narrowed to some.
    public func wants(_ collection: String) -> Bool { collections?.contains(collection) ?? true }

    /// The settings as the host checked them: an object with defaults and without secrets.  The
    /// module PluginKitCodable reads them as a type of the plugin's own.
    public func settings() throws -> JSONValue {
        do {
            return try JSONValue(parsing: options.settings)
        } catch {
            throw PluginError(
                .invalidSettings, code: "settings-invalid",
                message: "The settings do not fit this plugin: \(error)")
        }
    }

    /// A secret that the YAML grants this integration. Keep it no longer than needed, and out of
    /// logs and errors.
    public func secret(_ name: String) -> String? { host.secret(name) }
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

    /// Deletes one document; an absent one is no error.
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

    /// The import waits for something outside until then; nil when it goes on.
    public func waiting(until: Timestamp?, reason: String = "") {
        host.waiting(until: until, reason: reason)
    }

    /// Offers a place to resume from; current once everything upserted before is stored.
    public func offerCheckpoint(_ bytes: [UInt8]) throws { try host.offerCheckpoint(bytes) }

    /// One line in the run's log.
    public func log(_ level: LogLevel, _ message: String, _ fields: [String: String] = [:]) {
        host.log(level, message, fields: fields)
    }

    /// The contract's bridge, when this call came through it: for host extensions.
    var bridge: HostBridge? { host as? HostBridge }
}
