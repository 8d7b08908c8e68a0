package import Core
import Logging
import Synchronization

/// Starts runs, at most one for each integration and tenant, and at most so many at once.
package final class RunScheduler: Sendable {
    /// Whose active run it is: there is at most one.
    private struct Key: Hashable {
        var integration: String
        var tenant: Tenant
    }

    private struct State {
        var active: [Key: ActiveRun] = [:]
        var byID: [RunID: ActiveRun] = [:]
        var queue: [ActiveRun] = []
        var running = 0
        var isDraining = false
    }

    package let services: EngineServices
    private let state = Mutex(State())

    /// Runs that may wait for their turn.
    private static let queueLimit = 1000

    package init(_ services: EngineServices) { self.services = services }

    // MARK: Looking

    package func activeRun(_ id: RunID) -> ActiveRun? { state.withLock { $0.byID[id] } }

    package func activeRun(of integration: String, tenant: Tenant) -> ActiveRun? {
        state.withLock { $0.active[Key(integration: integration, tenant: tenant)] }
    }

    /// The active run, or else the newest that has ended and that the store does not take yet.
    package func latestRun(of integration: String, tenant: Tenant) -> ActiveRun? {
        state.withLock { state in
            state.active[Key(integration: integration, tenant: tenant)]
                ?? state.byID.values.filter { $0.integration.name == integration && $0.tenant == tenant }
                .max { $0.id.description < $1.id.description }
        }
    }

    package var activeRuns: [ActiveRun] { state.withLock { Array($0.byID.values) } }

    // MARK: Starting

    /// Why no run was started.
    package enum Refusal: Error {
        case draining, queueFull
    }

    /// Joins the active run of this integration and tenant, or starts one.
    package func start(
        _ integration: Integration, tenant: Tenant, options: RunOptions, endsUnread: Bool = false, requestedBy: String
    ) async throws -> (run: ActiveRun, isNew: Bool) {
        var record = Run(
            id: RunID(), integration: integration.name, tenant: tenant, createdAt: .now,
            requestedBy: requestedBy)
        record.options = options
        record.endsUnread = endsUnread
        let (run, isNew) = try admit(record, of: integration)
        guard isNew else { return (run, false) }
        do {
            let first = Self.starting(run)
            try await services.storage.insert(
                run.snapshot, events: [first], reservingUpTo: EventLog.reservation)
            run.log.publish([first])
            services.logger.info(
                "Starting \(integration.displayName) import...",
                metadata: RunRecorder(run, services: services).metadata(["step": "starting"]))
        } catch {
            forget(run)
            run.log.close()
            throw error
        }
        enqueue(run)
        return (run, true)
    }

    /// The active run of the same integration and tenant, or this one, which then is it.
    private func admit(_ record: Run, of integration: Integration) throws -> (ActiveRun, isNew: Bool) {
        let key = Key(integration: integration.name, tenant: record.tenant)
        return try state.withLock { state in
            if let active = state.active[key] { return (active, false) }
            if state.isDraining { throw Refusal.draining }
            if state.queue.count >= Self.queueLimit { throw Refusal.queueFull }
            let log = EventLog(
                runID: record.id, reserved: EventLog.reservation, counting: services.metrics.events)
            let run = ActiveRun(record, of: integration, log: log, launcher: services.launcher)
            state.active[key] = run
            state.byID[run.id] = run
            return (run, true)
        }
    }

    /// The first event, which leaves before any work is done.
    private static func starting(_ run: ActiveRun) -> RunEvent {
        let progress = RunProgress(
            step: "starting", message: "Starting \(run.integration.displayName) import...")
        run.update { $0.progress = progress }
        return run.log.prepare(.progress, step: "starting", isReliable: true) {
            EventBody.progress(progress, run: run.id, sequence: $0)
        }
    }

    private func enqueue(_ run: ActiveRun) {
        let mayBegin: Bool? = state.withLock { state in
            if state.isDraining { return nil }
            if state.running < services.limits.maxConcurrent {
                state.running += 1
                return true
            }
            // Under the lock: the run cannot begin, and say more, before it stands in the queue.
            Self.sayQueued(run, position: state.queue.count + 1)
            state.queue.append(run)
            return false
        }
        switch mayBegin {
        case true?: begin(run)
        case false?: return
        case nil: suspend(run)
        }
    }

    /// Those behind a place that has become free have moved up.
    private static func sayPositions(_ queue: [ActiveRun], from index: Int = 0) {
        for (index, run) in queue.enumerated().dropFirst(index) { sayQueued(run, position: index + 1) }
    }

    private static func sayQueued(_ run: ActiveRun, position: Int) {
        let progress = RunProgress(
            step: "queued", message: "Waiting for a free place: number \(position) in the queue")
        run.update { $0.progress = progress }
        let event = run.log.prepare(.progress, step: "queued", isReliable: false) {
            EventBody.progress(progress, run: run.id, sequence: $0)
        }
        run.log.publish([event])
    }

    /// Takes up a run that an earlier process began.
    func adopt(_ run: ActiveRun) {
        state.withLock { state in
            state.byID[run.id] = run
            state.active[Key(integration: run.integration.name, tenant: run.tenant)] = run
        }
        enqueue(run)
    }

    private func begin(_ run: ActiveRun) {
        OwnThread.start(name: "run") {
            let ending = ImportExecution(run, services: self.services).run()
            self.announce(ending, of: run)
            self.beginNext()
            if let ending, !ending.isStored { self.store(ending, of: run) }
        }
    }

    /// Whoever reads the end may start anew at once, so the run is no longer active by then.
    private func announce(_ ending: RunRecorder.Ending?, of run: ActiveRun) {
        if ending?.isStored == false { noLongerActive(run) } else { forget(run) }
        guard let ending else { return run.log.close() }
        run.log.publish([ending.step, ending.terminal])
    }

    /// What was announced has to be true in the store as well, and in the next process: tries until
    /// the store takes it or the daemon stops.
    private func store(_ ending: RunRecorder.Ending, of run: ActiveRun) {
        while !isDraining {
            Pause().wait(until: .now + services.limits.retryDelay)
            do {
                try services.storage.update(run.snapshot, appending: [ending.step, ending.terminal])
                return forget(run)
            } catch {
                continue  // said in the log when it first failed
            }
        }
    }

    private func beginNext() {
        let next = state.withLock { state -> ActiveRun? in
            let limit = services.limits.maxConcurrent
            guard !state.queue.isEmpty, !state.isDraining, state.running <= limit else {
                state.running -= 1
                return nil
            }
            defer { Self.sayPositions(state.queue) }
            return state.queue.removeFirst()
        }
        if let next { return begin(next) }
        if isIdle { services.whenIdle() }
    }

    // MARK: Another configuration

    /// For runs that begin from now on; those under way or in the queue go on with the launcher that they began with.
    package func change(launcher: any PluginLauncher, limits: EngineServices.Limits) {
        services.change(launcher: launcher, limits: limits)
        while let run = takeFromQueue() { begin(run) }
    }

    /// A run whose place a greater limit has made.
    private func takeFromQueue() -> ActiveRun? {
        state.withLock { state in
            guard !state.queue.isEmpty, !state.isDraining, state.running < services.limits.maxConcurrent else {
                return nil
            }
            state.running += 1
            defer { Self.sayPositions(state.queue) }
            return state.queue.removeFirst()
        }
    }

    private func forget(_ run: ActiveRun) {
        noLongerActive(run)
        state.withLock { $0.byID[run.id] = nil }
    }

    private func noLongerActive(_ run: ActiveRun) {
        let key = Key(integration: run.integration.name, tenant: run.tenant)
        state.withLock { state in
            // Another one may have begun meanwhile.
            if state.active[key] === run { state.active[key] = nil }
        }
    }

    // MARK: The end

    /// Asks a run to stop; one that waits for its turn ends at once.  After it has returned, no crash makes
    /// the run go on.
    package func cancelForGood(_ run: ActiveRun) async throws {
        cancel(run)
        try await services.storage.noteCancelling(run.id)
    }

    /// Asks a run to stop; one that waits for its turn ends at once.
    package func cancel(_ run: ActiveRun) {
        let isWaiting = state.withLock { state in
            guard let index = state.queue.firstIndex(where: { $0 === run }) else { return false }
            state.queue.remove(at: index)
            Self.sayPositions(state.queue, from: index)
            return true
        }
        run.stop(.cancelled)
        guard isWaiting else { return }
        OwnThread.start(name: "run") {
            self.announce(RunRecorder(run, services: self.services).finish(.cancelled), of: run)
        }
    }

    /// Cancels runs whose starter wanted that when nobody has been reading for so long.
    package func cancelUnread(for patience: Duration) {
        for run in activeRuns where run.endsUnread {
            if let since = run.log.unreadSince, since + patience <= .now { cancel(run) }
        }
    }

    /// Starts nothing more and has everything under way stop, to go on at the next start.
    package func drain() {
        let (running, waiting) = state.withLock { state in
            state.isDraining = true
            defer { state.queue = [] }
            return (Array(state.byID.values), state.queue)
        }
        for run in waiting { suspend(run) }
        for run in running { run.stop(.shutdown) }
    }

    private func suspend(_ run: ActiveRun) {
        RunRecorder(run, services: services).suspend()
        announce(nil, of: run)
    }

    package var isDraining: Bool { state.withLock { $0.isDraining } }
    package var isIdle: Bool { state.withLock { $0.active.isEmpty } }
}
