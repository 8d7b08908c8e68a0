import Core
import Glibc
import Worker

/// One call of a plugin, seen from the host: frames in and out, output, and the end.
///
/// Used by the thread that made it; while that waits, the listener may hear for it.  That thread stays until
/// `end()` has returned, since the kernel kills a worker process when the thread that started it goes away.
final class WorkerSession: PluginSession, SharedListener.Ear {
    private let worker: any WorkerPlace
    private let socket: CInt
    private let wakeEvent = WakeEvent()
    private let watched: DescriptorSet
    private let mask: SecretMask
    private var frames = FrameBuffer()
    private var outputs: [Output]
    private var lines: ArraySlice<(line: String, isError: Bool)> = []  // read, not yet handed out
    private var lastErrorLines: [String] = []
    private var socketEnded = false
    /// What the worker has not taken yet.  It reads at once, unless it is stopped or means harm.
    private var unsent: ArraySlice<UInt8> = []
    private var ignoresAnswers = false
    /// For the times when the caller's own thread has nothing to do.
    private let listener: SharedListener?
    /// Whether `hear` has taken the last message.
    private var isQuiet = false
    /// What the listener has heard of late.
    private var lately: (since: ContinuousClock.Instant, count: Int) = (.now, 0)
    private var lastFlood: ContinuousClock.Instant?
    /// What the listener's thread has messages taken by, and how that went.
    private var taking: ((PluginMessage) -> Bool)?
    private var heard = Heard.nothingLeft
    /// What has to be there as long as the worker.
    private var kept: [Any] = []

    /// Bytes of answers that may wait; each thread of a plugin waits for one.
    private static let mostUnsentAnswers = 16 * 1024
    /// Lines of stderr that a failure quotes.
    private static let quotedLines = 5

    private struct Output {
        var descriptor: CInt
        var isError: Bool
        var lines = OutputLines()
    }

    var waker: any PluginWaker { wakeEvent }

    /// The id of its manifest.
    let plugin: String

    /// - Parameter watched: has nothing in it yet.
    init(
        watching watched: DescriptorSet, listener: SharedListener?, worker: any WorkerPlace, mask: SecretMask,
        plugin: String = ""
    ) {
        self.listener = listener
        self.worker = worker
        self.watched = watched
        self.plugin = plugin
        self.mask = mask
        socket = worker.socket
        outputs = worker.outputs.map { Output(descriptor: $0.descriptor, isError: $0.isError) }
        for descriptor in [socket, wakeEvent.pollDescriptor, worker.endDescriptor] + outputs.map(\.descriptor) {
            watched.add(descriptor)
        }
    }

    /// Both may go away with the session.
    func keep(_ file: PluginFile, _ folder: TemporaryFolder) { kept = [file, folder] }

    // MARK: What the worker says

    func next(until deadline: ContinuousClock.Instant) throws(RunFailure) -> PluginOccurrence {
        isQuiet = false
        return try next(until: deadline) { _ in false }
    }

    func next(
        until deadline: ContinuousClock.Instant, hearing hear: @escaping (PluginMessage) -> Bool
    ) throws(RunFailure) -> PluginOccurrence {
        var taken = 0
        while true {
            if let message = try nextMessage() {
                isQuiet = hear(message)
                guard isQuiet else { return .said(message) }
                taken += 1
                // It may be time for something else.
                if taken == Self.mostHeardAtOnce { return .woken }
                continue
            }
            if socketEnded { return .ended }
            if ignoresAnswers {
                throw RunFailure(.pluginMisbehaved, "The plugin's worker asks the host and does not read the answers.")
            }
            let readiness =
                if let listener, isOnlyHeard { try waitAside(until: deadline, listener, hear) } else {
                    try wait(until: deadline)
                }
            switch readiness {
            case .something: continue
            case .said(let message): return .said(message)
            case .woken: return .woken
            case .deadlinePassed: return .deadlinePassed
            }
        }
    }

    private func nextMessage() throws(RunFailure) -> PluginMessage? {
        if let (line, isError) = lines.popFirst() { return .output(line, isError: isError).masked(by: mask) }
        return try misbehaving { () throws(MalformedFrame) in
            try frames.next { (type, payload) throws(MalformedFrame) in
                try PluginMessage(type: type, payload: payload)
            }
        }?.masked(by: mask)
    }

    private enum Readiness {
        case something, woken, deadlinePassed
        /// Heard by another thread, and left for this one.
        case said(PluginMessage)
    }

    // MARK: Where another thread listens

    /// Messages that are taken in a row before it is seen whether it is time for something else.
    private static let mostHeardAtOnce = 64
    /// And in a second, by the listener, which others wait for: what says more has this thread for itself, for a while.
    private static let second = Duration.seconds(1)

    private var isOnlyHeard: Bool {
        isQuiet && unsent.isEmpty && (lastFlood.map { .now >= $0 + Self.second } ?? true)
    }

    private enum Heard {
        case nothingLeft, flood, end
        case said(PluginMessage)
        case failure(RunFailure)
    }

