import Core

/// What a plugin's settings may be: the subset of JSON Schema that its manifest may use.
package struct SettingsSchema: Sendable {
    /// Of the type object.
    let root: SchemaNode

    /// For a plugin whose manifest has no schema: any object.
    package static let anything = SettingsSchema(root: SchemaNode(types: [.object]))

    /// Names of the settings that are secrets.
    package var secrets: Set<String> { names { $0.isSecret } }

    /// Names of the settings that one run may override.
    package var runOptions: Set<String> { names { $0.isRunOption } }

    private func names(where condition: (SchemaNode) -> Bool) -> Set<String> {
        Set(root.properties.filter { condition($0.value) }.keys)
    }
}

/// The schema of one value.
struct SchemaNode: Sendable {
    /// Nil: any.
    var types: [JSONType]?
    var properties: [String: SchemaNode] = [:]
    var required: [String] = []
    var additionalProperties = Additional.allowed
    var allowedValues: [JSONValue]?
    var constant: JSONValue?
    var minimum: Double?
    var maximum: Double?
    var minimumLength: Int?
    var maximumLength: Int?
    var pattern: SchemaPattern?
    /// At most one: what each element must be.
    var items: [SchemaNode] = []
    var minimumItems: Int?
    var maximumItems: Int?
    var fallback: JSONValue?
    var isSecret = false
    var isRunOption = false
    var isPath = false

    indirect enum Additional: Sendable {
        case allowed, forbidden
        case matching(SchemaNode)
    }
}

/// The names that `type` may have.
enum JSONType: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object

    /// With its article, as in "must be an integer".
    var noun: String {
        switch self {
        case .null: "null"
        case .integer, .array, .object: "an \(rawValue)"
        default: "a \(rawValue)"
        }
    }
}

extension JSONValue {
    /// The narrowest type; nil for text that was not parsed.
    var type: JSONType? {
        switch self {
        case .null: .null
        case .bool: .boolean
        case .integer: .integer
        // To JSON Schema, 1.0 is an integer.
        case .number: integerValue == nil ? .number : .integer
        case .string: .string
        case .array: .array
        case .object: .object
        case .raw: nil
        }
    }

    var numberValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}

/// A regular expression that may match anywhere in a string.
struct SchemaPattern: Sendable {
    let text: String

    /// Throws for what is not a regular expression.
    init(_ text: String) throws {
        _ = try Regex(text)
        self.text = text
    }

    /// `Regex` is not Sendable, so it is made anew; settings are checked rarely.
    func matches(_ string: String) -> Bool {
        // `init` has compiled the same text; a match that fails to run is no match.
        guard let regex = try? Regex(text).matchingSemantics(.unicodeScalar) else { return false }
        return (try? regex.firstMatch(in: string)) != nil
    }
}
