import Dispatch
import GRDB
import Synchronization

/// Lets what several threads want to write at the same time share a transaction: while one is under
/// way the others gather, and the next one takes what has gathered.
///
/// Each call returns when its own changes are committed, as if it had been alone.  If anything in a
/// shared transaction fails, all of it is taken back and each call gets a transaction of its own.
final class WriteGroup: Sendable {
    private let pool: DatabasePool
    private let state = Mutex(State())

    /// Operations by which a transaction is full: who is served first must not wait for everyone.
    private static let room = 500

    private struct State {
        var waiting: [Member] = []
        var isWriting = false

        /// From the front, at least one.
        mutating func takeGroup() -> [Member] {
            var room = WriteGroup.room
            let group = waiting.prefix { member in
                defer { room -= member.size }
                return room > 0
            }
            waiting.removeFirst(group.count)
            return Array(group)
        }
    }

    /// One call.  Its fields belong to the thread that writes, until that has woken the caller.
    private final class Member: @unchecked Sendable {
        let size: Int
        let body: (Database) throws -> Void
        var error: (any Error)?
        var isDone = false
        private let turn = DispatchSemaphore(value: 0)

        init(size: Int, _ body: @escaping (Database) throws -> Void) {
            self.size = size
            self.body = body
        }

        func wake() { turn.signal() }
        func wait() { turn.wait() }
    }

    init(_ pool: DatabasePool) { self.pool = pool }

    /// Calls that wait for a transaction.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Blocks the calling thread until what `body` does is committed.
    ///
    /// - Parameters:
    ///   - size: how much it is, in documents or the like.
    ///   - body: may be called twice; the first time counts for nothing then.
    func write<T>(size: Int, _ body: @escaping (Database) throws -> T) throws -> T {
        var value: T?
        let member = Member(size: size) { db in value = try body(db) }
        let leads = state.withLock { state in
            state.waiting.append(member)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if !leads { member.wait() }
        // Woken by one who has written it as well, or whose turn is over.
        if !member.isDone { lead() }
        if let error = member.error { throw error }
        return value!
    }

    /// Writes what has gathered, the caller's own first, and hands on.
    private func lead() {
        let group = state.withLock { $0.takeGroup() }
        if group.count == 1 || !commit(group) {
            for member in group { member.error = failure { try pool.write(member.body) } }
        }
        for member in group { member.isDone = true }
        let next = state.withLock { state in
            state.isWriting = !state.waiting.isEmpty
            return state.waiting.first
        }
        next?.wake()
        // The caller's own is the first, and does not wait.
        for member in group.dropFirst() { member.wake() }
    }

    private func commit(_ group: [Member]) -> Bool {
        failure { try pool.write { db in for member in group { try member.body(db) } } } == nil
    }

    private func failure(_ body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
