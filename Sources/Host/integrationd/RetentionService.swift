import Core
import HTTP
import Logging
import ServiceLifecycle
import Store

/// Removes runs that are older than `runs.keep`, with their logs; documents stay.
struct RetentionService: Service {
    let daemon: Daemon
    let logger: Logger

    func run() async throws {
        // Ends by cancellation when the daemon stops.
        try? await cancelWhenGracefulShutdown {
            while true {
                removeOldRuns()
                try await Task.sleep(for: .seconds(3600))
            }
        }
    }

    private func removeOldRuns() {
        do {
            let oldest = Timestamp(
                milliseconds: Timestamp.now.milliseconds - daemon.api.settings.keepRuns.wholeMilliseconds)
            let count = try daemon.store.removeRuns(endedBefore: oldest)
            if count > 0 { logger.info("removed old runs", metadata: ["count": "\(count)"]) }
        } catch {
            logger.error("old runs could not be removed: \(error)")
        }
    }
}
