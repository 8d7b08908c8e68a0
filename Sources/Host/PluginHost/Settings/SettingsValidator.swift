package import Core

/// Something wrong with a setting.  Says nothing of the value that stands there.
package struct SettingsProblem: Sendable, Hashable {
    package var path: [JSONPathElement]
    package var message: String
    package var hint: String?
    /// About the key and not its value: one that should not be there, which may also be a mistyped
    /// secret.
    package var isAboutKey = false
}

/// All that is wrong with the settings; never empty.
package struct SettingsProblems: Error, Sendable, Hashable {
    package let problems: [SettingsProblem]
}

/// Checks values against schemas; gathers all problems and makes the values what a plugin gets.
struct SettingsValidator {
    /// The paths of strings that came from variables, and so may mean numbers.
    let fromVariables: Set<[JSONPathElement]>
    /// Where relative paths begin; nil leaves them as they are.
    let folder: String?
    private(set) var problems: [SettingsProblem] = []

    init(fromVariables: Set<[JSONPathElement]>, folder: String?) {
        self.fromVariables = fromVariables
        self.folder = folder
    }

    /// The value as the plugin gets it: of the right types, with defaults.
    mutating func validate(
        _ value: JSONValue, _ node: SchemaNode, at path: [JSONPathElement]
    ) -> JSONValue {
        let value = typed(value, node, at: path)
        guard hasType(value, of: node.types) else {
            reportType(value, node, at: path)
            return value
        }
        checkValues(value, node, at: path)
        switch value {
        case .string(let string): return .string(checkString(string, node, at: path))
        case .integer, .number: checkNumber(value, node, at: path)
        case .array(let elements): return .array(checkElements(elements, node, at: path))
        case .object(let members): return .object(checkMembers(members, node, at: path))
        case .null, .bool, .raw: break
        }
        return value
    }

    mutating func report(
        _ path: [JSONPathElement], _ message: String, hint: String? = nil, isAboutKey: Bool = false
    ) {
        problems.append(
            SettingsProblem(path: path, message: message, hint: hint, isAboutKey: isAboutKey))
    }
}

// MARK: Types

extension SettingsValidator {
    /// A string from a variable becomes what the schema wants, if it looks like it; `1.0` becomes
    /// 1 where an integer is wanted.
    private func typed(_ value: JSONValue, _ node: SchemaNode, at path: [JSONPathElement])
        -> JSONValue
    {
        guard let types = node.types else { return value }
        if case .number = value, types.contains(.integer), let integer = value.integerValue {
            return .integer(integer)
        }
        guard let string = value.stringValue, fromVariables.contains(path), !types.contains(.string)
        else { return value }
        return types.lazy.compactMap { Self.scalar(string, as: $0) }.first ?? value
    }

    private static func scalar(_ text: String, as type: JSONType) -> JSONValue? {
        switch type {
        case .integer: return Int64(text).map { .integer($0) }
        case .number:
            guard let number = Double(text), number.isFinite else { return nil }
            return Int64(text).map { .integer($0) } ?? .number(number)
        case .boolean: return ["true": true, "false": false][text].map { .bool($0) }
        case .null: return text == "null" ? .null : nil
        case .string, .array, .object: return nil
        }
    }

    private func hasType(_ value: JSONValue, of types: [JSONType]?) -> Bool {
        guard let types else { return true }
        guard let type = value.type else { return false }
        return types.contains(type) || type == .integer && types.contains(.number)
    }

    private mutating func reportType(
        _ value: JSONValue, _ node: SchemaNode, at path: [JSONPathElement]
    ) {
        let nouns = (node.types ?? []).map(\.noun).joined(separator: " or ")
        let isVariable = fromVariables.contains(path)
        var hint: String?
        if node.types?.contains(.string) == true,
            [.integer, .number, .boolean].contains(value.type)
        {
            hint = "put it in quotes"
        } else if case .string(let string) = value, !isVariable,
            node.types?.contains(where: { Self.scalar(string, as: $0) != nil }) == true
        {
            hint = "write it without quotes"
        }
        let found = isVariable ? "the variable's text" : value.type?.noun ?? "an unknown value"
        report(path, "\(name(path)) must be \(nouns), not \(found)", hint: hint)
    }
}

// MARK: Values

extension SettingsValidator {
    private mutating func checkValues(
        _ value: JSONValue, _ node: SchemaNode, at path: [JSONPathElement]
    ) {
        if let constant = node.constant, value != constant {
            report(path, "\(name(path)) must be \(constant.text)")
        }
        guard let allowed = node.allowedValues, !allowed.contains(value) else { return }
        let shown = allowed.prefix(20).map(\.text).joined(separator: ", ")
        let more = allowed.count > 20 ? ", …" : ""
        let hint = value.stringValue.flatMap {
            NearestName.hint(for: $0, among: allowed.compactMap(\.stringValue))
        }
        report(path, "\(name(path)) must be one of \(shown)\(more)", hint: hint)
    }

