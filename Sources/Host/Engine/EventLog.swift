package import Core
import Synchronization

/// The log of one run while it is under way: every reader follows it with a cursor of its own.
///
/// Bounded: reliable events stay (a run has few: two per step, failed documents up to a limit,
/// the end); of the others the newest of each step stay, and older ones as long as there is room,
/// so that a reader who keeps up sees all of them and one who has fallen behind skips some.
package final class EventLog: Sendable {
    /// An event as it goes over the wire, encoded once for all readers.
    package struct Entry: Sendable {
        package let sequence: Int64
        let step: String
        let isReliable: Bool
        private let kind: RunEvent.Kind
        /// The block of `text/event-stream`.
        package let block: [UInt8]
        /// Where the body stands in the block, which ends with it and a blank line: it is not kept twice.
        private let bodySize: Int

        init(_ event: RunEvent, of run: RunID) {
            sequence = event.sequence
            kind = event.kind
            step = event.step
            isReliable = event.isReliable
            block = EventLog.block(event, of: run)
            bodySize = event.body.utf8.count
        }

        /// Progress whose body `write` appends to the block.
        init(of step: String, sequence: Int64, idStart: [UInt8], _ write: (inout [UInt8]) -> Void) {
            (self.sequence, self.step) = (sequence, step)
            (kind, isReliable) = (.progress, false)
            var size = 0
            block = ServerSentEvent.block(idStart: idStart, number: sequence, event: kind.rawValue) { bytes in
                let start = bytes.count
                write(&bytes)
                size = bytes.count - start
            }
            bodySize = size
        }

        package var event: RunEvent {
            RunEvent(
                sequence: sequence, kind: kind, step: step, isReliable: isReliable,
                body: String(decoding: block.dropLast(2).suffix(bodySize), as: UTF8.self))
        }
    }

    /// What a reader gets.
    package struct Part: Sendable {
        package var entries: [Entry]
        /// There is nothing after these yet.
        package var isNewest: Bool
        /// Nothing will come after these.
        package var isOver: Bool
    }

    /// What a subscriber is told.
    package struct News: Sendable {
        /// What has come.
        package var entries: [Entry]
        /// The number of the last event before these.
        package var previous: Int64
        /// Nothing will come after these.
        package var isOver: Bool

        package init(entries: [Entry], previous: Int64, isOver: Bool) {
            self.entries = entries
            self.previous = previous
            self.isOver = isOver
        }
    }

    package let runID: RunID
    /// What the ids of its events begin with.
    private let idStart: [UInt8]
    private let counter: LabelledCounter?
    private let state: Mutex<State>

    /// Progress events that are kept for readers who are behind, and the bytes of their blocks; up to
    /// twice as much between two clearings.
    private static let room = (events: 4096, bytes: 2 << 20)
    /// Entries that a reader is handed at once.
    private static let portion = 512

    private typealias Subscriber = (id: UInt64, wake: @Sendable (News) -> Void)

    private struct State {
        var entries: [Entry]
        var unreliable = (events: 0, bytes: 0)
        var lastSequence: Int64
        /// Numbers up to here are reserved in the store.
        var reserved: Int64
        var readers = 0
        var lastReaderLeft = ContinuousClock.now
        var isOver = false
        /// A terminal event is there.
        var hasEnded = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var subscribers: [Subscriber] = []
        var lastWaiter: UInt64 = 0

        mutating func append(_ entry: Entry) {
            entries.append(entry)
            guard !entry.isReliable else { return }
            unreliable.events += 1
            unreliable.bytes += entry.block.count
        }

        mutating func compactIfLarge() {
            if unreliable.events > 2 * room.events || unreliable.bytes > 2 * room.bytes { compact() }
        }

        /// Lets go of the oldest progress that newer progress of its step supersedes.
        private mutating func compact() {
            var newest: [String: Int64] = [:]
            for entry in entries where !entry.isReliable { newest[entry.step] = entry.sequence }
            var left = unreliable
            entries.removeAll { entry in
                guard left.events > room.events || left.bytes > room.bytes, !entry.isReliable,
                    newest[entry.step] != entry.sequence
                else { return false }
                left.events -= 1
                left.bytes -= entry.block.count
                return true
            }
            unreliable = left
        }
    }

    /// - Parameters:
    ///   - earlier: what an earlier process stored of this log.
    ///   - lastNumber: the last number that may have been used.
    ///   - reserved: the last number that is reserved in the store.
    ///   - counter: counts what is published, by kind.
    package init(
        runID: RunID, earlier: [RunEvent] = [], lastNumber: Int64 = 0, reserved: Int64,
        counting counter: LabelledCounter? = nil
    ) {
        self.runID = runID
        idStart = Array("\(runID).".utf8)
        self.counter = counter
        state = Mutex(
            State(
                entries: [], lastSequence: max(lastNumber, earlier.last?.sequence ?? 0), reserved: reserved))
        let entries = earlier.map { Entry($0, of: runID) }
        state.withLock { state in entries.forEach { state.append($0) } }
    }

    /// The log of a run that has ended; nothing is added to it.
    package convenience init(ended run: RunID, events: [RunEvent]) {
        self.init(runID: run, earlier: events, reserved: 0)
        state.withLock { ($0.isOver, $0.hasEnded) = (true, true) }
    }

    /// How many numbers are reserved at once.
    package static let reservation: Int64 = 10_000

    /// Up to where numbers have to be reserved before `count` more events are prepared; nil when
    /// there are enough.
    func reservationNeeded(for count: Int64) -> Int64? {
        state.withLock { state in
            state.lastSequence + count > state.reserved ? state.lastSequence + Self.reservation : nil
        }
    }

    func reserved(upTo sequence: Int64) {
        state.withLock { $0.reserved = max($0.reserved, sequence) }
    }

    /// Makes the next event, which nobody sees yet; `body` gets its number.
    package func prepare(
        _ kind: RunEvent.Kind, step: String = "", isReliable: Bool, body: (Int64) -> JSONValue
    ) -> RunEvent {
        let sequence = state.withLock { state in
            state.lastSequence += 1
            return state.lastSequence
        }
        return RunEvent(
            sequence: sequence, kind: kind, step: step, isReliable: isReliable,
            body: body(sequence).text)
    }

    /// Shows events to the readers.  One thread at a time prepares and publishes, so they come in
    /// the order of their numbers.
    package func publish(_ events: [RunEvent]) {
        // Encoded before the lock, for which every reader waits.
        publish(events.map { Entry($0, of: runID) }, isEnd: events.contains(where: \.isTerminal))
        for event in events { counter?.add(event.kind.rawValue) }
    }

    /// Makes and shows progress that newer progress may supersede, and returns its number; `body` appends its JSON.
    func publish(progressOf step: String, body: (Int64, inout [UInt8]) -> Void) -> Int64 {
        let sequence = state.withLock { state in
            state.lastSequence += 1
            return state.lastSequence
        }
        let entry = Entry(of: step, sequence: sequence, idStart: idStart) { body(sequence, &$0) }
        publish([entry], isEnd: false)
        counter?.add(RunEvent.Kind.progress.rawValue)
        return sequence
    }

    private func publish(_ entries: [Entry], isEnd: Bool) {
        let (waiters, subscribers, news) = state.withLock { state in
            let news = News(entries: entries, previous: state.entries.last?.sequence ?? 0, isOver: isEnd)
            entries.forEach { state.append($0) }
            if isEnd { (state.isOver, state.hasEnded) = (true, true) }
            state.compactIfLarge()
            return (Self.takeWaiters(&state), state.subscribers, news)
        }
        waiters.forEach { $0.resume() }
        subscribers.forEach { $0.wake(news) }
    }

    // MARK: Who reads

    package func readerCame() { state.withLock { $0.readers += 1 } }

    package func readerLeft() {
        state.withLock { state in
            state.readers -= 1
            state.lastReaderLeft = .now
        }
    }

    /// Since when nobody has been reading; nil while someone does.
    package var unreadSince: ContinuousClock.Instant? {
        state.withLock { $0.readers == 0 ? $0.lastReaderLeft : nil }
    }

    /// Closes the log without a terminal event: readers are sent away and come back later.
    package func close() {
        let (waiters, subscribers, news) = state.withLock { state in
            state.isOver = true
            let news = News(entries: [], previous: state.entries.last?.sequence ?? 0, isOver: true)
            return (Self.takeWaiters(&state), state.subscribers, news)
        }
        waiters.forEach { $0.resume() }
        subscribers.forEach { $0.wake(news) }
    }

    /// Whether the terminal event is there; a log that was closed before goes on elsewhere.
    package var hasEnded: Bool { state.withLock { $0.hasEnded } }

    package var lastSequence: Int64 { state.withLock { $0.lastSequence } }

    // MARK: Reading

    /// What has come after `cursor`, which may be nothing; about `bytes` of it at the most.
    package func read(after cursor: Int64, bytes: Int = .max) -> Part {
        state.withLock { Self.part(of: $0, after: cursor, bytes: bytes) }
    }

    /// Returns when there is something after `cursor`, the log is over or the task is cancelled.
    package func wait(after cursor: Int64) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    let isNews = state.entries.last.map { $0.sequence > cursor } ?? false
                    if isNews || state.isOver || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Returns when the log is over or the task is cancelled.
    package func waitForEnd() async {
        while !Task.isCancelled, !state.withLock({ $0.isOver }) { await wait(after: lastSequence) }
    }

    /// Has `wake` called whenever something has come or the log is over: on the thread of whoever
    /// publishes, so it must be quick.
    package func subscribe(_ wake: @escaping @Sendable (News) -> Void) -> UInt64 {
        state.withLock { state in
            state.lastWaiter += 1
            state.subscribers.append((state.lastWaiter, wake))
            return state.lastWaiter
        }
    }

    package func unsubscribe(_ id: UInt64) {
        state.withLock { $0.subscribers.removeAll { $0.id == id } }
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard !state.waiters.isEmpty else { return [] }
        defer { state.waiters.removeAll(keepingCapacity: true) }
        return Array(state.waiters.values)
    }

    /// The event with that number, if it is still there; the newest of each step is.
    func event(_ sequence: Int64) -> RunEvent? {
        let entry = state.withLock { state in
            let place = Self.place(in: state, after: sequence - 1)
            return place < state.entries.count ? state.entries[place] : nil
        }
        return entry?.sequence == sequence ? entry?.event : nil
    }

    /// Where the first entry after `cursor` stands, or would.
    private static func place(in state: State, after cursor: Int64) -> Int {
        var low = 0
        var high = state.entries.count
        while low < high {
            let middle = (low + high) / 2
            if state.entries[middle].sequence <= cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func part(of state: State, after cursor: Int64, bytes: Int = .max) -> Part {
        let low = place(in: state, after: cursor)
        var room = bytes
        let entries = Array(
            state.entries[low...].prefix(portion).prefix { entry in
                defer { room -= entry.block.count }
                return room > 0
            })
        let isNewest = low + entries.count == state.entries.count
        return Part(entries: entries, isNewest: isNewest, isOver: state.isOver && isNewest)
    }

    /// How an event of any run goes over the wire; `retry` is in the first block of a stream, which
    /// the server writes itself.
    package static func block(_ event: RunEvent, of run: RunID) -> [UInt8] {
        ServerSentEvent.block(
            id: EventID(run: run, sequence: event.sequence).description,
            event: event.kind.rawValue, data: event.body)
    }
}
