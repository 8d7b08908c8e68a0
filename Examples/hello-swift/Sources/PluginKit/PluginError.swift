/// Why a call ends, or why the host refused something. `status` decides whether the host tries
/// again; `code` is stable and for programs; `message` is one sentence for the person who runs
/// the daemon, and holds no secret.
public struct PluginError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The contract's statuses. CANCELLED is missing: that is Swift's `CancellationError`.
    public enum Status: Int32, Sendable, Hashable {
        /// A person must edit the YAML; no retry.
        case invalidSettings = 2
        /// A person must renew access; no retry.
        case authFailed = 3
        /// Network, 5xx, a lock: the host retries with back-off.
        case transient = 4
        /// The host retries after `retryAfter`.
        case rateLimited = 5
        /// The source will keep refusing; no retry.
        case permanent = 6
        /// This plugin cannot do that.
        case unsupported = 7
        /// A bug.
        case internalError = 8
        /// From the host: this one document was refused, the import may go on.
        case rejected = 9
        /// From the host: this one document is over the limit, the import may go on.
        case tooLarge = 10
        /// The checkpoint is unusable: the host starts again with a full refresh.
        case checkpointInvalid = 11
    }

    public var status: Status
    public var code: String
    public var message: String
    public var details: JSONValue?
    public var retryAfter: Duration?

    public init(
        _ status: Status, code: String, message: String, details: JSONValue? = nil,
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }

    public var description: String { "\(message) (\(code))" }
}
