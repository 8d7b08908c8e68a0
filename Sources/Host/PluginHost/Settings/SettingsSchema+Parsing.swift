package import Core

/// All that is wrong with a plugin's schema.
package struct SettingsSchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Each begins with its place, as in `settings_schema.properties.depth: …`.  Never empty.
    package let problems: [String]
    package var description: String { problems.joined(separator: "\n") }
}

extension SettingsSchema {
    /// Reads the `settings_schema` of a manifest.  Keywords outside the subset are refused by name,
    /// so that no plugin relies on a check that is not made.
    package init(parsing schema: JSONValue) throws(SettingsSchemaError) {
        var parser = SchemaParser()
        var root = parser.node(schema, at: "settings_schema", depth: 0)
        if root.types == nil { root.types = [.object] }
        if root.types != [.object] {
            parser.report("settings_schema", "the type of all settings must be \"object\"")
        }
        guard parser.problems.isEmpty else { throw SettingsSchemaError(problems: parser.problems) }
        self.init(root: root)
    }
}

/// Reads one schema; gathers all problems.
private struct SchemaParser {
    static let maximumDepth = 16
    static let maximumNodes = 1000
    /// Elements of `enum`.
    static let maximumValues = 1000
    /// Bytes of `pattern`.
    static let maximumPattern = 1000
    /// A plugin's author reads no further.
    static let maximumProblems = 100

    private(set) var problems: [String] = []
    private var nodes = 0

    mutating func report(_ place: String, _ message: String) {
        if problems.count < Self.maximumProblems { problems.append("\(place): \(message)") }
    }

    /// - Parameter depth: 0 for the schema of all settings, 1 for that of one setting.
    mutating func node(_ schema: JSONValue, at place: String, depth: Int) -> SchemaNode {
        var node = SchemaNode()
        nodes += 1
        guard depth <= Self.maximumDepth, nodes <= Self.maximumNodes else {
            let limit =
                depth > Self.maximumDepth
                ? "deeper than \(Self.maximumDepth) levels"
                : "larger than \(Self.maximumNodes) schemas"
            if nodes <= Self.maximumNodes + 1 { report(place, "\(limit)") }
            return node
        }
        guard let members = schema.members else {
            report(place, "a schema must be an object")
            return node
        }
        for member in members.sorted(by: { $0.key < $1.key }) {
            let inner = "\(place).\(member.key)"
            guard let keyword = Keyword(rawValue: member.key) else {
                let names = Keyword.allCases.map(\.rawValue)
                let hint = NearestName.hint(for: member.key, among: names).map { "; \($0)" } ?? ""
                report(place, "the keyword \"\(member.key)\" is not supported\(hint)")
                continue
            }
            read(keyword, member.value, at: inner, depth: depth, into: &node)
        }
        checkMarks(node, at: place, depth: depth)
        checkDefault(node, at: place)
        return node
    }

    private enum Keyword: String, CaseIterable {
        case type, properties, required, additionalProperties, `enum`, const, minimum, maximum
        case minLength, maxLength, pattern, items, minItems, maxItems, `default`, title, description
        case secret = "x-secret"
        case runOption = "x-run-option"
        case path = "x-path"
    }

    private mutating func read(
        _ keyword: Keyword, _ value: JSONValue, at place: String, depth: Int,
        into node: inout SchemaNode
    ) {
        switch keyword {
        case .type: node.types = types(value, at: place)
        case .properties: node.properties = properties(value, at: place, depth: depth)
        case .required: node.required = strings(value, at: place)
        case .additionalProperties:
            if let allowed = value.boolValue {
                node.additionalProperties = allowed ? .allowed : .forbidden
            } else {
                node.additionalProperties = .matching(self.node(value, at: place, depth: depth + 1))
            }
        case .enum: node.allowedValues = values(value, at: place)
        case .const: node.constant = value
        case .minimum: node.minimum = number(value, at: place)
        case .maximum: node.maximum = number(value, at: place)
        case .minLength: node.minimumLength = count(value, at: place)
        case .maxLength: node.maximumLength = count(value, at: place)
        case .minItems: node.minimumItems = count(value, at: place)
        case .maxItems: node.maximumItems = count(value, at: place)
        case .pattern: node.pattern = pattern(value, at: place)
        case .items: node.items = [self.node(value, at: place, depth: depth + 1)]
        case .default: node.fallback = value
        case .title, .description:
            if value.stringValue == nil { report(place, "must be a string") }
        case .secret: node.isSecret = flag(value, at: place)
        case .runOption: node.isRunOption = flag(value, at: place)
        case .path: node.isPath = path(value, at: place)
        }
    }
}

