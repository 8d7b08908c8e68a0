import Core

extension OpenAPI {
    static var problemSchemas: JSONValue {
        ["Problem": problem, "ErrorCode": word(ErrorCode.allCases.map(\.rawValue)), "Failure": failure]
    }

    /// RFC 9457.
    private static var problem: JSONValue {
        object(
            [
                "type": ["const": "about:blank"],
                "title": string,
                "status": ["type": "integer", "minimum": 400, "maximum": 599],
                "code": schema("ErrorCode"),
                "detail": string,
                "requestId": ["type": "string", "description": "Stands in the daemon's log as well."],
            ],
            optional: ["hint": string, "run": schema("Run")])
    }

    private static var failure: JSONValue {
        object(["code": schema("ErrorCode"), "message": string], optional: ["hint": string])
    }
}
