/// An OpenAPI document, and what of an answer it does not declare.
struct OpenAPIDocument: Sendable {
    let json: JSON

    struct Operation: Sendable, CustomStringConvertible {
        /// `GET`
        let method: String
        let path: String
        let json: JSON

        var description: String { "\(method) \(path)" }
    }

    var paths: [String] { (json["paths"]?.keys ?? []).sorted() }

    var operations: [Operation] {
        paths.flatMap { path in
            let methods = json["paths"]?[path]
            return (methods?.keys ?? []).sorted().compactMap { method in
                methods?[method].map { Operation(method: method.uppercased(), path: path, json: $0) }
            }
        }
    }

    // MARK: References

    /// Every `$ref` that stands somewhere.
    var references: Set<String> { Self.references(in: json) }

    private static func references(in json: JSON) -> Set<String> {
        let inside = json.items + json.keys.compactMap { json[$0] }
        return inside.reduce(into: Set([json["$ref"]?.string].compactMap { $0 })) { $0.formUnion(references(in: $1)) }
    }

    func target(of reference: String) -> JSON? {
        reference.split(separator: "/").dropFirst().reduce(Optional(json)) { $0?[String($1)] }
    }

    /// What a reference stands for, or the thing itself.
    func resolve(_ json: JSON) -> JSON? {
        guard let reference = json["$ref"]?.string else { return json }
        return target(of: reference)
    }

    // MARK: Answers

    /// What of an answer is not as declared: its status, its media type, its body.
    func complaints(_ answer: HTTPClient.Response, of operation: Operation) -> [String] {
        guard let declared = operation.json["responses"]?[String(answer.status)] else {
            return ["status \(answer.status)"]
        }
        let type = answer.head["content-type"].map { String($0.prefix { $0 != ";" }) }
        guard let type else { return declared["content"] == nil ? [] : ["no media type"] }
        guard let schema = declared["content"]?[type]?["schema"] else { return ["\(answer.status) as \(type)"] }
        guard type.hasSuffix("json"), type != "application/x-ndjson" else { return [] }
        guard let body = try? answer.json else { return ["not JSON"] }  // what it is instead does not matter
        return complaints(body, schema, at: "")
    }

    /// As far as the daemon's own schemas go; a member that is not declared is a complaint, too.
    private func complaints(_ value: JSON, _ schema: JSON, at place: String) -> [String] {
        guard let schema = resolve(schema) else { return ["\(place): no schema"] }
        let choices = (schema["anyOf"] ?? schema["oneOf"])?.items ?? []
        let complaintsOfChoices = choices.map { complaints(value, $0, at: place) }
        if !choices.isEmpty, !complaintsOfChoices.contains([]) { return complaintsOfChoices.flatMap { $0 } }
        if let only = schema["const"], only != value { return ["\(place): not \(only)"] }
        if let words = schema["enum"], !words.items.contains(value) { return ["\(place): not one of \(words)"] }
        if let types = schema["type"] {
            guard (types.items + [types]).contains(where: { Self.is(value, $0) }) else {
                return ["\(place): not \(types)"]
            }
        }
        if let item = schema["items"] {
            return value.items.enumerated().flatMap { complaints($1, item, at: "\(place)/\($0)") }
        }
        return complaintsOfMembers(value, schema, at: place)
    }

    private func complaintsOfMembers(_ value: JSON, _ schema: JSON, at place: String) -> [String] {
        let required = Set((schema["required"]?.items ?? []).compactMap(\.string))
        let missing = required.subtracting(value.keys).map { "\(place)/\($0): missing" }
        guard schema["properties"] != nil || schema["additionalProperties"] != nil else { return missing }
        return missing
            + value.keys.sorted().flatMap { key in
                let place = "\(place)/\(key)"
                guard let inner = schema["properties"]?[key] ?? schema["additionalProperties"], let member = value[key]
                else { return ["\(place): not declared"] }
                return complaints(member, inner, at: place)
            }
    }

    private static func `is`(_ value: JSON, _ type: JSON) -> Bool {
        switch (value, type.string) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
            (.object, "object"):
            true
        case (_, "integer"): value.integer != nil
        default: false
        }
    }
}
