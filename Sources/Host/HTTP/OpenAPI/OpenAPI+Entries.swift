import Core
import HTTPTypes

extension OpenAPI {
    static var entryOperations: [Operation] { [testConnection, showStructure, receiveWebhook] }

    private static var testConnection: Operation {
        Operation(
            method: .post, path: "/integrations/{name}/test", id: "testConnection", tag: "integrations",
            summary: "Whether the source can be reached with the configured settings",
            description: "What is wrong is told in the body; the status is 200 all the same.",
            parameters: [parameter("IntegrationName")],
            answers: [.json("How the test went.", schema("ConnectionTest"))],
            problems: [.integrationUnknown, .integrationDisabled, .notSupported, .tooManyRequests])
    }

    private static var showStructure: Operation {
        Operation(
            method: .get, path: "/integrations/{name}/structure", id: "getStructure", tag: "integrations",
            summary: "What there is to import, as the plugin tells it", parameters: [parameter("IntegrationName")],
            answers: [.json("The tree.", schema("Structure"))],
            problems: [
                .integrationUnknown, .integrationDisabled, .settingsInvalid, .notSupported, .tooManyRequests,
                .upstreamUnauthorized, .pluginTimeout,
            ])
    }

    private static var receiveWebhook: Operation {
        Operation(
            method: .post, path: "/integrations/{name}/webhook", id: "receiveWebhook", tag: "integrations",
            summary: "A request of the source, whose signature the plugin checks",
            description: """
                What the plugin says has changed is imported by a run soon after; several such requests become one \
                run. A request about changes that were all reported before imports nothing.
                """,
            parameters: [parameter("IntegrationName")],
            body: ["required": true, "content": ["*/*": ["schema": [:]]]],
            answers: [
                Answer(status: 200, description: "What the plugin replied.", content: ["*/*": ["schema": [:]]]),
                Answer(status: 204, description: "The plugin replied nothing."),
            ],
            problems: [
                .badRequest, .unauthenticated, .integrationUnknown, .integrationDisabled, .payloadTooLarge,
                .pluginUnavailable,
                .notSupported,
                .tooManyRequests, .internal,
            ])
    }

    // MARK: Schemas

    static var entrySchemas: JSONValue {
        ["ConnectionTest": connectionTest, "Structure": structure, "StructureNode": structureNode]
    }

    private static var connectionTest: JSONValue {
        object(
            ["success": bool, "latencyMs": count],
            optional: [
                "account": ["type": "string", "description": "Whom the source takes the caller for."],
                "details": ["type": "object", "description": "What else the plugin found."],
                "error": string, "code": string, "hint": string,
            ])
    }

    private static var structure: JSONValue { object(["nodes": list(of: schema("StructureNode"))]) }

    private static var structureNode: JSONValue {
        object(
            ["id": string, "name": string, "kind": string],
            optional: ["count": count, "nodes": list(of: schema("StructureNode"))])
    }
}
