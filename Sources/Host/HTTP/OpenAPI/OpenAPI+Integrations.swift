import Core
import HTTPTypes

extension OpenAPI {
    static var integrationOperations: [Operation] {
        [listIntegrations, showIntegration, endQuarantine, streamSync, startSync, showStatus]
    }

    private static var listIntegrations: Operation {
        Operation(
            method: .get, path: "/integrations", id: "listIntegrations", tag: "integrations",
            summary: "The integrations that the tenant may see",
            answers: [.page("All of them.", of: schema("Integration"))])
    }

    private static var showIntegration: Operation {
        Operation(
            method: .get, path: "/integrations/{name}", id: "getIntegration", tag: "integrations",
            summary: "One integration", parameters: [parameter("IntegrationName")],
            answers: [.json("The integration.", schema("Integration"))], problems: [.integrationUnknown])
    }

    private static var endQuarantine: Operation {
        Operation(
            method: .delete, path: "/integrations/{name}/quarantine", id: "endQuarantine", tag: "integrations",
            summary: "Lets a plugin run again that has crashed repeatedly", parameters: [parameter("IntegrationName")],
            answers: [Answer(status: 204, description: "It is not in quarantine.")], problems: [.integrationUnknown])
    }

    private static var showStatus: Operation {
        let state = word("idle", "running", "complete", "error")
        return Operation(
            method: .get, path: "/integrations/{name}/status", id: "getStatus", tag: "integrations",
            summary: "The active run, else the last", parameters: [parameter("IntegrationName")],
            answers: [.json("How it stands.", object(["state": state, "run": orNull(schema("Run"))]))],
            problems: [.integrationUnknown])
    }

    // MARK: Starting

    private static var streamSync: Operation {
        Operation(
            method: .get, path: "/integrations/{name}/sync/stream", id: "streamSync", tag: "integrations",
            summary: "The active run as a stream, or a new one",
            description: """
                With `Last-Event-ID` it never starts anything: what came after that event is sent. Without, the active \
                run is joined at its first event, else one is started. An import that fails is an `error` event.
                """,
            parameters: [
                parameter("IntegrationName"), parameter("LastEventId"), parameter("LastEventIdQuery"),
                parameter("LastEventIdSnakeQuery"),
                query(
                    "on_disconnect", word("continue", "cancel"),
                    "`cancel`: the run that this request starts ends when nobody has been reading for 30 s."),
            ],
            answers: [
                Answer(
                    status: 200, description: "The events.", content: ["text/event-stream": ["schema": eventStream]]),
                Answer(status: 204, description: "Nothing comes after the event that `Last-Event-ID` names."),
            ],
            problems: [
                .integrationUnknown, .integrationDisabled, .badCursor, .notAcceptable, .runUnknown, .runExpired,
                .tooManyRequests, .draining,
            ])
    }

    private static var startSync: Operation {
        Operation(
            method: .post, path: "/integrations/{name}/sync", id: "startSync", tag: "integrations",
            summary: "Starts a run without watching it",
            parameters: [
                parameter("IntegrationName"),
                header(
                    "Idempotency-Key", ["type": "string", "minLength": 1, "maxLength": 255],
                    "The same request, sent again within a day, answers with the run of the first one."),
                header("Prefer", string, "`wait=30`: answers when the run has ended, or after 30 s; 60 at most."),
            ],
            body: ["required": false, "content": ["application/json": ["schema": schema("SyncRequest")]]],
            answers: [
                .json("The active run, or one that has ended meanwhile.", schema("Run"), headers: location),
                .json("The run that was started.", schema("Run"), status: 202, headers: location),
            ],
            problems: [
                .integrationUnknown, .integrationDisabled, .runActive, .runUnknown, .runExpired, .payloadTooLarge,
                .unsupportedMediaType, .idempotencyKeyReused, .settingsInvalid, .tooManyRequests, .draining,
            ])
    }

    private static var location: JSONValue {
        ["Location": ["description": "The path of the run.", "schema": string]]
    }

    // MARK: Schemas

    static var integrationSchemas: JSONValue {
        [
            "Integration": integration, "Quarantine": quarantine, "Containment": containment, "Plugin": plugin,
            "Capabilities": capabilities, "SyncRequest": syncRequest,
        ]
    }

    private static var integration: JSONValue {
        object(
            [
                "name": string, "displayName": string, "enabled": bool,
                "plugin": orNull(schema("Plugin")),
                "capabilities": orNull(schema("Capabilities")),
                "settingsSchema": [
                    "type": ["object", "null"],
                    "description": "A JSON schema of the integration's settings. Their values are never shown.",
                ],
                "lastRun": orNull(schema("Run")),
            ],
            optional: [
                "collections": list(of: string), "pluginError": schema("Failure"), "quarantine": schema("Quarantine"),
                "containment": schema("Containment"),
                "nextRun": ["type": "string", "format": "date-time", "description": "When the schedule is due next."],
            ])
    }

    /// The plugin's file crashed in `crashes` runs one after the other, and is not run before `nextTry`.
    private static var quarantine: JSONValue {
        object(["reason": string, "crashes": count, "since": time, "nextTry": time])
    }

    /// What keeps the plugin in its place, by the kernel of this machine; null: no such limit.
    private static var containment: JSONValue {
        let limit = orNull(count)
        return object([
            "isolation": word(Isolation.allCases.map(\.rawValue)), "process": bool, "noNewPrivileges": bool,
            "noCapabilities": bool, "landlockFiles": bool, "landlockPorts": bool, "landlockSignals": bool,
            "seccomp": bool,
            "limits": object([
                "memory": limit, "cpuSeconds": limit, "openFiles": limit, "fileSize": limit, "wallClockSeconds": limit,
            ]),
        ])
    }

    private static var plugin: JSONValue {
        object([
            "id": string, "version": string, "abi": string,
            "sha256": ["type": "string", "pattern": "^[0-9a-f]{64}$"],
        ])
    }

    /// Which functions the plugin exports.
    private static var capabilities: JSONValue {
        object(["progress": bool, "test": bool, "structure": bool, "webhook": bool])
    }

    private static var syncRequest: JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "properties": [
                "full": ["type": "boolean", "description": "Reads everything again."],
                "collections": ["type": "array", "items": string, "description": "Empty: all."],
                "settings": [
                    "type": "object", "description": "Options that the plugin's schema marks `x-run-option`.",
                ],
                "allowMassDelete": [
                    "type": "boolean", "description": "The run may delete more than 30 % of a collection.",
                ],
            ],
        ]
    }
}
