import Core

extension OpenAPI {
    /// OpenAPI 3.1 has no words for a stream.
    static var eventStream: JSONValue {
        [
            "type": "string",
            "description": """
            Server-sent events named `progress`, and as the last one either `complete` or `error`; the `data` of each \
            is an `Event` of `#/components/schemas`.
            """,
        ]
    }

    static var eventLines: JSONValue {
        ["type": "string", "description": "One `Event` of `#/components/schemas` a line."]
    }

    static var eventSchemas: JSONValue {
        [
            "Event": event, "ProgressEvent": progressEvent, "CompleteEvent": completeEvent, "ErrorEvent": errorEvent,
        ]
    }

    private static var event: JSONValue {
        [
            "oneOf": [schema("ProgressEvent"), schema("CompleteEvent"), schema("ErrorEvent")],
            "discriminator": [
                "propertyName": "type",
                "mapping": [
                    "progress": "#/components/schemas/ProgressEvent",
                    "complete": "#/components/schemas/CompleteEvent",
                    "error": "#/components/schemas/ErrorEvent",
                ],
            ],
        ]
    }

    /// `collection` is the one that `count` and `total` are of; `step` `document_failed` has a `collection`,
    /// `documentId` and `code`; `waiting` has `resumeAt`.
    private static var progressEvent: JSONValue {
        let more: JSONValue = ["collection": string, "documentId": string, "code": string, "resumeAt": time]
        return object(
            [
                "step": string, "message": string, "type": ["const": "progress"], "runId": uuid, "seq": count,
            ],
            optional: .object((howFar.members ?? []) + (more.members ?? [])))
    }

    private static var completeEvent: JSONValue {
        object([
            "success": ["const": true], "result": orNull(schema("Result")),
            "status": word("succeeded", "completed_with_errors"),
            "type": ["const": "complete"], "runId": uuid, "seq": count,
        ])
    }

    private static var errorEvent: JSONValue {
        object(
            [
                "error": ["type": "string", "description": "A sentence."], "code": schema("ErrorCode"),
                "retryable": bool, "status": word("failed", "cancelled", "interrupted"),
                "type": ["const": "error"], "runId": uuid, "seq": count,
            ],
            optional: ["hint": string, "result": schema("Result")])
    }
}
