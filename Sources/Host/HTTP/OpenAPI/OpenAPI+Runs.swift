import Core
import HTTPTypes

extension OpenAPI {
    static var runOperations: [Operation] {
        [listRuns, showRun, showEvents, showErrors, showLog, cancelRun]
    }

    private static var listRuns: Operation {
        Operation(
            method: .get, path: "/runs", id: "listRuns", tag: "runs", summary: "Runs, newest first",
            parameters: [
                parameter("IntegrationFilter"),
                [
                    "name": "status", "in": "query", "style": "form", "explode": false,
                    "description": "Only those in one of these, separated by commas.",
                    "schema": list(of: schema("RunStatus")),
                ],
                parameter("Limit"), parameter("After"),
            ],
            answers: [.page("A page of them.", of: schema("Run"))], problems: [.badCursor])
    }

    private static var showRun: Operation {
        Operation(
            method: .get, path: "/runs/{id}", id: "getRun", tag: "runs", summary: "One run",
            parameters: [
                parameter("RunId"),
                query(
                    "wait", ["type": "string", "pattern": "^[0-9]+(s|ms)?$"],
                    "`30s`: answers when something new has happened, or after that time; 60 s at most."),
            ],
            answers: [.json("The run.", schema("Run"))], problems: [.runUnknown, .runExpired])
    }

    private static var showEvents: Operation {
        Operation(
            method: .get, path: "/runs/{id}/events", id: "getEvents", tag: "runs",
            summary: "A run's events, in the form that `Accept` asks for",
            description: "As a cursor there are `earliest` and `latest`, too. Nothing here starts a run.",
            parameters: [
                parameter("RunId"), parameter("LastEventId"), parameter("LastEventIdQuery"),
                parameter("LastEventIdSnakeQuery"), parameter("Limit"),
                query("after", count, "The `next` of the page before; not for `text/event-stream`."),
            ],
            answers: [
                Answer(
                    status: 200, description: "The events.",
                    content: [
                        "application/json": ["schema": page(of: schema("Event"))],
                        "application/x-ndjson": ["schema": eventLines],
                        "text/event-stream": ["schema": eventStream],
                    ]),
                Answer(status: 204, description: "As `text/event-stream`: the run has ended, and nothing follows."),
            ],
            problems: [.runUnknown, .runExpired, .badCursor, .notAcceptable, .tooManyRequests])
    }

    private static var showErrors: Operation {
        Operation(
            method: .get, path: "/runs/{id}/errors", id: "getErrors", tag: "runs",
            summary: "Documents that failed or were left out, and notes", parameters: pageOfRun,
            answers: [.page("A page of them.", of: schema("Report"))], problems: [.runUnknown, .runExpired])
    }

    private static var showLog: Operation {
        Operation(
            method: .get, path: "/runs/{id}/log", id: "getLog", tag: "runs",
            summary: "What the plugin logged and wrote", parameters: pageOfRun,
            answers: [.page("A page of lines.", of: schema("LogLine"))], problems: [.runUnknown, .runExpired])
    }

    private static var pageOfRun: [JSONValue] {
        [parameter("RunId"), parameter("Limit"), query("after", count, "The `next` of the page before.")]
    }

    private static var cancelRun: Operation {
        Operation(
            method: .post, path: "/runs/{id}/cancel", id: "cancelRun", tag: "runs", summary: "Asks a run to stop",
            parameters: [parameter("RunId")],
            answers: [
                .json("It has been cancelled.", schema("Run")),
                .json("It was asked to stop.", schema("Run"), status: 202),
            ],
            problems: [.runUnknown, .runExpired, .runFinished])
    }
}
