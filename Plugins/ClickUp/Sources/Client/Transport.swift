/// The port through which the client reaches ClickUp: libcurl in the plugin, a script in tests.
protocol Transport: Sendable {
    /// One request. Ends at once with `CancellationError` when the task is cancelled.
    func send(_ request: Request) async throws -> Response
}

struct Request: Sendable, Hashable {
    var url: String
    /// Complete header lines, the token's among them: never log a request.
    var headers: [String] = []
    var method = "GET"
    var body: [UInt8]?
}

/// A whole answer, whatever its status.
struct Response: Sendable {
    var status: Int
    var body: [UInt8] = []
    var rateLimit = RateLimit()
    /// `Retry-After` in seconds, both of its forms.
    var retryAfter: Int64?
    /// `Date`, in milliseconds since 1970.
    var date: Int64?

    /// The `X-RateLimit-*` headers; nil where the answer has none.
    struct RateLimit: Sendable, Hashable {
        var limit: Int64?
        var remaining: Int64?
        /// As sent: Unix seconds, perhaps milliseconds.
        var reset: Int64?
    }
}

/// There was no whole answer.
struct TransportError: Error, Hashable {
    enum Kind: Hashable {
        /// Reset, timeout, cut short, name not resolved: worth another try.
        case interrupted
        /// A certificate that is not trusted, an address that is none.
        case refused
        /// Larger than the limit.
        case tooLarge
    }

    var kind: Kind
    var message: String
}
