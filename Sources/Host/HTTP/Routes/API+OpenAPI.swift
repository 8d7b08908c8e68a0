import Core
import HTTPTypes
import Hummingbird

extension API {
    var openAPIRoutes: [Route] {
        [
            Route(.get, "/openapi.json", nil) { _, _ in
                .json(OpenAPI.document(of: routes, basePath: settings.basePath))
            }
        ]
    }
}
