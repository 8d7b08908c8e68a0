import Synchronization

/// Counts the streams that are open, for the limits.
final class OpenStreams: Sendable {
    private struct Counts {
        var all = 0
        var byPrincipal: [String: Int] = [:]
    }

    struct Limits {
        var all: Int
        var perPrincipal: Int
    }

    private let counts = Mutex(Counts())

    var count: Int { counts.withLock { $0.all } }

    func hasRoom(_ principal: String, limits: Limits) -> Bool {
        counts.withLock { Self.hasRoom($0, principal, limits) }
    }

    /// False when there are as many as there may be, in all or of one principal.
    func enter(_ principal: String, limits: Limits) -> Bool {
        counts.withLock { counts in
            guard Self.hasRoom(counts, principal, limits) else { return false }
            counts.all += 1
            counts.byPrincipal[principal, default: 0] += 1
            return true
        }
    }

    private static func hasRoom(_ counts: Counts, _ principal: String, _ limits: Limits) -> Bool {
        counts.all < limits.all && counts.byPrincipal[principal, default: 0] < limits.perPrincipal
    }

    func leave(_ principal: String) {
        counts.withLock { counts in
            counts.all -= 1
            let left = counts.byPrincipal[principal, default: 1] - 1
            counts.byPrincipal[principal] = left > 0 ? left : nil
        }
    }
}
