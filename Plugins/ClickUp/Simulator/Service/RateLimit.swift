import HTTPTypes

/// ClickUp's limit: a fixed window that opens with the first request in it. There is one token, so one of these.
struct RateLimit: Sendable {
    /// What one request got, and what the headers say about it.
    struct Grant: Sendable {
        let limit: Int
        let remaining: Int
        /// End of the window, Unix seconds, rounded up.
        let reset: Int
        let isOverLimit: Bool

        var headers: HTTPFields {
            var fields = HTTPFields()
            fields[.rateLimitLimit] = String(limit)
            fields[.rateLimitRemaining] = String(remaining)
            fields[.rateLimitReset] = String(reset)
            return fields
        }
    }

    private var windowEnd = 0
    private var used = 0

    /// Counts a request at `now` (Unix ms). Requests over the limit are not counted.
    mutating func take(limit: Int, window: Span, now: Int) -> Grant {
        // A window that was made shorter ends the running one early.
        if now >= windowEnd || windowEnd - now > Int(window.milliseconds) {
            windowEnd = now + Int(window.milliseconds)
            used = 0
        }
        let isOverLimit = used >= limit
        if !isOverLimit { used += 1 }
        return Grant(
            limit: limit, remaining: max(0, limit - used), reset: (windowEnd + 999) / 1000, isOverLimit: isOverLimit)
    }
}

extension HTTPField.Name {
    static let rateLimitLimit = HTTPField.Name("X-RateLimit-Limit")!
    static let rateLimitRemaining = HTTPField.Name("X-RateLimit-Remaining")!
    static let rateLimitReset = HTTPField.Name("X-RateLimit-Reset")!
}
