package import Core
import Logging

/// Starts the imports that timetables ask for.
package struct ScheduledImports: Sendable {
    private let scheduler: RunScheduler
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Clocks may be set; so long at most is waited before looking again.
    private static let longestSleep = Duration.seconds(3600)

    package init(
        _ scheduler: RunScheduler, now: @escaping @Sendable () -> Timestamp = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.scheduler = scheduler
        self.now = now
        self.sleep = sleep
    }

    /// Until the task is cancelled, or the timetable has no further time.
    package func follow(_ timetable: Timetable, of integration: Integration) async {
        if await hasMissed(timetable, integration) {
            await start(integration, timetable, because: "an import was due while the daemon was not there")
        }
        while let due = timetable.next(after: now()) {
            guard await wait(until: due) else { return }
            await start(integration, timetable, because: "the schedule says so")
        }
    }

    /// False when the task was cancelled.
    private func wait(until due: Timestamp) async -> Bool {
        while true {
            let left = Duration.milliseconds(due.milliseconds - now().milliseconds)
            guard left > .zero else { return !Task.isCancelled }
            guard (try? await sleep(min(left, Self.longestSleep))) != nil else { return false }  // cancelled
        }
    }

    /// Whether no whole import has begun since one was due.  A narrowed run, such as one that a webhook asks
    /// for, is none.
    private func hasMissed(_ timetable: Timetable, _ integration: Integration) async -> Bool {
        guard timetable.catchesUp else { return false }
        var query = RunQuery(tenant: integration.tenant ?? .default)
        query.integration = integration.name
        do {
            repeat {
                let page = try await scheduler.services.storage.runs(query)
                for run in page.items {
                    if timetable.hasMissed(since: run.createdAt, at: now()) { return true }
                    if !run.options.isNarrowed { return false }
                }
                query.after = page.next
            } while query.after != nil
            return false
        } catch {
            say("the last import cannot be looked up: \(error)", of: integration, level: .error)
            return false
        }
    }

    private func start(_ integration: Integration, _ timetable: Timetable, because reason: String) async {
        let tenant = integration.tenant ?? .default
        while let active = scheduler.activeRun(of: integration.name, tenant: tenant) {
            guard timetable.overlap == .queue else {
                return say("an import that was due is left out: run \(active.id) goes on", of: integration)
            }
            await active.log.waitForEnd()
            if Task.isCancelled { return }
        }
        say("an import begins: \(reason)", of: integration)
        do {
            _ = try await scheduler.start(
                integration, tenant: tenant, options: RunOptions(), requestedBy: "schedule")
        } catch {
            say("a scheduled import could not be started: \(error)", of: integration, level: .error)
        }
    }

    private func say(_ message: String, of integration: Integration, level: Logger.Level = .info) {
        scheduler.services.logger.log(
            level: level, "\(message)", metadata: ["integration": "\(integration.name)"])
    }
}
