import Core
import Engine
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
package import ServiceLifecycle

extension API {
    /// The server, as a service that runs until it is shut down.
    ///
    /// - Parameters:
    ///   - tls: nil: plain HTTP/1.1.
    ///   - connections: open at a time; others wait to be accepted.
    ///   - onListening: is told the address once connections are accepted.
    /// - Throws: `TLSFiles.Unusable`.
    package func makeServer(
        host: String, port: Int, tls: TLSFiles?, connections: Int,
        onListening: @escaping @Sendable (String, Int) -> Void
    ) throws -> some Service {
        let http1 = HTTP1Channel.Configuration(idleTimeout: Self.idleTimeout)
        return Application(
            responder: RoutingTask(router: makeRouter().buildResponder()),
            server: try tls?.server(http1) ?? .http1(configuration: http1),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "integrationd",
                // The default of 256 makes a thousand clients that come at once wait for seconds.
                backlog: 4096,
                // Beyond what descriptors there are, accepting would fail over and over.
                availableConnectionsDelegate: MaximumAvailableConnections(connections, logger: logger)),
            onServerRunning: { channel in
                onListening(host, channel.localAddress?.port ?? port)
            },
            logger: logger)
    }

    /// How long a connection may be open without a request.
    private static let idleTimeout = TimeAmount.seconds(60)

    /// Cancels the runs whose starter left and wanted that.
    package func makeUnreadWatch() -> some Service { UnreadWatch(scheduler: scheduler) }
}

private struct UnreadWatch: Service {
    let scheduler: RunScheduler

    /// How long a run that is to end with its reader goes on without one.
    private static let unreadPatience = Duration.seconds(30)

    func run() async throws {
        // Ends by cancellation when the daemon stops.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(1))
                scheduler.cancelUnread(for: Self.unreadPatience)
            }
        }
    }
}
