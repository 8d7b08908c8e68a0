extension DocumentDraft {
    /// The document as `GET /documents` shows it, without what only a store knows.
    package var json: JSONValue {
        var object: JSONValue = ["collection": .string(key.collection), "id": .string(key.externalID)]
        object["title"] = .string(title)
        object["content"] = .string(content)
        object["contentType"] = .string(contentType)
        object["url"] = url.map { .string($0) }
        object["revision"] = revision.map { .string($0) }
        object["scope"] = scope.map { .string($0) }
        object["parent"] = parent.map { ["collection": .string($0.collection), "id": .string($0.externalID)] }
        object["position"] = position.map { .number($0) }
        if !path.isEmpty { object["path"] = .array(path.map { .string($0) }) }
        object["createdAt"] = createdAt.map { .string($0) }
        object["updatedAt"] = updatedAt.map { .string($0) }
        if authors != "[]" { object["authors"] = .raw(authors) }
        if metadata != "{}" { object["metadata"] = .raw(metadata) }
        return object
    }
}
