/// One account's limit of requests at the source, as the host keeps it for all calls that use
/// the account: two imports, a test and a structure call never race each other into a refusal.
///
/// Each reserved request ends with one `observe` or one `release`. Nothing here sleeps: a plugin
/// waits in its own way, and a cancelled wait gives back what it reserved.
public struct RateLimit: Sendable {
    public let account: String
    let host: any HostServices

    /// Reserves requests, and says how long to wait before they may start; zero: now. Asks the
    /// daemon, which takes as long as an upsert at most. Throws `CancellationError` once the host
    /// wants the call to end.
    public func reserve(_ cost: Int = 1) throws -> Duration {
        try host.reserve(Int64(cost), account: account)
    }

    /// Gives back what was reserved and never sent.
    public func release(_ cost: Int = 1) { host.release(Int64(cost), account: account) }

    /// A reserved request is over: what the answer's headers said, nil where they said nothing,
    /// also of a request without an answer. A refusal (429) is `remaining: 0` with the time of
    /// the reset.
    ///
    /// - Parameters:
    ///   - limit: requests of a whole window.
    ///   - remaining: what is left of it.
    ///   - reset: when the window ends.
    public func observe(limit: Int? = nil, remaining: Int? = nil, reset: Timestamp? = nil) {
        host.observe(
            account: account, limit: limit.map(Int64.init), remaining: remaining.map(Int64.init),
            reset: reset)
    }
}
