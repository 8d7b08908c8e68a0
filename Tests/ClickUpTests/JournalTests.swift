import PluginKit
import Synchronization
import Testing

@testable import ClickUp

@Suite struct CheckpointTests {
    @Test func `a checkpoint is read as it was written`() throws {
        var checkpoint = Checkpoint(selection: "abc")
        checkpoint.until = 5
        checkpoint.swept = 7
        checkpoint.passed = "run"
        checkpoint.ended = "run before"
        checkpoint.queue = QueueMark(file: "f", size: 10, offset: 4, count: 3, done: 1)
        var open = Checkpoint.Open(run: "run", began: 9, isEnumeration: true, isFull: true)
        open.newest = 8
        open.walks = ["live": .init(after: 3, before: nil, page: 2), "5": .init(byPagesOnly: true)]
        open.finished = ["archived"]
        open.stale = ["1", "2"]
        open.docs = DocsMark(
            listing: .init(archived: true, position: .nextCursor("c")), queue: QueueMark(file: "d", size: 2))
        checkpoint.open = open
        #expect(Checkpoint(checkpoint.bytes) == checkpoint)
        #expect(Checkpoint(Checkpoint(selection: "x").bytes) == Checkpoint(selection: "x"))
    }

    @Test(arguments: ["", "{}", "[]", #"{"version":1,"selection":"a"}"#, #"{"version":2}"#, "\u{0}"])
    func `what is none is passed over`(text: String) {
        #expect(Checkpoint(Array(text.utf8)) == nil)
    }
}

@Suite struct JournalTests {
    private let host = RecordingHost()

    private func journal(_ run: String, sweep: String = "every 24h", now: Int64 = 1_000_000_000, full: Bool = false)
        throws -> Journal
    {
        let call = host.call(#"{"workspace_id":"9","sweep":"\#(sweep)"}"#, full: full, run: run)
        return Journal(call: call, settings: try Settings(call), now: now)
    }

    private func end(_ journal: Journal) async throws {
        try await journal.firstPhaseEnded(hasAllTasks: true, isComplete: journal.mode == .enumeration, Structure())
        try await journal.ended()
    }

    @Test func `first everything is listed, then what changed, and everything again when that is due`() async throws {
        let first = try journal("1")
        #expect(first.mode == .enumeration && !first.isStanding && first.storedUntil == nil)
        await first.saw(updated: 400)
        try await end(first)
        let second = try journal("2", now: 1_000_000_000 + 3_600_000)
        #expect(second.mode == .changes(since: 400) && second.isStanding && second.storedUntil == 400)
        try await end(second)
        #expect(try journal("3", now: 1_000_000_000 + 86_400_000).mode == .enumeration)
        #expect(try journal("3", sweep: "now").mode == .enumeration)
        #expect(try journal("3", sweep: "never", now: .max / 2).mode == .changes(since: 400))
    }

    @Test func `what changed just now is asked for once more`() async throws {
        let first = try journal("1")
        await first.saw(updated: 1_000_000_000)
        try await end(first)
        #expect(try journal("2").mode == .changes(since: 1_000_000_000 - Journal.overlap))
    }

    @Test func `an import that changes nothing offers nothing`() async throws {
        let first = try journal("1")
        await first.saw(updated: 400)
        try await end(first)
        let count = host.record.withLock { $0.checkpoints.count }
        let second = try journal("2")
        await second.saw(updated: 400)
        await second.finished("live")
        try await end(second)
        #expect(host.record.withLock { $0.checkpoints.count } == count)
    }

    @Test func `an attempt goes on where the one before stood; another run does too, and is no complete listing`()
        async throws
    {
        let first = try journal("1")
        var walk = TaskWalk(.created)
        _ = walk.advance((0..<100).map { .init(id: "\($0)", date: Int64($0)) }, isLast: false)
        await first.finished("archived")
        try await first.willStore([])
        try await first.reached("live", walk.mark)
        for (run, isContinuation) in [("1", false), ("2", true)] {
            let next = try journal(run)
            #expect(next.mode == .enumeration && next.isContinuation == isContinuation)
            #expect(await next.resume("archived", TaskWalk(.created)) == nil)
            let resumed = try #require(await next.resume("live", TaskWalk(.created)))
            #expect(resumed.isResumed && resumed.walk.mark == walk.mark)
            let fresh = try #require(await next.resume("other", TaskWalk(.created)))
            #expect(fresh.isResumed && fresh.walk.mark == TaskWalk.Mark())
        }
    }

    @Test func `comments that a run was cut before are left to another, which can say so; what failed is none of it`()
        async throws
    {
        let folder = try DataFolder()
        func journal(_ run: String) throws -> Journal {
            let call = host.call(#"{"workspace_id":"9"}"#, run: run, folder: folder.path)
            return Journal(call: call, settings: try Settings(call), now: 1_000_000_000)
        }
        let first = try journal("1")
        try await first.willStore([Remarked(id: "t", name: "Task"), Remarked(id: "u", name: "Another")])
        try await first.firstPhaseEnded(hasAllTasks: true, isComplete: true, Structure())
        #expect(try journal("1").leftRemarks == 0)
        let second = try journal("2")
        #expect(second.leftRemarks == 2)
        try second.queue.end(leaving: [Remarked(id: "u", name: "Another", failures: 1)])
        try await end(second)
        #expect(try journal("3").leftRemarks == 0)
    }

    @Test func `a full import stays one in its next attempt`() async throws {
        let first = try journal("1")
        try await end(first)
        let full = try journal("2", full: true)
        try await full.willStore([])
        let again = try journal("2")
        #expect(full.isFull && again.isFull && again.storedUntil == nil && again.mode == .enumeration)
        try await end(again)
        #expect(try !journal("3").isFull)
    }

    @Test func `tasks that could not all be listed are asked for again`() async throws {
        let first = try journal("1")
        await first.saw(updated: 400)
        try await end(first)
        let second = try journal("2")
        await second.saw(updated: 500)
        try await second.firstPhaseEnded(hasAllTasks: false, isComplete: false, Structure())
        #expect(try journal("3").mode == .changes(since: 400))
    }

    @Test func `a narrowed run neither reads nor replaces what the others leave, not its files either`() async throws {
        let folder = try DataFolder()
        func journal(narrowed: Bool, run: String) throws -> Journal {
            let call = host.call(#"{"workspace_id":"9"}"#, narrowed: narrowed, run: run, folder: folder.path)
            return Journal(call: call, settings: try Settings(call), now: 1_000_000_000)
        }
        let first = try journal(narrowed: false, run: "1")
        try await first.willStore([Remarked(id: "t", name: "Task")])
        let left = host.record.withLock { $0.checkpoint }
        let narrowed = try journal(narrowed: true, run: "2")
        #expect(!narrowed.isStanding && narrowed.mode == .enumeration && narrowed.queue.mark == nil)
        await narrowed.sweepUp()
        try await narrowed.willStore([Remarked(id: "u", name: "Another")])
        try await narrowed.docsReached(nil)
        try await end(narrowed)
        #expect(left != nil && host.record.withLock { $0.checkpoint } == left)
        let next = try journal(narrowed: false, run: "3")
        #expect(next.isContinuation && !next.queue.isLost && next.queue.mark?.count == 1)
    }

    @Test func `a checkpoint of another choice is of no use`() async throws {
        try await end(try journal("1"))
        let call = host.call(#"{"workspace_id":"9","space_ids":["1"]}"#, run: "2")
        let other = Journal(call: call, settings: try Settings(call), now: 0)
        #expect(!other.isStanding && other.mode == .enumeration)
    }
}

@Suite struct RemarkQueueTests {
    private let entries = (0..<5_000).map { Remarked(id: "t\($0)", name: "Näme\n\"\($0)\"") }

    private func all(_ queue: RemarkQueue) throws -> [Remarked] {
        var line = WorkLine<Remarked>(try #require(queue.mark))
        var found: [Remarked] = []
        while let (number, entry, _) = try line.next(of: queue) {
            found.append(entry)
            line.ended(number)
        }
        #expect(line.reached.offset == queue.mark?.size && line.reached.count == found.count)
        return found
    }

    @Test func `what is put in comes out, from memory and from a file`() throws {
        let folder = try DataFolder()
        for path in ["", folder.path] {
            let queue = RemarkQueue(folder: path, name: "remarks", run: "r", mark: nil)
            #expect(queue.mark == nil)
            try queue.append(entries)
            #expect(try all(queue) == entries)
        }
    }

    @Test func `lists and chats are spread evenly among the tasks that are left`() throws {
        let folder = try DataFolder()
        let others = (0..<7).map { Remarked(kind: $0 < 5 ? .list : .view, id: "\($0)", name: "List") }
        let tasks = Array(entries[..<2_100])
        for path in ["", folder.path] {
            let queue = RemarkQueue(folder: path, name: "remarks", run: "r", mark: nil)
            try queue.append(others + tasks)
            let first = try #require(queue.read(from: 0).entries.first)
            queue.done(upTo: first.end, count: 1)
            let before = try #require(queue.mark)
            try queue.spread()
            let found = try all(queue)
            #expect(found.filter { $0.kind == .task } == tasks)
            #expect(found.filter { $0.kind != .task } == Array(others[1...]))
            let places = found.indices.filter { found[$0].kind != .task }
            #expect(zip([-1] + places, places).allSatisfy { (345...355).contains($1 - $0) }, "\(places)")
            // Nobody has the new mark yet: what the old one speaks of is there.
            guard !path.isEmpty else { continue }
            let old = RemarkQueue(folder: path, name: "remarks", run: "r", mark: before)
            #expect(try !old.isLost && all(old).count == found.count)
        }
    }

    @Test func `what is of one kind stays as it is`() throws {
        let queue = RemarkQueue(folder: "", name: "remarks", run: "r", mark: nil)
        try queue.append(entries)
        let mark = queue.mark
        try queue.spread()
        #expect(queue.mark == mark)
    }

    @Test func `another process goes on behind what is done, and writes over what was not said`() throws {
        let folder = try DataFolder()
        let first = RemarkQueue(folder: folder.path, name: "remarks", run: "r", mark: nil)
        try first.append(Array(entries[..<3]))
        let mark = try #require(first.mark)
        try first.append(Array(entries[3..<9]))
        let second = RemarkQueue(folder: folder.path, name: "remarks", run: "r2", mark: mark)
        #expect(!second.isLost && second.mark == mark)
        try second.append([entries[100]])
        #expect(try all(second) == Array(entries[..<3]) + [entries[100]])
        let (read, _) = try second.read(from: 0)
        second.done(upTo: read[1].end, count: 2)
        let third = RemarkQueue(folder: folder.path, name: "remarks", run: "r3", mark: second.mark)
        #expect(try all(third) == [entries[2], entries[100]])
    }

    @Test func `a file that is not there any more is noticed`() throws {
        let folder = try DataFolder()
        let queue = RemarkQueue(folder: folder.path, name: "remarks", run: "r", mark: nil)
        try queue.append(entries)
        let mark = try #require(queue.mark)
        let other = RemarkQueue(folder: folder.path, name: "remarks", run: "r2", mark: nil)
        other.sweepUp()
        #expect(RemarkQueue(folder: folder.path, name: "remarks", run: "r3", mark: mark).isLost)
        #expect(RemarkQueue(folder: "", name: "remarks", run: "r3", mark: mark).isLost)
    }

    @Test func `what failed is left for the next import`() throws {
        let folder = try DataFolder()
        let queue = RemarkQueue(folder: folder.path, name: "remarks", run: "r", mark: nil)
        try queue.append(entries)
        try queue.end(leaving: [entries[7]])
        let next = RemarkQueue(folder: folder.path, name: "remarks", run: "r2", mark: queue.mark)
        #expect(try all(next) == [entries[7]])
        try next.end(leaving: [])
        #expect(next.mark == nil)
    }

    @Test func `done is only what everything before is done of`() throws {
        let queue = RemarkQueue(folder: "", name: "remarks", run: "r", mark: nil)
        try queue.append(Array(entries[..<4]))
        var line = WorkLine<Remarked>(try #require(queue.mark))
        for _ in 0..<4 { _ = try line.next(of: queue) }
        line.ended(1)
        #expect(line.reached.count == 0 && line.endedCount == 1)
        line.ended(0)
        #expect(line.reached.count == 2)
        line.ended(3)
        line.ended(2)
        #expect(line.reached.count == 4 && line.reached.offset == queue.mark?.size)
    }
}
