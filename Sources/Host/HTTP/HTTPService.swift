import Core
import Engine
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
package import ServiceLifecycle

extension API {
    /// The server, as a service that runs until it is shut down.
    ///
    /// - Parameter onListening: is told the address once connections are accepted.
    package func makeServer(
        host: String, port: Int, onListening: @escaping @Sendable (String, Int) -> Void
    ) -> some Service {
        Application(
            router: makeRouter(),
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "integrationd",
                // The default of 256 makes a thousand clients that come at once wait for seconds.
                backlog: 4096),
            onServerRunning: { channel in
                onListening(host, channel.localAddress?.port ?? port)
            },
            logger: logger)
    }

    /// How long a connection may be open without a request.
    private static let idleTimeout = TimeAmount.seconds(60)

    /// Lets every stream look whether it is time for a heartbeat.
    package func makeHeartbeat() -> some Service { Heartbeat(api: self) }
}

private struct Heartbeat: Service {
    let api: API

    /// How long a run that is to end with its reader goes on without one.
    private static let unreadPatience = Duration.seconds(30)

    func run() async throws {
        let interval = max(api.settings.heartbeat / 4, .milliseconds(10))
        // Ends by cancellation when the daemon stops.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: interval)
                for run in api.scheduler.activeRuns { run.log.wakeReaders() }
                api.scheduler.cancelUnread(for: Self.unreadPatience)
            }
        }
    }
}
