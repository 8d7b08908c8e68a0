import Core
import Logging

/// Carries out one run, on a thread of its own: launches the plugin, stores what it emits, and
/// turns what it says into events.
///
/// The thread waits for the plugin, for the store, or for time to pass; since it stores before it
/// reads on, the store's pace is the plugin's.
final class ImportExecution {
    private let active: ActiveRun
    private let services: EngineServices
    private let limits: EngineServices.Limits
    private let recorder: RunRecorder
    private var isFull = false
    /// When the integration's timeout ends the run, whatever attempt it is at.
    private let deadline: (instant: ContinuousClock.Instant, time: Timestamp)?

    /// Attempts at one run, the first included.
    static let maximumAttempts = 3

    init(_ active: ActiveRun, services: EngineServices) {
        self.active = active
        self.services = services
        limits = services.limits
        recorder = RunRecorder(active, services: services)
        deadline = active.integration.timeout.map { (.now + $0, .now + $0) }
    }

    /// Returns when the end is stored; the events that announce it are the caller's to publish.
    /// nil: the daemon stops, and the run goes on when it starts again.
    func run() -> RunRecorder.Ending? {
        active.update {
            if $0.status == .queued { $0.status = .running }
            $0.startedAt = $0.startedAt ?? .now
        }
        do {
            try services.storage.update(active.snapshot, appending: [])
            var run = active.snapshot
            run.options.allowsMassDelete = run.options.allowsMassDelete || active.integration.allowsMassDelete
            recorder.session = try services.storage.beginImport(run)
        } catch {
            return recorder.finish(.failed(RunFailure.store(error)))
        }
        let outcome: RunOutcome
        do {
            outcome = try attempts()
        } catch {
            outcome = .failed(RunFailure.store(error))
        }
        if outcome == .interrupted {
            recorder.suspend()
            return nil
        }
        return recorder.finish(outcome)
    }

    private func attempts() throws -> RunOutcome {
        var backoff = limits.retryDelay
        for attempt in active.snapshot.attempt... {
            active.update { $0.attempt = attempt }
            let outcome = self.attempt()
            guard case .retry(let failure, let after, let inFull) = outcome else { return outcome }
            guard attempt < Self.maximumAttempts else { return .failed(failure) }
            isFull = isFull || inFull
            let delay = after ?? backoff * Double.random(in: 0.5...1)
            backoff *= 2
            if let deadline, ContinuousClock.now + delay >= deadline.instant { return .failed(failure) }
            if let stopped = try pause(delay, because: failure) { return stopped }
            let how = inFull ? ", from the beginning" : ""
            try recorder.progress(
                RunProgress(
                    step: "resumed",
                    message: "Attempt \(attempt + 1) of \(Self.maximumAttempts)\(how)"),
                isReliable: true)
        }
        return .interrupted
    }

    /// Waits before the next attempt; an outcome if the run is asked to end meanwhile.
    private func pause(_ delay: Duration, because failure: RunFailure) throws -> RunOutcome? {
        guard delay > .zero else { return nil }
        let until = Timestamp.now + delay
        try recorder.waiting(until: until, reason: "\(failure.message) Trying again in \(delay.rounded).")
        let pause = Pause()
        active.setWaker(pause)
        if active.stopRequest == nil { pause.wait(until: ContinuousClock.now + delay) }
        active.setWaker(nil)
        try recorder.waiting(until: nil, reason: "")
        return stopped
    }

    /// How a run ends that was asked to while no plugin ran.
    private var stopped: RunOutcome? {
        switch active.stopRequest {
        case nil: nil
        case .cancelled: .cancelled
        case .failure(let failure): .failed(failure)
        default: .interrupted
        }
    }

    // MARK: One attempt

    /// A file in quarantine is not touched, and what becomes of another one is remembered.
    private func attempt() -> RunOutcome {
        recorder.attemptBegins()
        let plugin: String
        do throws(RunFailure) {
            plugin = try active.launcher.identify(active.integration.name)
            try services.quarantines.admit(plugin, of: active.integration)
        } catch {
            return stopped ?? .failed(error)
        }
        let (outcome, hasReturned) = call()
        if case .failed(let failure) = outcome, failure.code == .pluginCrashed {
            services.quarantines.crashed(plugin, of: active.integration.name, reason: failure.message)
        } else if hasReturned {
            services.quarantines.returned(active.integration.name)
        }
        return outcome
    }

    private func call() -> (outcome: RunOutcome, hasReturned: Bool) {
        let session: any PluginSession
        do {
            session = try active.launcher.launch(try pluginCall()) { active.stopRequest != nil }
        } catch let failure as RunFailure {
            return (stopped ?? .failed(failure), false)
        } catch {
            return (.failed(RunFailure.store(error)), false)
        }
        let machine = RunStateMachine(
            limits: .init(
                timeout: deadline.map { ContinuousClock.now.duration(to: $0.instant) },
                stalledAfter: limits.stalledAfter, cancelGrace: limits.cancelGrace),
            startedAt: .now)
        let attendance = Attendance(of: session, machine, active, recorder)
        active.setWaker(session.waker)
        recorder.share = services.rateLimits.share(of: session.plugin)
        defer {
            active.setWaker(nil)
            recorder.share?.end()
            recorder.share = nil
        }
        let returned = attendance.attend()
        let exit = session.end()
        var stopReason = attendance.stopReason
        do {
            try recorder.stepsEnded()
            try recorder.flush()
        } catch {
            stopReason = .failure(RunFailure.store(error))
        }
        services.logger.debug("worker ended", metadata: recorder.metadata(["exit": "\(exit.cause)"]))
        if let returned {
            let outcome = RunOutcome(
                status: returned, explanation: recorder.explanation, stopReason: stopReason)
            return (outcome, true)
        }
        return (recorder.outcome(withoutStatus: exit, stopReason: stopReason), false)
    }

    private func pluginCall() throws -> PluginCall {
        var options = active.options
        options.isFull = options.isFull || isFull
        let checkpoint = isFull ? nil : try checkpoint()
        // A full import that goes on where it stood has a checkpoint, its own.
        options.isFull = options.isFull && checkpoint == nil
        return PluginCall(
            runID: active.id, integration: active.integration.name, tenant: active.tenant,
            options: options, checkpoint: checkpoint, deadline: deadline?.time)
    }

    private func checkpoint() throws -> [UInt8]? {
        active.options.hasOwnCheckpoint
            ? try services.storage.ownCheckpoint(of: active.id)
            : try services.storage.checkpoint(of: active.integration.name, tenant: active.tenant)
    }
}

extension RunFailure {
    static func store(_ error: any Error) -> Self {
        RunFailure(.storeFailed, "The store failed: \(error).", isRetryable: true)
    }
}

extension Duration {
    /// For a sentence: `3 s`.
    var rounded: String { "\(Int64(seconds.rounded(.up))) s" }
}
