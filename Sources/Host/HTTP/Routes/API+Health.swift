import Core
import Engine
import HTTPTypes
import Hummingbird

extension API {
    var healthRoutes: [Route] {
        [
            Route(.get, "/healthz", nil) { _, _ in .json(["status": "ok"]) },
            Route(.get, "/readyz", nil) { _, _ in
                guard scheduler.isDraining else { return .json(["status": "ready"]) }
                throw Problem(.draining, "The daemon is stopping.", headers: [.retryAfter: "5"])
            },
        ]
    }
}
