import Core

extension Run {
    /// As `GET /runs/{id}` shows it; `basePath` stands before the links.
    func json(basePath: String) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string(id.description)),
            .init("integration", .string(integration)),
            .init("orgId", .string(tenant.organization)),
            .init("projectId", .string(tenant.project)),
            .init("status", .string(status.rawValue)),
            .init("createdAt", .string(createdAt.description)),
            .init("startedAt", startedAt.map { .string($0.description) } ?? .null),
        ]
        if let endedAt { members.append(.init("endedAt", .string(endedAt.description))) }
        if let resumeAt { members.append(.init("resumeAt", .string(resumeAt.description))) }
        members += [
            .init("requestedBy", .string(requestedBy)),
            .init("attempt", .integer(Int64(attempt))),
            .init("options", options.json),
            .init("progress", progress?.json ?? .null),
            .init("counts", counts.json),
        ]
        if let result { members.append(.init("result", result)) }
        if let failure { members.append(.init("error", failure.json)) }
        let eventID = lastEvent > 0 ? EventID(run: id, sequence: lastEvent) : nil
        members += [
            .init("lastEventId", eventID.map { .string($0.description) } ?? .null),
            .init(
                "links",
                [
                    "self": .string("\(basePath)/runs/\(id)"),
                    "stream": .string("\(basePath)/integrations/\(integration)/sync/stream"),
                ]),
        ]
        return .object(members)
    }
}

extension RunOptions {
    fileprivate var json: JSONValue {
        [
            "full": .bool(isFull), "collections": .array(collections.map(JSONValue.string)),
            "settings": settings, "allowMassDelete": .bool(allowsMassDelete),
        ]
    }
}

extension RunProgress {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("step", .string(step)), .init("message", .string(message)),
        ]
        if let count { members.append(.init("count", .integer(count))) }
        if let total { members.append(.init("total", .integer(total))) }
        if let percent { members.append(.init("percent", .number(percent))) }
        if let etaSeconds { members.append(.init("etaSeconds", .integer(etaSeconds))) }
        return .object(members)
    }
}

extension ImportCounts {
    fileprivate var json: JSONValue {
        let total = total
        return [
            "imported": .integer(Int64(total.new)), "updated": .integer(Int64(total.updated)),
            "unchanged": .integer(Int64(total.unchanged)),
            "deleted": .integer(Int64(total.deleted)), "failed": .integer(Int64(total.failed)),
            "collections": breakdown,
        ]
    }
}

extension RunFailure {
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("code", .string(code.rawValue)), .init("message", .string(message)),
        ]
        if let hint { members.append(.init("hint", .string(hint))) }
        return .object(members)
    }
}