extension SchemaParser {
    private mutating func types(_ value: JSONValue, at place: String) -> [JSONType]? {
        let names = value.stringValue.map { [$0] } ?? strings(value, at: place)
        let types = names.compactMap { name -> JSONType? in
            if let type = JSONType(rawValue: name) { return type }
            let names = JSONType.allCases.map(\.rawValue)
            let hint =
                NearestName.hint(for: name, among: names)
                ?? "types: \(names.joined(separator: ", "))"
            report(place, "\"\(name)\" is not a type; \(hint)")
            return nil
        }
        if names.isEmpty, value.elements?.isEmpty == true { report(place, "names no type") }
        return types.isEmpty ? nil : types
    }

    private mutating func properties(
        _ value: JSONValue, at place: String, depth: Int
    ) -> [String: SchemaNode] {
        guard let members = value.members else {
            report(place, "must be an object")
            return [:]
        }
        var properties: [String: SchemaNode] = [:]
        for member in members.sorted(by: { $0.key < $1.key }) {
            properties[member.key] = node(
                member.value, at: "\(place).\(member.key)", depth: depth + 1)
        }
        return properties
    }

    private mutating func strings(_ value: JSONValue, at place: String) -> [String] {
        let strings = value.elements?.map(\.stringValue)
        guard let strings, !strings.contains(nil) else {
            report(place, "must be a list of strings")
            return []
        }
        return strings.compactMap { $0 }
    }

    private mutating func values(_ value: JSONValue, at place: String) -> [JSONValue]? {
        guard let values = value.elements, (1...Self.maximumValues).contains(values.count) else {
            report(place, "must be a list of 1 to \(Self.maximumValues) values")
            return nil
        }
        return values
    }

    private mutating func number(_ value: JSONValue, at place: String) -> Double? {
        if value.numberValue == nil { report(place, "must be a number") }
        return value.numberValue
    }

    private mutating func count(_ value: JSONValue, at place: String) -> Int? {
        guard let count = value.integerValue, count >= 0 else {
            report(place, "must be a whole number, not below 0")
            return nil
        }
        return Int(count)
    }

    /// What the worker may do with the file: so far there is reading only.
    private mutating func path(_ value: JSONValue, at place: String) -> Bool {
        if value.stringValue != "read" { report(place, "must be \"read\"") }
        return value.stringValue == "read"
    }

    private mutating func flag(_ value: JSONValue, at place: String) -> Bool {
        if value.boolValue == nil { report(place, "must be true or false") }
        return value.boolValue ?? false
    }

    private mutating func pattern(_ value: JSONValue, at place: String) -> SchemaPattern? {
        guard let text = value.stringValue, text.utf8.count <= Self.maximumPattern else {
            report(place, "must be a string of at most \(Self.maximumPattern) bytes")
            return nil
        }
        do {
            return try SchemaPattern(text)
        } catch {
            report(place, "not a regular expression: \(error)")
            return nil
        }
    }

    /// The marks of our own, where they make sense.
    private mutating func checkMarks(_ node: SchemaNode, at place: String, depth: Int) {
        if node.isSecret, depth != 1 || node.types != [.string] {
            report(place, "x-secret is for strings at the top of the settings")
        }
        if node.isSecret, node.fallback != nil || node.allowedValues != nil || node.constant != nil {
            report(place, "a secret cannot have a default, enum or const, which anyone can read")
        }
        if node.isRunOption, depth != 1 {
            report(place, "x-run-option is for the top of the settings")
        }
        if node.isRunOption, node.isSecret || node.isPath {
            report(place, "a run, which a client starts, cannot override a secret or a path")
        }
        if node.isPath, node.types != [.string] {
            report(place, "x-path is for strings")
        }
    }

    /// A default that the schema refuses would be found by each operator and not by the author.
    private mutating func checkDefault(_ node: SchemaNode, at place: String) {
        guard let fallback = node.fallback else { return }
        var validator = SettingsValidator(fromVariables: [], folder: nil)
        _ = validator.validate(fallback, node, at: [])
        if let problem = validator.problems.first {
            report("\(place).default", problem.message)
        }
    }
}
