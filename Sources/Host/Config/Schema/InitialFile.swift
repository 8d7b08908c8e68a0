package import Core

/// A first `integrations.yaml` for one plugin, with everything that may be set as a comment.
package struct InitialFile: Sendable {
    /// In URLs.
    package var integration: String
    /// The name of the plugin's file, and the folder that it is in.
    package var plugin: String
    package var directory: String
    package var displayName: String
    /// What the plugin wants to be told, as JSON Schema.
    package var settings: JSONValue
    /// Where editors find the schema of the file.
    package var schemaFile: String

    private static let width = 100

    package init(
        integration: String, plugin: String, directory: String, displayName: String, settings: JSONValue,
        schemaFile: String
    ) {
        self.integration = integration
        self.plugin = plugin
        self.directory = directory
        self.displayName = displayName
        self.settings = settings
        self.schemaFile = schemaFile
    }

    /// `libClickUp.so` is `clickup`.
    package static func integrationName(ofPlugin file: String) -> String {
        var name = file.lowercased()
        if name.hasSuffix(".so") { name.removeLast(3) }
        if name.hasPrefix("lib"), name.count > 3 { name.removeFirst(3) }
        let letters = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let trimmed = String(letters.drop { $0 == "-" }.prefix(63))
        return trimmed.isEmpty ? "plugin" : trimmed
    }

    /// Variables that have to be set before the file can be used.
    package var variables: [String] {
        properties.filter { isRequired($0.key) && Self.takesVariable($0.value) }.map { variable(of: $0.key) }
    }

    package var text: String {
        let lines =
            ["# yaml-language-server: $schema=\(schemaFile)"]
                + """
                # What this integrationd imports.  `integrationd check` says whether the file is right.
                # ${NAME} is a variable, ${NAME:-text} one with a default, ${file:/run/secrets/name} the text of a file.
                server:
                  listen: 127.0.0.1:3001

                # Needed before other machines may ask:
                # auth:
                #   tokens:
                #     - name: dashboard
                #       token: ${DASHBOARD_TOKEN}
                #       scopes: [integrations:read, integrations:write]

                # store:
                #   sqlite: var/integrationd.db

                plugins:
                """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            + ["  directories: [\(Self.scalar(.string(directory)))]", "", "integrations:", "  \(integration):"]
            + integrationLines
        return lines.joined(separator: "\n") + "\n"
    }

    private var integrationLines: [String] {
        let head = [
            "    plugin: \(Self.scalar(.string(plugin)))", "    display_name: \(Self.scalar(.string(displayName)))",
            "    # schedule: every 15m    # or a cron line in UTC: \"0 */6 * * *\"; without: only on request",
            "    # timeout: 2h", "    # limits: { memory: 1GiB }",
        ]
        guard !properties.isEmpty else { return head }
        return head + ["    settings:"] + properties.flatMap(lines(of:))
            + (properties.contains { isRequired($0.key) } ? [] : ["      {}"])
    }

    // MARK: Settings

    /// What has to be set first, then the others in the order of their names.
    private var properties: [JSONValue.Member] {
        (settings["properties"]?.members ?? []).sorted {
            (isRequired($0.key) ? 0 : 1, $0.key) < (isRequired($1.key) ? 0 : 1, $1.key)
        }
    }

    private func isRequired(_ name: String) -> Bool {
        (settings["required"]?.elements ?? []).contains(.string(name))
            && settings["properties"]?[name]?["default"] == nil
    }

    /// `CLICKUP_API_TOKEN`
    private func variable(of name: String) -> String {
        String("\(integration)_\(name)".uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private func lines(of setting: JSONValue.Member) -> [String] {
        let comment = Self.comment(setting.value).map { "      # \($0)" }
        let key = Self.scalar(.string(setting.key))
        guard isRequired(setting.key) else {
            let value = setting.value["default"] ?? Self.example(setting.value)
            return comment + ["      # \(key): \(Self.scalar(value))"]
        }
        let value =
            Self.takesVariable(setting.value)
            ? "${\(variable(of: setting.key))}" : Self.scalar(Self.example(setting.value))
        return comment + ["      \(key): \(value)"]
    }

    private static func type(_ schema: JSONValue) -> String {
        schema["type"]?.stringValue ?? schema["type"]?.elements?.first?.stringValue ?? "string"
    }

    /// Variables are text, and the text of one value only.
    private static func takesVariable(_ schema: JSONValue) -> Bool {
        !["array", "object", "null"].contains(type(schema)) && schema["enum"] == nil && schema["const"] == nil
    }

    private static func example(_ schema: JSONValue) -> JSONValue {
        if let value = schema["const"] ?? schema["enum"]?.elements?.first { return value }
        switch type(schema) {
        case "boolean": return true
        case "integer", "number": return schema["minimum"] ?? 1
        case "array": return .array([])
        case "object": return .object([])
        default: return ""
        }
    }

    private static func comment(_ schema: JSONValue) -> [String] {
        var parts = [schema["title"]?.stringValue, schema["description"]?.stringValue].compactMap { $0?.printable }
        var remarks: [String] = []
        if let choices = schema["enum"]?.elements {
            remarks.append("one of \(choices.map(\.text).joined(separator: ", "))")
        }
        if let minimum = schema["minimum"] { remarks.append("at least \(minimum.text)") }
        if let maximum = schema["maximum"] { remarks.append("at most \(maximum.text)") }
        if schema["x-path"] == true { remarks.append("relative to this file") }
        if schema["x-secret"] == true { remarks.append("a secret") }
        if schema["x-run-option"] == true { remarks.append("a single run may say otherwise") }
        if !remarks.isEmpty { parts.append("(\(remarks.joined(separator: "; ")))") }
        let text = parts.enumerated().map { index, part in
            let isSentence = part.last.map { ".!?:)".contains($0) } ?? true
            return part + (isSentence || index == parts.count - 1 || parts[index + 1].hasPrefix("(") ? "" : ".")
        }
        return wrapped(text.joined(separator: " "))
    }

    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// A value as YAML; a text that could be taken for something else is quoted.
    private static func scalar(_ value: JSONValue) -> String {
        guard let text = value.stringValue else { return value.text.replacing("$", with: "$$") }
        let isPlain =
            text.first.map { $0.isASCII && ($0.isLetter || "./".contains($0)) } ?? false
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "./_-:@".contains($0)) }
            && !text.hasSuffix(":")
            && ![".", "true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
            && !text.hasPrefix(".i") && !text.hasPrefix(".n")
        return isPlain ? text : JSONValue.string(text).text.replacing("$", with: "$$")
    }
}
