/// The arithmetic of one account's limit: so many requests in a window, and a new window when it
/// ends.  Learns the limit and the windows from what the source's answers say, and tells each
/// request when it may start.
///
/// A value without a clock: what happens and when comes in.  The rules:
/// - A window opens with the first request in it.  Nothing is held back while no limit is known.
/// - What an answer says of the window is older than what has been granted since; requests that
///   are under way may or may not be in it.  So the number of requests counted by the source is
///   taken to lie between what it says and that plus what is under way.
/// - Requests under way when a window ends may be counted in the next one, until their answers
///   say otherwise.
package struct RateLimiter: Sendable {
    /// Requests of a whole window; nil: not known.
    package private(set) var limit: Int64?
    /// When the open window ends; nil: none is open.
    private var end: Int64?
    /// When the first request of the window started.
    private var opened: Int64 = 0
    /// Requests that the source has counted in this window, as far as we can tell.
    private var granted: Int64 = 0
    /// The most that the source itself said it has counted.
    private var used: Int64 = 0
    /// Nothing more goes in this window, although no limit is known.
    private var isShut = false
    /// Nothing starts before: the source refused, and wants a pause that ends before its window.
    private var pausedUntil: Int64 = 0
    /// Reservations in the windows that follow, the next one first.
    private var booked: [Booking] = []
    /// Requests without an answer that started in this window, and in the one before it.  Nobody
    /// says which request an answer is for; the older is taken to be the first to end.
    private var inFlight: Int64 = 0
    private var inFlightBefore: Int64 = 0
    /// Requests that count in this window and may turn out to have counted in the one before.
    private var ambiguous: Int64 = 0
    /// The newest end of a window that the source named, and the one of the window that is over.
    private var newestReset: Int64 = 0
    private var closedReset: Int64 = 0
    /// How long a window lasts.
    private var length: Int64 = 60_000
    /// How much later than it says the source has turned out to begin a window.
    private var lag: Int64 = 0

    /// What is reserved in a window to come, and when it is taken to open.
    private struct Booking {
        var cost: Int64
        var start: Int64
    }

    package init() {}

    /// After the end of a window, so that a request does not arrive before it.
    private static let margin: Int64 = 20
    /// Nobody reserves further ahead than so many windows.
    private static let horizon = 10_000
    /// A longer wait than this is a clock that is wrong: a day.
    private static let longest: Int64 = 86_400_000
    /// The greatest number of requests that means anything.
    private static let most: Int64 = 1 << 40

    // MARK: Reserving

    /// Reserves requests and says when they may start.
    package mutating func reserve(_ cost: Int64, at now: Timestamp) -> Timestamp {
        let (cost, now) = (min(max(cost, 1), Self.most), now.milliseconds)
        roll(to: now)
        guard let end, isShut || !hasRoom(for: cost, beside: granted) else {
            if end == nil { open(at: now) }
            granted += cost
            inFlight += cost
            return Timestamp(milliseconds: max(now, pausedUntil))
        }
        var index = 0
        while index < booked.count, !hasRoom(for: cost, beside: booked[index].cost), index < Self.horizon {
            index += 1
        }
        let earliest = end + Self.margin + Int64(index) * period
        if index == booked.count {
            // What was told to others who come before stays true.
            let start = max(earliest, booked.last.map { $0.start + period } ?? 0)
            booked.append(Booking(cost: 0, start: start))
        }
        booked[index].cost += cost
        booked[index].start = max(booked[index].start, index == 0 ? earliest : 0)
        return Timestamp(milliseconds: max(booked[index].start, pausedUntil))
    }

    /// More than a whole window has room for goes into one that is empty.
    private func hasRoom(for cost: Int64, beside others: Int64) -> Bool {
        guard let limit else { return true }
        return others == 0 || others + cost <= limit
    }

    /// Takes back a reservation that was not used.
    ///
    /// - Parameter start: what `reserve` said.
    package mutating func release(_ cost: Int64, startingAt start: Timestamp, at now: Timestamp) {
        let (cost, now) = (min(max(cost, 0), Self.most), now.milliseconds)
        roll(to: now)
        let start = min(max(start.milliseconds, now - Self.longest), now + Self.longest)
        if let end, start > end {
            let nearest = booked.indices.min { abs(booked[$0].start - start) < abs(booked[$1].start - start) }
            if let nearest { booked[nearest].cost = max(0, booked[nearest].cost - cost) }
        } else if start > opened - length / 2, end != nil {
            granted = max(used, granted - cost)
            inFlight = max(0, inFlight - cost)
        }
    }

    // MARK: Observing

    /// What an answer's headers said, or that a request ended without one.
    package mutating func observe(
        limit newLimit: Int64?, remaining: Int64?, reset: Timestamp?, at now: Timestamp
    ) {
        let now = now.milliseconds
        roll(to: now)
        finish()
        guard let reset = reset.map({ min($0.milliseconds, now + Self.longest) }), reset > 0 else {
            return
        }
        guard reset > closedReset else {
            return observeOldWindow(remaining: remaining, reset: reset, at: now)
        }
        // The source is in its next window a moment before we are.
        if reset > newestReset, let end, now >= end { roll(to: end + Self.margin) }
        if let newLimit, newLimit > 0 { limit = min(newLimit, Self.most) }
        if remaining == 0, reset < newestReset - 1_000 {
            pausedUntil = max(pausedUntil, reset)
            return
        }
        let isNew = reset > newestReset
        if isNew { used = 0 }
        note(remaining: remaining, reset: reset)
        guard isNew else { return }
        newestReset = reset
        let isOurs = used > 0 && used <= granted
        let newEnd = isOurs ? refined(reset, at: now) : cautious(reset)
        end = newEnd
        if isOurs { length = max(1, newEnd - opened) }
    }

    /// One request less is under way.
    private mutating func finish() {
        if inFlightBefore > 0 { inFlightBefore -= 1 } else if inFlight > 0 { inFlight -= 1 }
    }

    private mutating func note(remaining: Int64?, reset: Int64) {
        guard let remaining = remaining.map({ min(max($0, 0), Self.most) }) else { return }
        guard let limit else {
            // Nobody says how many a window has.
            isShut = remaining == 0
            return
        }
        used = max(used, limit - remaining)
        granted = min(max(granted, used), used + inFlight + inFlightBefore)
    }

    /// An answer that says what was before the window that is open now.
    private mutating func observeOldWindow(remaining: Int64?, reset: Int64, at now: Int64) {
        guard ambiguous == 0 else {
            ambiguous -= 1
            granted = max(used, granted - 1)
            return
        }
        guard remaining == 0, reset == closedReset, !isShut else { return }
        // It started after the end, and the source is still before it.
        lag = min(lag + 1_000, 10_000)
        (end, isShut) = (now + 1_000, true)
    }

    // MARK: Windows

    /// What the limit leaves at that time; nil while no limit is known.
    package struct Outlook: Sendable, Equatable {
        package var limit: Int64
        /// Requests that may still start in the open window.
        package var room: Int64
        /// Until the next window.
        package var rest: Duration
        package var length: Duration
    }

    package func outlook(at now: Timestamp) -> Outlook? {
        var rolled = self
        rolled.roll(to: now.milliseconds)
        guard let limit else { return nil }
        let room = rolled.isShut ? 0 : max(0, limit - rolled.granted)
        let rest = rolled.end.map { $0 + Self.margin - now.milliseconds } ?? length
        return Outlook(
            limit: limit, room: room, rest: .milliseconds(rest), length: .milliseconds(length))
    }

    /// From one window to the next, when the limit binds.  Each window opens a little later than it
    /// could, so what is far ahead is reckoned with more than the margin.
    private var period: Int64 { length + length / 40 + 2 * Self.margin }

    private mutating func open(at now: Int64) {
        (opened, end) = (now, now + length)
    }

    /// Goes on to the window that is open at that time.
    private mutating func roll(to now: Int64) {
        while let over = end, now >= over + Self.margin {
            closedReset = newestReset
            ambiguous = inFlight
            inFlightBefore = inFlight
            let next = booked.isEmpty ? nil : booked.removeFirst()
            inFlight = next?.cost ?? 0
            granted = ambiguous + inFlight
            (used, isShut, end) = (0, false, nil)
            if inFlight > 0 || booked.contains(where: { $0.cost > 0 }) {
                open(at: max(over + Self.margin, next?.start ?? 0))
            }
        }
    }

    /// The end of a window that our own requests opened, for a source that rounds to whole
    /// seconds, and nobody knows which way.  It opened between the start of the first request and
    /// the answer; so it ends its usual length after the answer at the latest.
    private func refined(_ reset: Int64, at now: Int64) -> Int64 {
        guard reset % 1_000 == 0 else { return reset + lag }
        let apparent = reset - opened
        let nearest = Self.usualLengths.min { abs(apparent - $0) < abs(apparent - $1) } ?? 0
        guard abs(apparent - nearest) < 1_000 else { return cautious(reset) }
        return min(now + nearest, cautious(reset))
    }

    private func cautious(_ reset: Int64) -> Int64 {
        reset + lag + (reset % 1_000 == 0 ? 1_000 : 0)
    }

    private static let usualLengths: [Int64] = [
        1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600,
    ].map { $0 * 1_000 }
}
