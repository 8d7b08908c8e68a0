import Core
import HTTPTypes
import Hummingbird
import NIOCore

extension API {
    var documentRoutes: [Route] {
        [
            Route(.get, "/documents", .read, listDocuments),
            Route(.get, "/documents/{id}", .read, showDocument),
        ]
    }

    @Sendable private func listDocuments(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let parameters = Query(request)
        let integration = parameters["integration"]
        var query = DocumentQuery(tenant: try tenant(request, context, integration: integration))
        query.integration = integration
        query.collection = parameters["collection"]
        query.changedAfter = try parameters.integer("changedAfter")
        query.includesContent = parameters["include"]?.split(separator: ",").contains("content") ?? false
        query.limit = try parameters.limit()
        query.after = parameters["after"]
        let page = try await storage.documents(query)
        return .page(page) { $0.json(includingContent: query.includesContent) }
    }

    @Sendable private func showDocument(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let id = try context.parameters.require("id")
        let document = try await document(id, request, context)
        switch Query(request)["format"] {
        case nil, "json": return .json(document.json(includingContent: true))
        case "markdown":
            return Response(
                status: .ok,
                headers: [.contentType: "text/markdown; charset=utf-8", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: document.draft.content)))
        default: throw Problem(.badRequest, "format is json or markdown.")
        }
    }

    /// Without a tenant in its headers, a caller may mean what belongs to any integration's own.
    private func document(
        _ id: String, _ request: Request, _ context: APIContext
    ) async throws -> StoredDocument {
        var tenants: [Tenant] = [try context.tenant(request)]
        for integration in integrations where integration.tenant != nil {
            // One that the token is not for is not looked into.
            if let tenant = try? context.tenant(request, integration: integration),
                !tenants.contains(tenant)
            {
                tenants.append(tenant)
            }
        }
        for tenant in tenants {
            if let document = try await storage.document(id, tenant: tenant) { return document }
        }
        throw Problem(.notFound, "There is no document \"\(id)\".")
    }
}

extension StoredDocument {
    func json(includingContent: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string(id)), .init("integration", .string(integration)),
            .init("collection", .string(draft.key.collection)),
            .init("externalId", .string(draft.key.externalID)), .init("title", .string(draft.title)),
        ]
        if includingContent { members.append(.init("content", .string(draft.content))) }
        members += [
            .init("contentType", .string(draft.contentType)),
            .init("url", draft.url.map(JSONValue.string) ?? .null),
        ]
        if let parent = draft.parent {
            members.append(
                .init(
                    "parent",
                    ["collection": .string(parent.collection), "id": .string(parent.externalID)]))
        }
        members.append(.init("path", .array(draft.path.map(JSONValue.string))))
        if let position = draft.position { members.append(.init("position", .number(position))) }
        if let createdAt = draft.createdAt { members.append(.init("createdAt", .string(createdAt))) }
        if let updatedAt = draft.updatedAt { members.append(.init("updatedAt", .string(updatedAt))) }
        members += [
            .init("authors", .raw(draft.authors)), .init("metadata", .raw(draft.metadata)),
            .init("contentHash", .string(draft.contentHash)), .init("change", .integer(change)),
            .init("syncedAt", .string(syncedAt.description)),
        ]
        if let deletedAt { members.append(.init("deletedAt", .string(deletedAt.description))) }
        return .object(members)
    }
}
