package import Core
import Synchronization

/// The limits of all accounts at all sources, for as long as the daemon runs: every run and every
/// other call of a plugin that uses an account takes its share of the same one.
package final class RateLimits: Sendable {
    /// A plugin names an account; no other plugin's can be the same.
    fileprivate struct Key: Hashable {
        var plugin: String
        var account: String
    }

    private struct Account {
        var limiter = RateLimiter()
        var lastUse: Timestamp
    }

    private let accounts = Mutex<[Key: Account]>([:])
    private let now: @Sendable () -> Timestamp

    /// Accounts that nobody has used for so long are forgotten when there are too many.
    private static let memory = Duration.seconds(3600)
    private static let plenty = 1000

    package init(now: @escaping @Sendable () -> Timestamp = { .now }) { self.now = now }

    /// What one call of a plugin, known by the id of its manifest, has of the limits.
    package func share(of plugin: String) -> RateShare { RateShare(of: self, plugin: plugin, now: now) }

    fileprivate func with<Result>(
        _ key: Key, _ body: (inout RateLimiter, Timestamp) -> Result
    ) -> Result {
        let now = now()
        return accounts.withLock { accounts in
            if accounts[key] == nil, accounts.count >= Self.plenty {
                accounts = accounts.filter { $0.value.lastUse + Self.memory > now }
            }
            accounts[key, default: Account(lastUse: now)].lastUse = now
            return body(&accounts[key]!.limiter, now)
        }
    }
}

/// What one call has reserved.  Used by the call's own thread.
package final class RateShare {
    /// A request, or several, that may start then.
    private struct Reservation {
        var start: Timestamp
        var cost: Int64
    }

    private let limits: RateLimits
    private let plugin: String
    private let now: @Sendable () -> Timestamp
    /// By account, in the order in which they were made.
    private var reservations: [String: [Reservation]] = [:]
    /// Requests that are over.
    private var answered: Int64 = 0
    private var rate = RequestRate()
    /// The account that the newest reservation was for.
    private var newestAccount: String?

    /// A call has few accounts; what it invents beyond that is not limited.
    private static let accountLimit = 16
    /// What one reservation may ask for.
    private static let costLimit: Int64 = 1_000_000
    /// Reservations that nobody ends are forgotten, the oldest first.
    private static let reservationLimit = 10_000

    fileprivate init(of limits: RateLimits, plugin: String, now: @escaping @Sendable () -> Timestamp) {
        self.limits = limits
        self.plugin = plugin
        self.now = now
    }

    /// Reserves requests; returns when they may start, nil for at once.
    package func reserve(_ cost: Int64, of account: String) -> Timestamp? {
        let cost = min(max(cost, 1), Self.costLimit)
        guard reservations[account] != nil || reservations.count < Self.accountLimit else { return nil }
        let start = with(account) { $0.reserve(cost, at: $1) }
        var mine = reservations[account, default: []]
        if mine.count >= Self.reservationLimit { mine.removeFirst() }
        mine.append(Reservation(start: start, cost: cost))
        reservations[account] = mine
        newestAccount = account
        return start > now() ? start : nil
    }

    /// Gives back what was reserved and not used: of what was reserved last, that is what waits.
    package func release(_ cost: Int64, of account: String) {
        var left = max(1, cost)
        while left > 0, var mine = reservations[account],
            let index = mine.indices.max(by: { mine[$0].start < mine[$1].start })
        {
            let taken = min(left, mine[index].cost)
            let start = mine[index].start
            mine[index].cost -= taken
            if mine[index].cost == 0 { mine.remove(at: index) }
            reservations[account] = mine
            with(account) { $0.release(taken, startingAt: start, at: $1) }
            left -= taken
        }
    }

    package func observe(account: String, limit: Int64?, remaining: Int64?, reset: Timestamp?) {
        guard var mine = reservations[account] else { return }
        let now = now()
        answered += 1
        if let index = mine.firstIndex(where: { $0.start <= now }) {
            mine[index].cost -= 1
            if mine[index].cost == 0 { mine.remove(at: index) }
            reservations[account] = mine
        }
        let isFree = with(account) { limiter, time in
            limiter.observe(limit: limit, remaining: remaining, reset: reset, at: time)
            return limiter.outlook(at: time).map { $0.room > 0 } ?? true
        }
        rate.note(isFree: isFree, at: now)
    }

    /// Does what a plugin says of limits.  Nil for anything else it says.
    package func take(_ message: PluginMessage, of session: any PluginSession) -> Taken? {
        switch message {
        case .reserve(let question, let account, let cost):
            let start = reserve(cost, of: account)
            let wait = start.map { $0.milliseconds - now().milliseconds } ?? 0
            session.answer(question, max(0, wait))
            return Taken(until: start)
        case .release(let account, let cost): release(cost, of: account)
        case .observe(let account, let limit, let remaining, let reset):
            observe(account: account, limit: limit, remaining: remaining, reset: reset)
        default: return nil
        }
        return Taken()
    }

    package struct Taken {
        /// When the requests that were reserved may start, if not at once.
        package var until: Timestamp?
    }

    /// How requests of the account go that was used last; nil while no limit is known.
    package var pace: ProgressEstimator.Pace? {
        guard let newestAccount, let outlook = with(newestAccount, { $0.outlook(at: $1) }) else { return nil }
        let now = now()
        var (underWay, waiting) = (Int64(0), Int64(0))
        for reservation in reservations[newestAccount, default: []] {
            if reservation.start <= now { underWay += reservation.cost } else { waiting += reservation.cost }
        }
        return .init(
            answered: answered, underWay: underWay, waiting: waiting, rate: rate.perSecond, outlook: outlook)
    }

    /// The call is over: what it reserved for later is free, and no more answers come.
    package func end() {
        let now = now()
        for (account, mine) in reservations {
            with(account) { limiter, time in
                for reservation in mine {
                    if reservation.start > now {
                        limiter.release(reservation.cost, startingAt: reservation.start, at: time)
                    } else {
                        limiter.observe(limit: nil, remaining: nil, reset: nil, at: time)
                    }
                }
            }
        }
        reservations = [:]
    }

    private func with<Result>(
        _ account: String, _ body: (inout RateLimiter, Timestamp) -> Result
    ) -> Result {
        limits.with(RateLimits.Key(plugin: plugin, account: account), body)
    }
}