    /// Waits for all but the socket, at which the listener is meanwhile.
    private func waitAside(
        until deadline: ContinuousClock.Instant, _ listener: SharedListener, _ hear: @escaping (PluginMessage) -> Bool
    ) throws(RunFailure) -> Readiness {
        watched.remove(socket)
        frames.rest()
        // What is ready is looked at when the listener is gone.
        (taking, heard) = (hear, .nothingLeft)
        let ready = listener.listen(at: socket, for: self) {
            watched.wait(milliseconds: Self.milliseconds(until: deadline))
        }
        taking = nil
        watched.add(socket)
        let isWoken = ready?.contains(wakeEvent.pollDescriptor) == true
        if isWoken { wakeEvent.clear() }
        switch heard {
        case .nothingLeft:
            if isWoken { return .woken }
            if ready?.isEmpty == true { return .deadlinePassed }
            isQuiet = false  // its output, or its end
            return .something
        case .flood:
            lastFlood = .now
            return .woken
        case .end:
            noteEnd()
            return .something
        case .said(let message):
            isQuiet = false
            return .said(message)
        case .failure(let failure): throw failure
        }
    }

    /// On the listener's thread.
    func hear() -> Bool {
        heard = hearWhatIsThere()
        if case .nothingLeft = heard { return true }
        wakeEvent.wake()
        return false
    }

    private func hearWhatIsThere() -> Heard {
        do throws(RunFailure) {
            let isOpen = try misbehaving { () throws(MalformedFrame) in try frames.fill(from: socket) }
            if lately.since + Self.second < .now { lately = (.now, 0) }
            while lately.count < Self.mostHeardAtOnce {
                guard let message = try nextMessage() else { return isOpen ? .nothingLeft : .end }
                guard taking?(message) == true else { return .said(message) }
                lately.count += 1
            }
            return .flood
        } catch {
            return .failure(error)
        }
    }

    // MARK: Waiting

    private func wait(until deadline: ContinuousClock.Instant) throws(RunFailure) -> Readiness {
        // nil: a signal came; look again.
        guard let ready = watched.wait(milliseconds: Self.milliseconds(until: deadline)) else { return .something }
        guard !ready.isEmpty else { return .deadlinePassed }
        if ready.contains(wakeEvent.pollDescriptor) {
            wakeEvent.clear()
            return .woken
        }
        for index in outputs.indices.reversed() where ready.contains(outputs[index].descriptor) {
            readOutput(index)
        }
        if ready.contains(socket) {
            if !unsent.isEmpty { sendUnsent() }
            let isOpen = try misbehaving { () throws(MalformedFrame) in try frames.fill(from: socket) }
            if !isOpen { noteEnd() }
        } else if ready.contains(worker.endDescriptor) {
            // A process that the plugin left behind may hold the socket; nothing more comes from it.
            noteEnd()
        }
        return .something
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int64 {
        ContinuousClock.now.duration(to: deadline).wholeMilliseconds + 1
    }

    private func noteEnd() {
        socketEnded = true
        readRemainingOutput()
    }

    private func misbehaving<Value>(
        _ body: () throws(MalformedFrame) -> Value
    ) throws(RunFailure) -> Value {
        do {
            return try body()
        } catch {
            throw RunFailure(
                .pluginMisbehaved, "The plugin's worker sent a frame that makes no sense: \(error.reason).")
        }
    }

    // MARK: Its output

    private func readOutput(_ index: Int) {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        let count = read(outputs[index].descriptor, &bytes, bytes.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        let found =
            count > 0
            ? bytes.withUnsafeBytes {
                outputs[index].lines.take(UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
            } : outputs[index].lines.rest()
        keep(found, isError: outputs[index].isError)
        if count <= 0 {
            watched.remove(outputs[index].descriptor)
            close(outputs[index].descriptor)
            outputs.remove(at: index)
        }
    }

    private func keep(_ found: [String], isError: Bool) {
        lines += found.map { ($0, isError) }
        if isError { lastErrorLines = (lastErrorLines + found).suffix(Self.quotedLines) }
    }

    /// What is there now; a process that the plugin left behind may hold the other end for ever,
    /// and may go on writing.
    private func readRemainingOutput() {
        for _ in 0..<64 where !outputs.isEmpty {
            var watched = outputs.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&watched, nfds_t(watched.count), 0) > 0 else { break }
            for index in outputs.indices.reversed() where watched[index].revents != 0 {
                readOutput(index)
            }
        }
        for index in outputs.indices { keep(outputs[index].lines.rest(), isError: outputs[index].isError) }
    }

    // MARK: What the host says

    func send(_ frame: consuming FrameWriter) {
        unsent += frame.frame()
        sendUnsent()
    }

    /// As much as goes now; `next` goes on with the rest, so that nobody waits for a worker that does not read.
    private func sendUnsent() {
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            }
            if count < 0, errno == EAGAIN { return watched.alsoWait(forRoomIn: socket, true) }
            if count < 0, errno != EINTR { unsent = [] }  // it is gone: `next` will say so
            unsent.removeFirst(max(0, count))
        }
        watched.alsoWait(forRoomIn: socket, false)
    }

    func answer(_ question: UInt32, _ value: Int64) {
        var frame = FrameWriter(FRAME_ANSWER)
        frame.put(question)
        frame.put(value)
        send(frame)
        ignoresAnswers = unsent.count > Self.mostUnsentAnswers
    }

    func cancel() { send(FrameWriter(FRAME_CANCEL)) }
    func terminate() -> Bool { worker.signal(SIGTERM) }
    func kill() -> Bool { worker.signal(SIGKILL) }

    // MARK: The end

    func end() -> PluginExit {
        watched.remove(socket)
        close(socket)
        let cause = worker.waitForEnd()
        if !socketEnded { readRemainingOutput() }
        outputs.forEach { close($0.descriptor) }
        outputs = []
        wakeEvent.close()
        if worker.endDescriptor >= 0 { close(worker.endDescriptor) }
        return PluginExit(cause: cause, lastErrorLines: lastErrorLines.map { mask($0) })
    }
}
