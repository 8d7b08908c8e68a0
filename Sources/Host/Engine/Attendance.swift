import Core

/// Attends one call of a plugin: has what it says recorded, answers it, and stops it when it is time.
///
/// Belongs to the run's own thread; `hear` alone runs elsewhere, while that thread waits for it.
final class Attendance {
    private let session: any PluginSession
    private let active: ActiveRun
    private let recorder: RunRecorder
    private var machine: RunStateMachine
    /// Until when the run is shown as one that waits for a limit.
    private var limitedUntil: Timestamp?

    init(of session: any PluginSession, _ machine: RunStateMachine, _ active: ActiveRun, _ recorder: RunRecorder) {
        self.session = session
        self.machine = machine
        self.active = active
        self.recorder = recorder
    }

    /// Why the host has ended the call, if it has.
    var stopReason: RunStateMachine.StopReason? { machine.stopReason }

    /// Handles what the plugin says until it has returned or is gone.
    func attend() -> PluginStatus? {
        while true {
            do {
                if let request = active.stopRequest { perform(machine.stop(request, at: .now)) }
                switch try next() {
                case .said(.returned(let status)):
                    try takeLastOutput()
                    return status
                case .said(let message):
                    try note(message)
                    try handle(message)
                    try recorder.flushIfDue()
                case .woken, .deadlinePassed: try recorder.flushIfDue()
                case .ended: return nil
                }
                let action = machine.tick(at: .now)
                if action == .abandon { return nil }
                perform(action)
            } catch let failure as RunFailure {
                perform(machine.stop(.failure(failure), at: .now))
                _ = session.kill()
                return nil
            } catch {
                perform(machine.stop(.failure(RunFailure.store(error)), at: .now))
                _ = session.kill()
                return nil
            }
        }
    }

    /// A run that only says how far it is gets by without this thread.
    private func next() throws(RunFailure) -> PluginOccurrence {
        let flush = recorder.nextFlush
        guard recorder.isQuiet, !machine.isWaiting else {
            return try session.next(until: min(flush ?? machine.nextDeadline, machine.nextDeadline))
        }
        let deadline = min(flush ?? .now + RunRecorder.progressAge, machine.nextDeadline)
        return try session.next(until: deadline, hearing: hear)
    }

    /// What the plugin printed last is still on its way when its entry has returned.
    private func takeLastOutput() throws {
        let deadline = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < deadline {
            switch try session.next(until: deadline) {
            case .said(let message):
                switch message {
                case .output, .report, .refused, .lost: try recorder.record(message)
                default: continue
                }
            case .woken: continue
            case .ended, .deadlinePassed: return
            }
        }
    }

    private func perform(_ action: RunStateMachine.Action?) {
        switch action {
        case nil, .abandon: return
        case .cancel:
            recorder.changeStatus(.cancelling)
            session.cancel()
        case .terminate: _ = session.terminate()
        case .kill: _ = session.kill()
        }
    }

    private func note(_ message: PluginMessage) throws {
        switch message {
        case .waiting(let until, _):
            let instant = until.map { until in
                ContinuousClock.now + .milliseconds(max(0, until.milliseconds - Timestamp.now.milliseconds))
            }
            machine.waits(until: instant, at: .now)
        case .log, .output: return  // talking is not working
        default:
            let wasWaiting = machine.isWaiting
            machine.heard(at: .now)
            // Past the time that it named, it does not have to say that it goes on.
            if wasWaiting, !machine.isWaiting { try recorder.waiting(until: nil, reason: "") }
        }
    }

    private func handle(_ message: PluginMessage) throws {
        if let taken = recorder.share?.take(message, of: session) {
            return try show(taken.until)
        }
        switch message {
        case .known(let question, let key, let revision):
            session.answer(question, try recorder.known(key, revision: revision))
        case .loadFailed(let reason):
            throw RunFailure(.pluginUnavailable, "The plugin could not be loaded: \(reason).")
        default: try recorder.record(message)
        }
    }

    /// Shorter waits for a limit are not worth showing.
    private static let shownWait = Duration.seconds(1)

    /// The plugin has requests that have to wait till then, or asks and goes on; others of its
    /// requests may be under way meanwhile.
    private func show(_ start: Timestamp?) throws {
        let now = Timestamp.now
        if let shown = limitedUntil, shown <= now {
            limitedUntil = nil
            try recorder.waiting(until: nil, reason: "")
        }
        guard let start, start >= now + Self.shownWait else { return }
        let wait = Duration.milliseconds(start.milliseconds - now.milliseconds)
        machine.waits(until: .now + wait, at: .now)
        guard limitedUntil == nil else { return }
        limitedUntil = start
        try recorder.waiting(
            until: start, reason: "The rate limit of the source is used up. Going on in \(wait.rounded).")
    }

    /// What can be taken wherever it is heard, since it waits for nothing.  Made once.
    private lazy var hear: (PluginMessage) -> Bool = { [unowned self] message in
        guard recorder.takeAtOnce(message) else { return false }
        machine.heard(at: .now)
        return true
    }
}
