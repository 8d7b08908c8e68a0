import Core
import HTTPTypes

extension OpenAPI {
    static var serverOperations: [Operation] {
        [
            showHealth, showReadiness, reload, showMetrics, showOpenAPI, showPage, showPartOfPage, showClient,
            showClientTypes,
        ]
    }

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

    private static var reload: Operation {
        Operation(
            method: .post, path: "/reload", id: "reload", tag: "server", summary: "Reads the configuration again",
            description: """
                All or nothing. Runs that are under way go on with what they began with. What cannot be changed without \
                a restart (`server`, `store`) is refused, with the place in `errors`.
                """,
            answers: [
                .json(
                    "What changed.",
                    object([
                        "applied": list(of: string), "unchanged": list(of: string),
                        "sections": list(of: word("auth", "plugins", "runs")),
                    ]))
            ], problems: [.configurationInvalid, .draining])
    }

    private static var showMetrics: Operation {
        Operation(
            method: .get, path: "/metrics", id: "getMetrics", tag: "server",
            summary: "What the daemon has counted since its start, for Prometheus",
            answers: [
                Answer(
                    status: 200, description: "Prometheus' text format 0.0.4.",
                    content: ["text/plain": ["schema": ["type": "string"]]])
            ])
    }

    private static var showClient: Operation {
        asset("/integrationd.js", "getClient", "The JavaScript client, an ES module", "text/javascript")
    }

    private static var showClientTypes: Operation {
        asset("/integrationd.d.ts", "getClientTypes", "Its type declarations", "text/plain")
    }

    private static var showPage: Operation {
        var page = asset("/", "getPage", "The page, for people", "text/html")
        page.answers.append(Answer(status: 308, description: "To the same address with a slash at its end."))
        return page
    }

    private static var showPartOfPage: Operation {
        var part = asset("/page/{file}", "getPartOfPage", "What the page consists of", "text/javascript")
        part.parameters = [path("file", string, "Such as `main.js`.")]
        part.problems = [.notFound]
        return part
    }

    private static func asset(_ path: String, _ id: String, _ summary: String, _ type: String) -> Operation {
        Operation(
            method: .get, path: path, id: id, tag: "server", summary: summary,
            answers: [
                Answer(
                    status: 200, description: "The file.",
                    content: .object([.init(type, ["schema": ["type": "string"]])])),
                Answer(status: 304, description: "It is what `If-None-Match` names."),
            ])
    }

    private static var showOpenAPI: Operation {
        Operation(
            method: .get, path: "/openapi.json", id: "getOpenAPI", tag: "server", summary: "This document",
            answers: [.json("OpenAPI 3.1.", ["type": "object"])])
    }
}
