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

    private let services: EngineServices
    private let state = Mutex(State())

    /// Runs that may wait for their turn.
    private static let queueLimit = 1000

    package init(_ services: EngineServices) { self.services = services }

    // MARK: Looking

    package func activeRun(_ id: RunID) -> ActiveRun? { state.withLock { $0.byID[id] } }

    package func activeRun(of integration: String, tenant: Tenant) -> ActiveRun? {
        state.withLock { $0.active[Key(integration: integration, tenant: tenant)] }
    }

    package var activeRuns: [ActiveRun] { state.withLock { Array($0.byID.values) } }

    // MARK: Starting

    /// Why no run was started.
    package enum Refusal: Error {
        case draining, queueFull
    }

    /// Joins the active run of this integration and tenant, or starts one.
    package func start(
        _ integration: Integration, tenant: Tenant, options: RunOptions, requestedBy: String
    ) async throws -> (run: ActiveRun, isNew: Bool) {
        var record = Run(
            id: RunID(), integration: integration.name, tenant: tenant, createdAt: .now,
            requestedBy: requestedBy)
        record.options = options
        let key = Key(integration: integration.name, tenant: tenant)
        let (run, isNew) = try state.withLock { state -> (ActiveRun, Bool) in
            if let active = state.active[key] { return (active, false) }
            if state.isDraining { throw Refusal.draining }
            if state.queue.count >= Self.queueLimit { throw Refusal.queueFull }
            let run = ActiveRun(record, of: integration)
            Self.sayStarting(run)
            state.active[key] = run
            state.byID[run.id] = run
            return (run, true)
        }
        guard isNew else { return (run, false) }
        do {
            try await services.storage.insert(record)
        } catch {
            forget(run)
            run.log.close()
            throw error
        }
        enqueue(run)
        return (run, true)
    }

    /// The first event leaves before any work is done.
    private static func sayStarting(_ run: ActiveRun) {
        let progress = RunProgress(
            step: "starting", message: "Starting \(run.integration.displayName) import...")
        run.update { $0.progress = progress }
        run.log.publish(
            run.log.prepare(.progress, step: "starting", isReliable: true) {
                EventBody.progress(progress, run: run.id, sequence: $0)
            })
    }

    private func enqueue(_ run: ActiveRun) {
        let mayBegin = state.withLock { state in
            if state.running < services.limits.maxConcurrent {
                state.running += 1
                return true
            }
            // Under the lock: the run cannot begin, and say more, before it stands in the queue.
            Self.sayQueued(run, position: state.queue.count + 1)
            state.queue.append(run)
            return false
        }
        if mayBegin { begin(run) }
    }

    private static func sayQueued(_ run: ActiveRun, position: Int) {
        let progress = RunProgress(
            step: "queued", message: "Waiting for a free place: number \(position) in the queue")
        run.update { $0.progress = progress }
        run.log.publish(
            run.log.prepare(.progress, step: "queued", isReliable: true) {
                EventBody.progress(progress, run: run.id, sequence: $0)
            })
    }

    private func begin(_ run: ActiveRun) {
        OwnThread.start(name: "run") {
            ImportExecution(run, services: self.services).run()
            self.ended(run)
        }
    }

    private func ended(_ run: ActiveRun) {
        forget(run)
        let next = state.withLock { state -> ActiveRun? in
            guard !state.queue.isEmpty, !state.isDraining else {
                state.running -= 1
                return nil
            }
            return state.queue.removeFirst()
        }
        if let next { begin(next) }
    }

    private func forget(_ run: ActiveRun) {
        state.withLock { state in
            state.byID[run.id] = nil
            state.active[Key(integration: run.integration.name, tenant: run.tenant)] = nil
        }
    }

    // MARK: The end

    /// Asks a run to stop.
    package func cancel(_ run: ActiveRun) { run.stop(.cancelled) }

    /// Starts nothing more and asks everything under way to stop.
    package func drain() {
        let (running, waiting) = state.withLock { state in
            state.isDraining = true
            defer { state.queue = [] }
            return (Array(state.byID.values), state.queue)
        }
        for run in waiting { finishUnstarted(run) }
        for run in running { run.stop(.shutdown) }
    }

    /// Ends a run that never got its turn.
    private func finishUnstarted(_ run: ActiveRun) {
        var recorder = RunRecorder(run, services: services)
        recorder.finish(.interrupted, after: .zero)
        forget(run)
    }

    package var isDraining: Bool { state.withLock { $0.isDraining } }
    package var isIdle: Bool { state.withLock { $0.byID.isEmpty } }

    /// Gives runs an end that a process left without one when it ended.
    package func closeAbandonedRuns() throws {
        for var run in try services.storage.unfinishedRuns() {
            let failure = RunFailure(
                .interrupted, "The daemon ended during the import.", isRetryable: true)
            run.status = .interrupted
            run.failure = failure
            run.endedAt = .now
            run.lastEvent += 1
            let terminal = RunEvent(
                sequence: run.lastEvent, kind: .error, step: "", isReliable: true,
                body: EventBody.error(failure, run, sequence: run.lastEvent).text)
            try services.storage.update(run, appending: [terminal])
        }
    }
}
