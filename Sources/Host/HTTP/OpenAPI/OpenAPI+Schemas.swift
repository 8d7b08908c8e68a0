import Core

extension OpenAPI {
    static var string: JSONValue { ["type": "string"] }
    static var bool: JSONValue { ["type": "boolean"] }
    static var number: JSONValue { ["type": "number"] }
    static var count: JSONValue { ["type": "integer", "minimum": 0] }
    static var time: JSONValue { ["type": "string", "format": "date-time"] }
    static var uuid: JSONValue { ["type": "string", "format": "uuid"] }

    /// One of the document's own schemas.
    static func schema(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    static func orNull(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    static func list(of item: JSONValue) -> JSONValue { ["type": "array", "items": item] }

    /// One of these words.
    static func word(_ words: String...) -> JSONValue { word(words) }
    static func word(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }

    /// - Parameters:
    ///   - required: the members that are always there.
    ///   - optional: those that may be left out.
    static func object(_ required: JSONValue, optional: JSONValue = [:]) -> JSONValue {
        let members = required.members ?? []
        return [
            "type": "object", "required": .array(members.map { .string($0.key) }),
            "properties": .object(members + (optional.members ?? [])),
        ]
    }

    static func page(of item: JSONValue) -> JSONValue {
        var next = orNull(string)
        next["description"] = "Goes back as `after`; null: this is the last page."
        return object(["items": list(of: item), "next": next])
    }
}
