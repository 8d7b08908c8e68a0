import Core
import Engine
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct EventLogTests {
    private let log = EventLog(runID: RunID(), reserved: .max)

    private func add(_ step: String, reliable: Bool = false, kind: RunEvent.Kind = .progress) {
        log.publish([log.prepare(kind, step: step, isReliable: reliable) { ["seq": .integer($0)] }])
    }

    private func all(after start: Int64 = 0) -> [RunEvent] {
        var events: [RunEvent] = []
        while true {
            let part = log.read(after: events.last?.sequence ?? start)
            if part.entries.isEmpty { return events }
            events += part.entries.map(\.event)
        }
    }

    @Test func `events are numbered from 1 and keep their number`() {
        for _ in 0..<10 { add("s") }
        #expect(all().map(\.sequence) == Array(1...10))
        #expect(all().map(\.body) == (1...10).map { "{\"seq\":\($0)}" })
        #expect(log.lastSequence == 10)
    }

    @Test func `a reader gets what comes after its cursor, wherever that is`() {
        for _ in 0..<10 { add("s") }
        #expect(all(after: 7).map(\.sequence) == [8, 9, 10])
        #expect(all(after: 10).isEmpty)
        #expect(all(after: 999).isEmpty)
        #expect(all(after: .max).isEmpty)
        #expect(all(after: .min).count == 10)
    }

    @Test func `what is prepared is not seen until it is published`() {
        let event = log.prepare(.progress, step: "s", isReliable: true) { _ in [:] }
        #expect(log.read(after: 0).entries.isEmpty)
        log.publish([event])
        #expect(all().map(\.sequence) == [event.sequence])
    }

    @Test func `an entry is the block that goes over the wire`() throws {
        add("s")
        let entry = try #require(log.read(after: 0).entries.first)
        #expect(
            String(decoding: entry.block, as: UTF8.self)
                == "id: \(log.runID).1\nevent: progress\ndata: {\"seq\":1}\n\n")
    }

    @Test func `a reader gets portions, and the end only with the last`() {
        for _ in 0..<2000 { add("s") }
        add("", reliable: true, kind: .complete)
        let first = log.read(after: 0)
        #expect(first.entries.count < 2001)
        #expect(!first.isOver)
        let last = log.read(after: 2000)
        #expect(last.entries.count == 1)
        #expect(last.isOver)
        #expect(log.read(after: 2001).isOver)
    }

    @Test func `a log with a hundred thousand progress events stays small`() {
        for _ in 0..<100_000 { add("s") }
        let kept = all()
        #expect(kept.count < 10_000)
        #expect(kept.last?.sequence == 100_000)
        #expect(kept.map(\.sequence) == kept.map(\.sequence).sorted())
    }

    @Test func `a log with a hundred megabytes of progress stays small`() {
        let long = JSONValue.string(String(repeating: "x", count: 10_000))
        for _ in 0..<10_000 {
            log.publish([log.prepare(.progress, step: "s", isReliable: false) { _ in ["message": long] }])
        }
        var cursor: Int64 = 0
        var bytes = 0
        while let last = log.read(after: cursor).entries.last {
            bytes += log.read(after: cursor).entries.reduce(0) { $0 + $1.block.count }
            cursor = last.sequence
        }
        #expect(cursor == 10_000)
        #expect((1 << 20...5 << 20).contains(bytes))
    }

    @Test func `reliable events are never dropped, nor is the newest of any step`() {
        for step in 0..<100 { add("early_\(step)") }
        for step in 0..<100 { add("early_\(step)") }
        for index in 0..<60_000 { add(index % 500 == 0 ? "first_\(index)" : "busy", reliable: index % 500 == 0) }
        let kept = all()
        #expect(kept.count { $0.isReliable } == 120)
        for step in 0..<100 { #expect(kept.last { $0.step == "early_\(step)" }?.sequence == Int64(101 + step)) }
        #expect(kept.count < 10_000)
    }

    @Test func `a reader who is behind skips superseded progress and misses nothing else`() {
        add("slow", reliable: true)
        for _ in 0..<50_000 { add("fast") }
        add("slow", reliable: true)
        add("", reliable: true, kind: .complete)
        let seen = all(after: 1)
        #expect(seen.count { $0.isReliable } == 2)
        #expect(Set(seen.map(\.sequence)).count == seen.count)
        #expect(seen.last?.kind == .complete)
    }

    @Test func `a reader who keeps up misses nothing at all`() {
        var cursor: Int64 = 0
        for index in 0..<30_000 as Range<Int64> {
            add("s")
            guard index % 100 == 99 else { continue }
            let entries = log.read(after: cursor).entries
            #expect(entries.map(\.event.sequence) == Array(cursor + 1...index + 1))
            cursor = index + 1
        }
    }

    // MARK: Waiting

    @Test func `a wait for what is there already returns at once`() async {
        add("s")
        await log.wait(after: 0)
        log.close()
        await log.wait(after: 1)
    }

    @Test func `a closed log sends everyone away without an end`() async {
        let reader = Task { [log] in
            await log.wait(after: 0)
            return log.read(after: 0)
        }
        log.close()
        let part = await reader.value
        #expect(part.isOver && part.entries.isEmpty)
    }

    @Test func `a reader who is cancelled leaves, before or while it waits`() async {
        for _ in 0..<500 {
            let reader = Task { [log] in await log.wait(after: 0) }
            if Bool.random() { await Task.yield() }
            reader.cancel()
            await reader.value
        }
    }

    @Test func `a subscriber is told of events and of the end, until it unsubscribes`() {
        let calls = Mutex(0)
        let id = log.subscribe { _ in calls.withLock { $0 += 1 } }
        log.publish([log.prepare(.progress, step: "a", isReliable: true) { _ in [:] }])
        #expect(calls.withLock { $0 } == 1)
        log.close()
        #expect(calls.withLock { $0 } == 2)
        #expect(!log.hasEnded)
        log.unsubscribe(id)
        log.publish([log.prepare(.complete, isReliable: true) { _ in [:] }])
        #expect(calls.withLock { $0 } == 2)
        #expect(log.hasEnded)
    }

    @Test func `a portion is as long as it may be, or one event`() {
        for _ in 0..<10 {
            log.publish([log.prepare(.progress, step: "a", isReliable: true) { _ in ["x": "0123456789"] }])
        }
        let block = log.read(after: 0).entries[0].block.count
        #expect(log.read(after: 0, bytes: 1).entries.count == 1)
        #expect(log.read(after: 0, bytes: 3 * block).entries.count == 3)
        #expect(log.read(after: 8, bytes: .max).entries.count == 2)
    }

    /// Follows the log to its end and returns the numbers of its reliable events.
    private func follow(leavingNowAndThen leaves: Bool) async -> [Int64] {
        var seen: [Int64] = []
        var cursor: Int64 = 0
        while !Task.isCancelled {
            let part = log.read(after: cursor)
            seen += part.entries.filter(\.event.isReliable).map(\.event.sequence)
            cursor = part.entries.last?.event.sequence ?? cursor
            if part.isOver { break }
            if leaves { Task { [log, cursor] in await log.wait(after: cursor) }.cancel() }
            await log.wait(after: cursor)
        }
        return seen
    }

    @Test func `no wake-up is lost between many readers and one writer`() async {
        let expected = stride(from: 1, through: 3000, by: 3).map(Int64.init) + [3001]
        await withTaskGroup { group in
            for number in 0..<16 {
                group.addTask { await follow(leavingNowAndThen: number.isMultiple(of: 3)) }
            }
            for index in 0..<3000 {
                add("s", reliable: index.isMultiple(of: 3))
                if index.isMultiple(of: 7) { await Task.yield() }
            }
            add("", reliable: true, kind: .error)
            for await seen in group { #expect(seen == expected) }
        }
    }

    // MARK: After a restart

    @Test func `a log that goes on never gives a number twice`() {
        let earlier = [1, 2, 5].map {
            RunEvent(sequence: $0, kind: .progress, step: "s", isReliable: true, body: "{}")
        }
        let log = EventLog(runID: RunID(), earlier: earlier, lastNumber: 10_000, reserved: 20_000)
        let next = log.prepare(.progress, step: "s", isReliable: true) { _ in [:] }
        log.publish([next])
        #expect(next.sequence == 10_001)
        #expect(log.read(after: 0).entries.map(\.event.sequence) == [1, 2, 5, 10_001])
        #expect(!log.read(after: 0).isOver)
    }
}
