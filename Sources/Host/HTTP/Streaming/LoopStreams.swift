import Core
import Engine
import NIOCore
import Synchronization

/// The streams whose connections belong to one event loop.
///
/// A log wakes each loop that has readers of it, at most once for everything that is new; the loop
/// then lets all of them write.
final class LoopStreams: @unchecked Sendable {
    // Everything that changes is touched on `loop` alone.
    private let loop: any EventLoop
    private let settings: Settings
    private var audiences: [RunID: Audience] = [:]
    private var ticks: RepeatedTask?

    struct Settings: Sendable {
        /// How long a stream may be silent.
        var heartbeat: Duration
        /// How long a client may take nothing before it is given up.
        var patience: Duration
        /// Over how long streams end whose log was closed before its end, so that their clients
        /// do not all come back in the same moment.
        var drainSpread: @Sendable () -> Duration
    }

    /// The readers of one log on this loop.
    private final class Audience: @unchecked Sendable {
        let log: EventLog
        /// Of the log.
        var subscription: UInt64?
        /// To the only reader.
        let line = DirectLine()
        private(set) var readers: [StreamReader] = []

        init(of log: EventLog) { self.log = log }

        func add(_ reader: StreamReader) {
            reader.place = readers.count
            readers.append(reader)
        }

        /// Before anything is done for the readers.
        func recall() {
            if let position = line.recall() { readers.first?.resume(at: position) }
        }

        /// When all is done that there is to do for them.
        func lend() {
            guard readers.count == 1, let reader = readers.first, let descriptor = reader.directDescriptor else {
                return
            }
            line.lend(descriptor, at: reader.position)
        }

        /// The last one takes its place.
        func remove(_ reader: StreamReader) {
            guard let place = reader.place else { return }
            reader.place = nil
            let last = readers.removeLast()
            guard last !== reader else { return }
            readers[place] = last
            last.place = place
        }
    }

    /// Whether a round is coming already.
    private final class Bell: Sendable {
        private let isRung = Atomic(false)

        /// False when it was rung before.
        func ring() -> Bool { !isRung.exchange(true, ordering: .acquiringAndReleasing) }
        func silence() { isRung.store(false, ordering: .sequentiallyConsistent) }
    }

    init(_ loop: any EventLoop, _ settings: Settings) {
        self.loop = loop
        self.settings = settings
    }

    // MARK: Who reads

    /// Follows the log with this reader until that is over.
    func add(_ reader: StreamReader) {
        let audience = audience(of: reader.log)
        audience.recall()
        audience.add(reader)
        startTicking()
        reader.watch { [weak self, weak reader] in
            if let self, let reader { pump(reader) }
        } whenLeft: { [weak self, weak reader] in
            if let self, let reader { remove(reader, because: .clientLeft) }
        }
        pump(reader)
    }

    /// Ends the reader's stream, if it is not over.
    func remove(_ reader: StreamReader, because end: StreamReader.End) {
        if let audience = audiences[reader.log.runID] {
            audience.recall()
            audience.remove(reader)
            if audience.readers.isEmpty {
                audience.subscription.map(audience.log.unsubscribe)
                audiences[reader.log.runID] = nil
            }
        }
        if audiences.isEmpty {
            ticks?.cancel()
            ticks = nil
        }
        reader.finish(end)
    }

    private func audience(of log: EventLog) -> Audience {
        if let audience = audiences[log.runID] { return audience }
        let audience = Audience(of: log)
        let bell = Bell()
        // Made once: it is run for each event.
        let round: @Sendable () -> Void = { [weak self, weak audience] in
            // Before it looks: what comes from now on rings again.
            bell.silence()
            if let self, let audience { pump(audience) }
        }
        audience.subscription = log.subscribe { [loop, line = audience.line] news in
            if !line.write(news), bell.ring() { loop.execute(round) }
        }
        audiences[log.runID] = audience
        return audience
    }

    // MARK: Writing

    private func pump(_ audience: Audience) {
        audience.recall()
        var portions = StreamPortions()
        var over: [StreamReader] = []
        for reader in audience.readers where reader.pump(&portions) { over.append(reader) }
        over.forEach(end)
        audience.lend()
    }

    private func pump(_ reader: StreamReader) {
        let audience = audiences[reader.log.runID]
        audience?.recall()
        var portions = StreamPortions()
        if reader.pump(&portions) { end(reader) }
        audience?.lend()
    }

    /// The reader has all of its log.
    private func end(_ reader: StreamReader) {
        guard !reader.log.hasEnded else { return remove(reader, because: .finished) }
        let spread = settings.drainSpread()
        let delay = spread * Double.random(in: 0...1)
        loop.scheduleTask(in: TimeAmount(delay)) { self.remove(reader, because: .draining) }
    }

    private func startTicking() {
        guard ticks == nil else { return }
        let interval = TimeAmount(max(min(settings.heartbeat, settings.patience) / 4, .milliseconds(10)))
        ticks = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
            self?.tick()
        }
    }

    private func tick() {
        let now = NIODeadline.now()
        let silence = TimeAmount(settings.heartbeat)
        let patience = TimeAmount(settings.patience)
        for audience in Array(audiences.values) {
            audience.recall()
            defer { audience.lend() }
            for reader in audience.readers
            where reader.tick(now: now, silence: silence, patience: patience) {
                remove(reader, because: .stalled)
                // Not the orderly end, which would wait for the client as well.
                reader.channel.close(promise: nil)
            }
        }
    }
}
