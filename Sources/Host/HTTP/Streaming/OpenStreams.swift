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

    /// One of the streams, for as long as something holds it: a response that is dropped before its body
    /// is written gives its place back as well.
    final class Place: Sendable {
        private let streams: OpenStreams
        private let principal: String

        fileprivate init(_ streams: OpenStreams, _ principal: String) {
            self.streams = streams
            self.principal = principal
        }

        deinit { streams.leave(principal) }
    }

    /// nil when there are as many as there may be, in all or of one principal.
    func enter(_ principal: String, limits: Limits) -> Place? {
        let isEntered = counts.withLock { counts in
            guard Self.hasRoom(counts, principal, limits) else { return false }
            counts.all += 1
            counts.byPrincipal[principal, default: 0] += 1
            return true
        }
        return isEntered ? Place(self, principal) : nil
    }

    private static func hasRoom(_ counts: Counts, _ principal: String, _ limits: Limits) -> Bool {
        counts.all < limits.all && counts.byPrincipal[principal, default: 0] < limits.perPrincipal
    }

    private func leave(_ principal: String) {
        counts.withLock { counts in
            counts.all -= 1
            let left = counts.byPrincipal[principal, default: 1] - 1
            counts.byPrincipal[principal] = left > 0 ? left : nil
        }
    }
}
