import Core
import HTTPTypes

extension OpenAPI {
    static var serverOperations: [Operation] { [showHealth, showReadiness, showOpenAPI] }

    private static var showHealth: Operation {
        Operation(
            method: .get, path: "/healthz", id: "getHealth", tag: "server", summary: "Whether the daemon is alive",
            answers: [.json("It is.", object(["status": ["const": "ok"]]))])
    }

    private static var showReadiness: Operation {
        Operation(
            method: .get, path: "/readyz", id: "getReadiness", tag: "server",
            summary: "Whether the daemon takes requests",
            answers: [.json("It does.", object(["status": ["const": "ready"]]))], problems: [.draining])
    }

    private static var showOpenAPI: Operation {
        Operation(
            method: .get, path: "/openapi.json", id: "getOpenAPI", tag: "server", summary: "This document",
            answers: [.json("OpenAPI 3.1.", ["type": "object"])])
    }
}
