import Core
import HTTPTypes

/// The API in the words of OpenAPI 3.1.
enum OpenAPI {
    /// - Parameter routes: all that is served.
    static func document(of routes: [Route], basePath: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "integrationd",
                "version": "0.1.0",
                "summary": "Runs imports of plugins and tells their progress as server-sent events.",
            ],
            "servers": servers(basePath),
            "tags": tags,
            "paths": paths(of: routes),
            "components": [
                "securitySchemes": ["bearer": bearer, "session": session],
                "parameters": sharedParameters,
                "schemas": schemas,
            ],
        ]
    }

    /// Everything is at the root, too.
    private static func servers(_ basePath: String) -> JSONValue {
        basePath.isEmpty ? [["url": "/"]] : [["url": .string(basePath)], ["url": "/"]]
    }

    private static var tags: JSONValue {
        [
            ["name": "integrations", "description": "What can be imported, and importing it."],
            ["name": "runs", "description": "Imports that are under way or have ended."],
            ["name": "documents", "description": "What was imported."],
            ["name": "server", "description": "The daemon itself; open to everyone."],
        ]
    }

    private static var bearer: JSONValue {
        [
            "type": "http", "scheme": "bearer",
            "description": """
            A token of `auth.tokens`, which has scopes. Where none is configured, none is needed, and only requests \
            from this machine are served.
            """,
        ]
    }

    private static var session: JSONValue {
        [
            "type": "apiKey", "in": "cookie", "name": "integrationd_session",
            "description":
                "Stands for a token in requests of pages of the server's own origin; `POST /session` sets it.",
        ]
    }

    /// The table of routes, each with its description.
    ///
    /// A route that nobody has described is shown without a summary, and a description whose route is gone is shown,
    /// too.  Neither can go unnoticed, for a test asks for every summary and at every path.
    private static func paths(of routes: [Route]) -> JSONValue {
        let operations = operations
        var paths: JSONValue = [:]
        func add(_ method: HTTPRequest.Method, _ path: String, _ operation: JSONValue) {
            var methods = paths[path] ?? [:]
            methods[method.rawValue.lowercased()] = operation
            paths[path] = methods
        }
        for route in routes {
            let operation = operations.first { $0.describes(route) }
            add(route.method, route.path, operation?.json(scope: route.scope, isOpen: route.isOpen) ?? [:])
        }
        for operation in operations where !routes.contains(where: operation.describes) {
            add(operation.method, operation.path, operation.json(scope: nil, isOpen: true))
        }
        return paths
    }

    private static var operations: [Operation] {
        integrationOperations + entryOperations + runOperations + documentOperations + sessionOperations
            + serverOperations
    }

    private static var schemas: JSONValue {
        .object(
            [integrationSchemas, entrySchemas, runSchemas, eventSchemas, documentSchemas, problemSchemas]
                .flatMap { $0.members ?? [] }
        )
    }
}
