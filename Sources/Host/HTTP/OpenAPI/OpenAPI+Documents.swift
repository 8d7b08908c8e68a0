import Core
import HTTPTypes

extension OpenAPI {
    static var documentOperations: [Operation] { [listDocuments, showDocument] }

    private static var listDocuments: Operation {
        Operation(
            method: .get, path: "/documents", id: "listDocuments", tag: "documents", summary: "What was imported",
            parameters: [
                parameter("IntegrationFilter"),
                query("collection", string, "Only this collection's."),
                query(
                    "changedAfter", count,
                    "What has changed since this `change`, in order, with those that were deleted. Begin with 0."),
                query("include", word("content"), "`content`: the documents with their content."),
                parameter("Limit"), parameter("After"),
            ],
            answers: [.page("A page of them.", of: schema("Document"))], problems: [.badCursor])
    }

    private static var showDocument: Operation {
        Operation(
            method: .get, path: "/documents/{id}", id: "getDocument", tag: "documents",
            summary: "One document with its content",
            parameters: [
                parameter("DocumentId"),
                query("format", word("json", "markdown"), "`markdown`: the bare content."),
            ],
            answers: [
                Answer(
                    status: 200, description: "The document.",
                    content: [
                        "application/json": ["schema": schema("Document")], "text/markdown": ["schema": string],
                    ])
            ],
            problems: [.notFound])
    }

    static var documentSchemas: JSONValue { ["Document": document] }

    private static var document: JSONValue {
        object(
            [
                "id": string, "integration": string, "collection": string,
                "externalId": ["type": "string", "description": "The source's id."],
                "title": string, "contentType": string, "url": orNull(string), "path": list(of: string),
                "authors": ["type": "array"],
                "metadata": ["type": "object", "description": "What the plugin told beyond the known keys."],
                "contentHash": string,
                "change": ["type": "integer", "description": "Grows with every change in the store."],
                "syncedAt": time,
            ],
            optional: [
                "content": string, "parent": object(["collection": string, "id": string]), "position": number,
                "createdAt": string, "updatedAt": string, "deletedAt": time,
            ])
    }
}
