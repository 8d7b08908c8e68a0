import Core
import Engine
import ServiceLifecycle

/// Ends the runs when the daemon stops.
struct RunsService: Service {
    let scheduler: RunScheduler
    /// How long the runs may take to end.
    let patience: Duration

    /// A plugin is asked, then told, then killed; a little more for what is written last.
    static func patience(cancelGrace: Duration) -> Duration { cancelGrace + .seconds(6) }

    func run() async throws {
        try await gracefulShutdown()
        scheduler.drain()
        let deadline = ContinuousClock.now + patience
        while !scheduler.isIdle, ContinuousClock.now < deadline {
            // Not cancelled by the shutdown that has just begun; bounded by the deadline.
            try await Task.sleep(for: .milliseconds(20))
        }
        for run in scheduler.activeRuns { run.log.close() }
    }
}
