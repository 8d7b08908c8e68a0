/// What the host does for a call. PluginKit implements it on the contract's function table; a
/// plugin's unit tests implement it in memory.
///
/// All methods may be called from any thread. Those that throw end with `CancellationError` once
/// the host wants the call to stop. What concerns documents is for imports alone.
public protocol HostServices: Sendable {
    var isCancelled: Bool { get }

    func log(_ level: LogLevel, _ message: String, fields: [String: String])
    func progress(step: String, message: String?, count: Int64?, total: Int64?)
    /// `json` is one JSON object in UTF-8.
    func upsert(collection: String, id: String, json: [UInt8]) throws
    func remove(collection: String, id: String) throws
    func known(collection: String, id: String, revision: String) throws -> Bool
    func complete(collection: String, scope: String?) throws
    func report(
        _ kind: ReportKind, collection: String?, id: String?, code: String, message: String)
    /// nil: goes on.
    func waiting(until: Timestamp?, reason: String)
    func offerCheckpoint(_ bytes: [UInt8]) throws
    func secret(_ name: String) -> String?

    /// Whether the next three do anything; see `RateLimit`.
    var sharesRateLimits: Bool { get }
    func reserve(_ cost: Int64, account: String) throws -> Duration
    func release(_ cost: Int64, account: String)
    func observe(account: String, limit: Int64?, remaining: Int64?, reset: Timestamp?)
}

/// A host without the extension for rate limits.
extension HostServices {
    public var sharesRateLimits: Bool { false }
    public func reserve(_ cost: Int64, account: String) throws -> Duration { .zero }
    public func release(_ cost: Int64, account: String) {}
    public func observe(account: String, limit: Int64?, remaining: Int64?, reset: Timestamp?) {}
}

/// The severity of a log line.
public enum LogLevel: Int32, Sendable, Hashable {
    case trace, debug, info, warning, error
}

/// What a line of the run's report is about.
public enum ReportKind: Int32, Sendable, Hashable {
    /// Should have been imported and was not.
    case failed = 1
    /// Left out by a setting or a permission.
    case skipped = 2
    case note = 3
}
