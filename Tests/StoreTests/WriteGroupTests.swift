import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store

@Suite("Writing in groups") struct WriteGroupTests {
    private struct Refused: Error {}

    /// Writes while something else is being written, all at once; returns what each call threw.
    private func write(_ count: Int, size: Int = 1, failing: Int? = nil, to bench: Bench) async -> [Bool] {
        let isOpen = DispatchSemaphore(value: 0), begun = DispatchSemaphore(value: 0)
        async let first: Void = blocking {
            try? bench.group.write(size: 1) { _ in
                begun.signal()
                isOpen.wait()
            }
        }
        await blocking { begun.wait() }
        async let outcomes = withTaskGroup(of: (Int, Bool).self) { tasks in
            for number in 0..<count {
                tasks.addTask {
                    await blocking {
                        do {
                            try bench.group.write(size: size) { db in
                                try db.execute(sql: "INSERT INTO numbers VALUES (?)", arguments: [number])
                                if number == failing { throw Refused() }
                            }
                            return (number, true)
                        } catch {
                            return (number, false)
                        }
                    }
                }
            }
            return await tasks.reduce(into: [Bool](repeating: false, count: count)) { $0[$1.0] = $1.1 }
        }
        while bench.group.waiting < count { await Task.yield() }
        isOpen.signal()
        await first
        return await outcomes
    }

    @Test func `what gathers while something is written goes in one transaction`() async throws {
        let bench = try Bench()
        #expect(await write(20, to: bench) == Array(repeating: true, count: 20))
        #expect(try bench.numbers() == Array(0..<20))
        #expect(bench.commits.count == 2)
    }

    @Test func `one that fails takes nothing away from the others`() async throws {
        let bench = try Bench()
        let outcomes = await write(20, failing: 7, to: bench)
        #expect(outcomes == (0..<20).map { $0 != 7 })
        #expect(try bench.numbers() == (0..<20).filter { $0 != 7 })
    }

    @Test func `a transaction is full when it has enough, and the next one goes on`() async throws {
        let bench = try Bench()
        #expect(await write(20, size: 100, to: bench) == Array(repeating: true, count: 20))
        #expect(try bench.numbers() == Array(0..<20))
        #expect(bench.commits.count == 1 + 4)
    }

    private final class Bench: Sendable {
        let pool: DatabasePool
        let group: WriteGroup
        let commits = Commits()
        private let folder = TemporaryFolder()

        init() throws {
            try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
            pool = try DatabasePool(path: folder.path + "/numbers.db")
            group = WriteGroup(pool)
            try pool.write { try $0.execute(sql: "CREATE TABLE numbers (number INTEGER)") }
            pool.add(transactionObserver: commits)
        }

        func numbers() throws -> [Int] {
            try pool.read { try Int.fetchAll($0, sql: "SELECT number FROM numbers ORDER BY number") }
        }
    }

    private final class Commits: TransactionObserver, Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { false }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseDidCommit(_ db: Database) { state.withLock { $0 += 1 } }
        func databaseDidRollback(_ db: Database) {}
    }
}

/// Runs what blocks on a thread that may be blocked.
private func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
