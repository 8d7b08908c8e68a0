import HTTPTypes
import Hummingbird

extension API {
    /// All routes at `/` and below the base path.
    func makeRouter() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        if !settings.allowedOrigins.isEmpty {
            // Outside of all others: a page may read refusals, too.
            router.add(middleware: CrossOriginMiddleware(allowedOrigins: settings.allowedOrigins))
        }
        router.add(middleware: ErrorMiddleware(allowedMethods: allowedMethods))
        let prefixes = settings.basePath.isEmpty ? [""] : ["", settings.basePath]
        for prefix in prefixes {
            let open = router.group(RouterPath(prefix))
            let closed = open.group().add(
                middleware: AuthenticationMiddleware { settings })
            for route in routes {
                let group = route.isOpen ? open : closed
                group.on(RouterPath(route.path), method: route.method) { request, context in
                    if let scope = route.scope { try context.principal.require(scope) }
                    return try await route.handle(request, context)
                }
            }
        }
        return router
    }

    private var allowedMethods: @Sendable (String) -> [String] {
        let table = routes.map { (route: $0, method: $0.method.rawValue) }
        let basePath = settings.basePath
        return { path in
            let isBelowBase = !basePath.isEmpty && (path + "/").hasPrefix(basePath + "/")
            let path = isBelowBase ? path.dropFirst(basePath.count) : path[...]
            return table.filter { $0.route.matches(path) }.map(\.method).sorted()
        }
    }
}
