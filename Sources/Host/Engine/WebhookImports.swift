package import Core
import Logging
import Synchronization

/// Turns what webhooks ask for into runs, soon after and several into one.
package final class WebhookImports: Sendable {
    private struct Source: Hashable {
        var integration: String
        var tenant: Tenant
    }

    private struct State {
        var queues: [Source: WebhookQueue] = [:]
        /// Until what is next in each queue is due.
        var waits: [Source: Task<Void, Never>] = [:]
    }

    private let scheduler: RunScheduler
    private let patience: WebhookQueue.Patience
    private let state = Mutex(State())
    /// Sources whose queue was empty and is not any more.
    private let filled: AsyncStream<Source>
    private let fill: AsyncStream<Source>.Continuation

    /// Before a run is tried again that could not be started.
    private static let retryDelay = Duration.seconds(10)

    package init(_ scheduler: RunScheduler, patience: WebhookQueue.Patience = .init()) {
        self.scheduler = scheduler
        self.patience = patience
        (filled, fill) = AsyncStream.makeStream()
    }

    private var storage: any Storage { scheduler.services.storage }

    /// Keeps what a request asks for; returns when it is stored.  False for a replay.
    package func receive(_ request: WebhookImport) async throws -> Bool {
        guard let kept = try await storage.keep(request) else { return false }
        add(kept)
        return true
    }

    private func add(_ request: WebhookImport) {
        guard let settings = request.settings else { return }
        let source = Source(integration: request.integration, tenant: request.tenant)
        let isFirst = state.withLock { state in
            let isFirst = state.queues[source] == nil
            state.queues[source, default: WebhookQueue(patience: patience)]
                .add(settings, number: request.number, at: .now)
            // It may be due before what is waited for.
            state.waits[source]?.cancel()
            return isFirst
        }
        if isFirst { fill.yield(source) }
    }

    /// Starts runs until the task is cancelled; first for what an earlier process left.
    ///
    /// - Parameter integrations: those that there are when it is asked.
    package func run(_ integrations: @escaping @Sendable () -> [Integration]) async {
        do {
            for request in try storage.keptWebhookImports() { add(request) }
        } catch {
            scheduler.services.logger.error("what webhooks asked for before cannot be read: \(error)")
        }
        await withDiscardingTaskGroup { group in
            for await source in filled {
                group.addTask { await self.empty(source, integrations) }
            }
        }
    }

    private func empty(_ source: Source, _ integrations: @Sendable () -> [Integration]) async {
        while let wait = waitUntilDue(source) {
            await withTaskCancellationHandler {
                await wait.value
            } onCancel: {
                wait.cancel()
            }
            if Task.isCancelled { return }  // the daemon stops; it is stored
            guard let bundle = state.withLock({ $0.queues[source]?.take(at: .now) }) else { continue }
            if let integration = integrations().first(where: { $0.name == source.integration && $0.isEnabled }) {
                guard let run = await start(bundle, of: integration, source.tenant) else { return }
                await run.log.waitForEnd()
                if Task.isCancelled { return }
                if run.snapshot.status == .failed, keep(bundle, of: source, after: run.id) { continue }
            }
            await forget(bundle)
        }
    }

    /// For another try.  False: it was tried often enough.
    private func keep(_ bundle: WebhookQueue.Bundle, of source: Source, after run: RunID) -> Bool {
        let time = state.withLock { state in
            state.queues[source, default: WebhookQueue(patience: patience)].putBack(bundle, at: .now)
        }
        let consequence = time.map { "it is tried again at \($0)" } ?? "it is left to the next import"
        scheduler.services.logger.warning(
            "run \(run), which a webhook asked for, has failed: \(consequence)",
            metadata: ["integration": "\(source.integration)"])
        return time != nil
    }

    /// Ends when something may be due.  nil: there is nothing left, and whoever adds something has to say so again.
    private func waitUntilDue(_ source: Source) -> Task<Void, Never>? {
        state.withLock { state in
            state.waits[source] = nil
            guard let due = state.queues[source]?.due else {
                state.queues[source] = nil
                return nil
            }
            let time = Duration.milliseconds(max(0, due.milliseconds - Timestamp.now.milliseconds))
            let wait = Task { _ = try? await Task.sleep(for: time) }
            state.waits[source] = wait
            return wait
        }
    }

    /// After the active run, which may have passed what changed.  Nil: not before the next start.
    private func start(
        _ bundle: WebhookQueue.Bundle, of integration: Integration, _ tenant: Tenant
    ) async -> ActiveRun? {
        var options = RunOptions()
        options.settings = bundle.settings
        while !Task.isCancelled {
            if let active = scheduler.activeRun(of: integration.name, tenant: tenant) {
                await active.log.waitForEnd()
                continue
            }
            do {
                let started = try await scheduler.start(
                    integration, tenant: tenant, options: options, requestedBy: "webhook")
                if started.isNew { return started.run }
            } catch RunScheduler.Refusal.draining {
                return nil
            } catch {
                scheduler.services.logger.error(
                    "an import that a webhook asks for could not be started: \(error)",
                    metadata: ["integration": "\(integration.name)"])
                guard (try? await Task.sleep(for: Self.retryDelay)) != nil else { return nil }
            }
        }
        return nil
    }

    private func forget(_ bundle: WebhookQueue.Bundle) async {
        do {
            try await storage.forgetWebhookImports(bundle.numbers)
        } catch {
            // Then the next start imports it once more.
            scheduler.services.logger.error("what webhooks asked for cannot be forgotten: \(error)")
        }
    }
}
