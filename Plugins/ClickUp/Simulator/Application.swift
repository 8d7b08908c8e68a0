import Glibc
import Hummingbird
import Logging
import NIOCore

/// Sets of routes; a new one is a file in Routes and a line here.
private let apiRoutes: [any RouteSet.Type] = [
    UserRoutes.self, SpaceRoutes.self, FolderRoutes.self, DocRoutes.self, TaskRoutes.self, ExtraRoutes.self,
    ViewRoutes.self,
    WebhookRoutes.self,
]

/// The whole simulator, ready to be run as a service.
func buildApplication(_ simulator: Simulator, port: Int) -> some ApplicationProtocol {
    let front = Front(simulator: simulator)
    let router = Router(context: CallContext.self)
    router.add(middleware: UnknownRoutes(front: front))
    for routes in apiRoutes {
        routes.add(to: RouteTable(router: router, front: front))
    }
    ControlRoutes(simulator: simulator).add(to: router)

    var logger = Logger(label: "clickup-simulator")
    logger.logLevel = .error
    return Application(
        router: router,
        // The default backlog of 256 makes a burst of connects wait for retries of their SYN.
        configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 4096),
        services: [simulator.courier],
        onServerRunning: { announce($0) },
        logger: logger)
}

/// The one line on stdout, written straight to the descriptor so that no buffer holds it back.
private func announce(_ channel: any Channel) {
    let port = channel.localAddress?.port ?? 0
    let line = Array("clickup-simulator listening on http://127.0.0.1:\(port)\n".utf8)
    // A reader that has gone is no reason to stop serving.
    _ = write(STDOUT_FILENO, line, line.count)
}
