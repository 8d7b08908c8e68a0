import Core

extension OpenAPI {
    static var runSchemas: JSONValue {
        [
            "Run": run, "RunStatus": word(RunStatus.allCases.map(\.rawValue)), "RunOptions": runOptions,
            "Progress": progress, "Counts": counts, "Result": result, "Report": report, "LogLine": logLine,
        ]
    }

    private static var run: JSONValue {
        object(
            [
                "id": uuid, "integration": string, "orgId": string, "projectId": string,
                "status": schema("RunStatus"), "createdAt": time, "startedAt": orNull(time),
                "requestedBy": string, "attempt": ["type": "integer", "minimum": 1],
                "options": schema("RunOptions"), "progress": orNull(schema("Progress")),
                "counts": schema("Counts"), "lastEventId": orNull(string),
                "links": object(["self": string, "stream": string]),
            ],
            optional: ["endedAt": time, "resumeAt": time, "result": schema("Result"), "error": schema("Failure")])
    }

    private static var runOptions: JSONValue {
        object([
            "full": bool, "collections": list(of: string), "settings": ["type": "object"], "allowMassDelete": bool,
        ])
    }

    private static var progress: JSONValue {
        object(["step": string, "message": string], optional: howFar)
    }

    /// How far a step is, as far as that is known.
    static var howFar: JSONValue {
        [
            "count": ["type": "integer"], "total": ["type": "integer"],
            "percent": number, "etaSeconds": ["type": "integer"],
        ]
    }

    /// `imported` are the new ones.
    private static var counts: JSONValue {
        object([
            "imported": count, "updated": count, "unchanged": count, "deleted": count, "failed": count,
            "collections": breakdown,
        ])
    }

    private static var result: JSONValue {
        return object([
            "totalImported": ["type": "integer", "minimum": 0, "description": "New, updated and unchanged ones."],
            "totalFailed": count, "durationMs": count,
            "breakdown": breakdown, "report": list(of: reportLine), "completedAt": time,
        ])
    }

    /// What was not imported, one line for each reason.
    private static var reportLine: JSONValue {
        object(
            ["kind": word("failed", "skipped", "note"), "code": string, "count": count, "message": string],
            optional: ["collection": string])
    }

    private static var breakdown: JSONValue {
        let collection = object([
            "imported": count, "failed": count, "skipped": count, "new": count, "updated": count,
            "unchanged": count, "deleted": count,
        ])
        return ["type": "object", "description": "By collection.", "additionalProperties": collection]
    }

    private static var report: JSONValue {
        object([
            "kind": word("failed", "skipped", "note"), "collection": orNull(string), "id": orNull(string),
            "code": string, "message": string,
        ])
    }

    private static var logLine: JSONValue {
        object([
            "time": time, "level": string, "source": word("plugin", "stdout", "stderr", "host"), "message": string,
        ])
    }
}
