import Config
import Core
import Engine
import HTTP
import Logging
import ServiceLifecycle

/// Starts the imports of integrations that have a `schedule`.
struct ScheduleService: Service {
    let daemon: Daemon
    let logger: Logger

    func run() async throws {
        let scheduled = daemon.configuration.integrations.filter { $0.enabled && $0.schedule != nil }
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for entry in scheduled {
                    guard let schedule = entry.schedule,
                        let integration = daemon.api.integrations.first(where: { $0.name == entry.name })
                    else { continue }
                    group.addTask { await follow(schedule, of: integration) }
                }
            }
        }
        if scheduled.isEmpty { try? await gracefulShutdown() }  // a service stays till the end
    }

    private func follow(_ schedule: Schedule, of integration: Integration) async {
        while let next = schedule.next(after: Timestamp.now.milliseconds / 1000) {
            let delay = next * 1000 - Timestamp.now.milliseconds
            guard (try? await Task.sleep(for: .milliseconds(delay))) != nil else { return }  // stopping
            do {
                _ = try await daemon.scheduler.start(
                    integration, tenant: integration.tenant ?? .default, options: RunOptions(),
                    requestedBy: "schedule")
            } catch {
                logger.error(
                    "a scheduled import could not be started: \(error)",
                    metadata: ["integration": "\(integration.name)"])
            }
        }
    }
}
