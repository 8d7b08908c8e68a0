import Core
import Testing

@testable import Engine

@Suite("The log of events, against a model", .timeLimit(.minutes(10))) struct EventLogModelTests {
    @Test func `whatever happens between its reads, a reader gets all that it has to, once and in order`() async {
        for seed in UInt64(1)...200 {
            let model = Model(seed: seed)
            for _ in 0..<300 { model.doAnything() }
            model.end()
            model.check()
            await Task.yield()
        }
    }
}

/// One who reads with a cursor of its own.
private struct Reader {
    /// In how many of a hundred chances it reads; changes now and then, also to none.
    var eagerness: Int
    var cursor: Int64 = 0
    var seen = 0
    var reliable: [Int64] = []
    var lastOfStep: [String: Int64] = [:]
    var sawTerminal = false
}

/// A log, those who read it, and a store as far as the log depends on it.
private final class Model {
    private let seed: UInt64
    private var random: SplitMix64
    private let runID = RunID()
    private var log: EventLog

    /// What the store holds: all reliable events, and of the others the newest of each step.
    private var stored: [RunEvent] = []
    private var reserved = EventLog.reservation
    /// The newest of each step that is still to be stored.
    private var unstored: [String: RunEvent] = [:]

    /// Every number that was ever given away, whether or not anybody saw its event.
    private var bodies: [Int64: String] = [:]
    private var published = 0
    private var readers: [Reader]

    /// Some have bursts of progress, which the log does not keep.
    private var hasBursts: Bool { seed.isMultiple(of: 8) }
    private let steps = ["reading", "storing", "waiting", "checking"]

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(state: seed)
        log = EventLog(runID: runID, reserved: EventLog.reservation)
        // One who keeps up, one who reads nothing before the end, and others.
        readers = [100, 0, 50, 10, 2].map { Reader(eagerness: $0) }
    }

    private var context: Comment { "seed \(seed)" }

    // MARK: What happens

    func doAnything() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: append("first_\(bodies.count)", isReliable: true)
        case 10..<15: append(steps.randomElement(using: &random) ?? "", isReliable: true)
        case 15..<60: append(steps.randomElement(using: &random) ?? "", isReliable: false)
        case 60..<64: flush()
        case 64..<66: restart()
        case 66 where hasBursts && published < 20_000: burst()
        case 67..<70:
            let reader = Int.random(in: 2..<readers.count, using: &random)
            readers[reader].eagerness = [0, 2, 10, 50].randomElement(using: &random) ?? 0
        default: break
        }
        for index in readers.indices where Int.random(in: 0..<100, using: &random) < readers[index].eagerness {
            read(index)
        }
    }

    private func prepare(_ step: String, _ kind: RunEvent.Kind = .progress, isReliable: Bool) -> RunEvent {
        if let upTo = log.reservationNeeded(for: 1) {
            reserved = max(reserved, upTo)
            log.reserved(upTo: upTo)
        }
        let nonce = Int64(bodies.count)
        let event = log.prepare(kind, step: step, isReliable: isReliable) {
            ["seq": .integer($0), "nonce": .integer(nonce)]
        }
        let earlier = bodies.updateValue(event.body, forKey: event.sequence)
        #expect(earlier == nil, "seed \(seed): \(event.sequence) names two events")
        return event
    }

    private func append(_ step: String, isReliable: Bool) {
        let event = prepare(step, isReliable: isReliable)
        switch (isReliable, Int.random(in: 0..<50, using: &random)) {
        case (_, 0): return restart()  // nobody has it
        case (true, 1):
            flush(with: event)
            return restart()  // only the store has it
        case (true, _): flush(with: event)
        case (false, _): unstored[step] = event
        }
        publish([event])
    }

    private func publish(_ events: [RunEvent]) {
        log.publish(events)
        published += events.count
    }

    /// More than a log keeps, so that who is behind skips some.
    private func burst() {
        for _ in 0..<100 {
            let events = (0..<90).map { _ in
                prepare(steps.randomElement(using: &random) ?? "", isReliable: false)
            }
            for event in events { unstored[event.step] = event }
            publish(events)
            if Int.random(in: 0..<10, using: &random) == 0 { read(0) }
        }
        let kept = keptNumbers
        #expect(kept.count < 9000 && kept.last == bodies.keys.max(), context)
    }

    /// What one gets who begins now.
    private var keptNumbers: [Int64] {
        var numbers: [Int64] = []
        while true {
            let more = log.read(after: numbers.last ?? 0).entries.map(\.event.sequence)
            if more.isEmpty || numbers.count > bodies.count { return numbers }
            numbers += more
        }
    }

    /// What is written in one transaction.
    private func flush(with events: RunEvent...) {
        stored.removeAll { !$0.isReliable && unstored[$0.step] != nil }
        stored += unstored.values.sorted { $0.sequence < $1.sequence } + events
        unstored = [:]
    }

    /// As after a kill: what the store does not hold is lost, and the numbers that may have been seen are not used
    /// again.
    private func restart() {
        stored.sort { $0.sequence < $1.sequence }
        unstored = [:]
        log = EventLog(runID: runID, earlier: stored, lastNumber: reserved, reserved: reserved)
        reserved += EventLog.reservation
        log.reserved(upTo: reserved)
        let event = prepare("resumed", isReliable: true)
        flush(with: event)
        publish([event])
    }

    func end() {
        let events = [prepare("complete", isReliable: true), prepare("", .complete, isReliable: true)]
        flush(with: events[0], events[1])
        publish(events)
    }

    // MARK: Reading

    /// What a reader takes of one part, which need not be all of it.  False: there is nothing more.
    @discardableResult
    private func read(_ index: Int, toEnd: Bool = false) -> Bool {
        let part = log.read(after: readers[index].cursor)
        let isCut = !toEnd && Int.random(in: 0..<4, using: &random) == 0
        let taken = isCut ? Int.random(in: 0...part.entries.count, using: &random) : part.entries.count
        for entry in part.entries.prefix(taken) { take(entry.event, &readers[index]) }
        if part.isOver {
            #expect(part.entries.last?.event.isTerminal ?? readers[index].sawTerminal, context)
            if taken == part.entries.count { #expect(readers[index].sawTerminal, context) }
        }
        return !part.isOver && !part.entries.isEmpty
    }

    private func take(_ event: RunEvent, _ reader: inout Reader) {
        #expect(event.sequence > reader.cursor, context)
        #expect(!reader.sawTerminal, context)
        #expect(event.body == bodies[event.sequence], context)
        reader.cursor = event.sequence
        reader.seen += 1
        if event.isReliable { reader.reliable.append(event.sequence) }
        reader.lastOfStep[event.step] = event.sequence
        if event.isTerminal { reader.sawTerminal = true }
    }

    /// After the end: everyone reads to it.
    func check() {
        let reliable = stored.filter(\.isReliable).map(\.sequence)
        for index in readers.indices {
            while readers[index].seen <= bodies.count, read(index, toEnd: true) {}
            let reader = readers[index]
            #expect(reader.sawTerminal, context)
            #expect(log.read(after: reader.cursor).isOver, context)
            #expect(reader.reliable == reliable, "seed \(seed), reader \(index)")
            // Of what a restart has lost, a reader may have seen something newer.
            for event in stored {
                #expect(
                    (reader.lastOfStep[event.step] ?? 0) >= event.sequence,
                    "seed \(seed), reader \(index): the last of \(event.step)")
            }
        }
    }
}

/// Numbers at random that are the same for the same seed.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