    private mutating func checkString(
        _ string: String, _ node: SchemaNode, at path: [JSONPathElement]
    ) -> String {
        let length = string.unicodeScalars.count
        if let minimum = node.minimumLength, length < minimum {
            let message =
                length == 0 ? "is empty" : "must have at least \(counted(minimum, "character"))"
            report(path, "\(name(path)) \(message)")
        }
        if let maximum = node.maximumLength, length > maximum {
            report(path, "\(name(path)) must have at most \(counted(maximum, "character"))")
        }
        if let pattern = node.pattern, !pattern.matches(string) {
            report(path, "\(name(path)) must match the pattern \(pattern.text)")
        }
        return node.isPath ? absolute(string) : string
    }

    /// A path as the rest of the file's paths are read: relative to the file.
    private func absolute(_ path: String) -> String {
        guard let folder, !path.isEmpty, !path.hasPrefix("/") else { return path }
        let parts = path.split(separator: "/").filter { $0 != "." }
        return
            ([folder.hasSuffix("/") ? String(folder.dropLast()) : folder] + parts.map(String.init))
            .joined(separator: "/")
    }

    private mutating func checkNumber(
        _ value: JSONValue, _ node: SchemaNode, at path: [JSONPathElement]
    ) {
        guard let number = value.numberValue else { return }
        if let minimum = node.minimum, number < minimum {
            report(path, "\(name(path)) must be at least \(JSONValue.number(minimum).text)")
        }
        if let maximum = node.maximum, number > maximum {
            report(path, "\(name(path)) must be at most \(JSONValue.number(maximum).text)")
        }
    }

    private mutating func checkElements(
        _ elements: [JSONValue], _ node: SchemaNode, at path: [JSONPathElement]
    ) -> [JSONValue] {
        if let minimum = node.minimumItems, elements.count < minimum {
            report(path, "\(name(path)) must have at least \(counted(minimum, "element"))")
        }
        if let maximum = node.maximumItems, elements.count > maximum {
            report(path, "\(name(path)) must have at most \(counted(maximum, "element"))")
        }
        guard let schema = node.items.first else { return elements }
        var result: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            result.append(validate(element, schema, at: path + [.index(index)]))
        }
        return result
    }

    private mutating func checkMembers(
        _ members: [JSONValue.Member], _ node: SchemaNode, at path: [JSONPathElement]
    ) -> [JSONValue.Member] {
        var result: [JSONValue.Member] = []
        for member in members where !isAbsent(member, node, at: path) {
            let inner = path + [.key(member.key)]
            if let schema = node.properties[member.key] {
                result.append(.init(member.key, validate(member.value, schema, at: inner)))
                continue
            }
            switch node.additionalProperties {
            case .allowed: result.append(member)
            case .matching(let schema):
                result.append(.init(member.key, validate(member.value, schema, at: inner)))
            case .forbidden: reportUnknown(member.key, members, node, at: inner)
            }
        }
        let present = Set(result.map(\.key))
        for (key, schema) in node.properties.sorted(by: { $0.key < $1.key })
        where !present.contains(key) {
            guard let fallback = schema.fallback else { continue }
            result.append(.init(key, validate(fallback, schema, at: path + [.key(key)])))
        }
        for key in node.required where !result.contains(where: { $0.key == key }) {
            report(path + [.key(key)], "\(name(path + [.key(key)])) is missing")
        }
        return result
    }

    /// `${NAME:-}` is how an operator leaves a setting out by a variable.
    private func isAbsent(
        _ member: JSONValue.Member, _ node: SchemaNode, at path: [JSONPathElement]
    ) -> Bool {
        member.value.stringValue == "" && !node.required.contains(member.key)
            && fromVariables.contains(path + [.key(member.key)])
    }

    private mutating func reportUnknown(
        _ key: String, _ members: [JSONValue.Member], _ node: SchemaNode, at path: [JSONPathElement]
    ) {
        let names = node.properties.keys.sorted()
        let absent = names.filter { name in !members.contains { $0.key == name } }
        let hint =
            NearestName.hint(for: key, among: absent) ?? NearestName.hint(for: key, among: names)
            ?? (names.isEmpty ? nil : "known here: \(names.joined(separator: ", "))")
        report(path, "unknown setting \(name(path))", hint: hint, isAboutKey: true)
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }

    /// `"filters[0].name"`
    func name(_ path: [JSONPathElement]) -> String {
        var text = ""
        for element in path {
            switch element {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text.isEmpty ? "the value" : JSONValue.string(text).text
    }
}
