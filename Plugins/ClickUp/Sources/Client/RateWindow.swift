/// What the answers' headers say about the token's window of requests, and what that leaves.
/// A value without time of its own: milliseconds since 1970 come in.
struct RateWindow {
    /// ClickUp's window is one minute; a reset further away than this is a clock that is wrong.
    static let longestWindow: Int64 = 75_000

    private var reset: Int64 = 0
    /// Requests that may still start before `reset`; nil while nothing is known.
    private var remaining: Int64?
    private var lastTicket: UInt64 = 0
    private var inFlight: Set<UInt64> = []

    enum Admission: Equatable {
        case go(ticket: UInt64)
        case wait(until: Int64)
    }

    mutating func admit(now: Int64) -> Admission {
        if now >= reset { remaining = nil }
        if let left = remaining {
            guard left > 0 else { return .wait(until: reset) }
            remaining = left - 1
        }
        lastTicket += 1
        inFlight.insert(lastTicket)
        return .go(ticket: lastTicket)
    }

    /// Without an answer.
    mutating func finish(ticket: UInt64) { inFlight.remove(ticket) }

    /// The service counted this request and those that started before it; those that started
    /// later and are still under way come off what it says remains.
    mutating func finish(ticket: UInt64, _ answer: Response.RateLimit, now: Int64) {
        inFlight.remove(ticket)
        guard let left = answer.remaining, let end = Self.milliseconds(answer.reset, now: now)
        else {
            return
        }
        reset = end
        remaining = max(0, left - Int64(inFlight.count { $0 > ticket }))
    }

    /// 429: nothing goes before the wait is over. Returns when that is, where it is known.
    mutating func refuse(_ answer: Response, now: Int64) -> Int64? {
        let asked = answer.retryAfter.map { now + $0 * 1_000 }
        guard let end = asked ?? Self.milliseconds(answer.rateLimit.reset, now: now), end > now
        else {
            return nil
        }
        // One request that asks for hours must not hold the others back beyond a window.
        reset = min(end, now + Self.longestWindow)
        remaining = 0
        return end
    }

    /// Seconds as documented, milliseconds where they are too large for that.
    static func milliseconds(_ reset: Int64?, now: Int64) -> Int64? {
        guard let reset, reset > 0, reset < 1 << 53 else { return nil }
        let time = reset > 100_000_000_000 ? reset : reset * 1_000
        return min(time, now + longestWindow)
    }
}
