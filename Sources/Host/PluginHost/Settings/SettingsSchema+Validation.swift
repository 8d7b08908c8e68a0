package import Core

/// Settings that the plugin's schema accepts, as the plugin gets them.
package struct ValidatedSettings: Sendable, Equatable {
    /// An object with defaults and without secrets.
    package var settings: JSONValue
    /// What the plugin asks for by name.
    package var secrets: [String: Secret]
    /// Absolute paths, or relative ones if no folder was given, of all `x-path` settings: what a
    /// confined worker must still reach.
    package var paths: [String]
}

extension SettingsSchema {
    /// Checks settings and makes them what the plugin gets.
    ///
    /// - Parameters:
    ///   - fromVariables: the paths of strings that came from variables; they become numbers or
    ///     booleans where the schema wants these, and an empty one counts as absent unless it is
    ///     required.
    ///   - folder: makes relative `x-path` settings absolute.
    package func validate(
        _ settings: JSONValue, fromVariables: Set<[JSONPathElement]> = [],
        pathsRelativeTo folder: String? = nil
    ) throws(SettingsProblems) -> ValidatedSettings {
        var validator = SettingsValidator(fromVariables: fromVariables, folder: folder)
        let checked = validator.validate(settings, root, at: [])
        guard validator.problems.isEmpty else {
            throw SettingsProblems(problems: validator.problems)
        }
        var result = ValidatedSettings(settings: checked, secrets: [:], paths: [])
        for name in secrets {
            if let secret = checked[name]?.stringValue { result.secrets[name] = Secret(secret) }
            result.settings[name] = nil
        }
        collectPaths(result.settings, root, into: &result.paths)
        return result
    }

    /// Checks what one run asks to be different and puts it over the integration's settings.
    package func validateRunOptions(
        _ options: JSONValue, over settings: ValidatedSettings
    ) throws(SettingsProblems) -> ValidatedSettings {
        var validator = SettingsValidator(fromVariables: [], folder: nil)
        guard let members = options.members else {
            validator.report([], "the options of a run must be an object")
            throw SettingsProblems(problems: validator.problems)
        }
        var result = settings
        for member in members {
            let path = [JSONPathElement.key(member.key)]
            guard let schema = root.properties[member.key], schema.isRunOption else {
                reportNoOption(member.key, at: path, to: &validator)
                continue
            }
            result.settings[member.key] = validator.validate(member.value, schema, at: path)
        }
        guard validator.problems.isEmpty else {
            throw SettingsProblems(problems: validator.problems)
        }
        return result
    }

    private func reportNoOption(
        _ key: String, at path: [JSONPathElement], to validator: inout SettingsValidator
    ) {
        let options = runOptions.sorted()
        let known =
            options.isEmpty ? "this plugin has none" : "options: \(options.joined(separator: ", "))"
        let what = root.properties[key] == nil ? "unknown option" : "a run cannot override"
        validator.report(
            path, "\(what) \(validator.name(path))",
            hint: NearestName.hint(for: key, among: options) ?? known, isAboutKey: true)
    }

    private func collectPaths(_ value: JSONValue, _ node: SchemaNode, into paths: inout [String]) {
        switch value {
        case .string(let string) where node.isPath && !string.isEmpty: paths.append(string)
        case .array(let elements):
            guard let schema = node.items.first else { return }
            for element in elements { collectPaths(element, schema, into: &paths) }
        case .object(let members):
            for member in members {
                if let schema = node.properties[member.key] {
                    collectPaths(member.value, schema, into: &paths)
                } else if case .matching(let schema) = node.additionalProperties {
                    collectPaths(member.value, schema, into: &paths)
                }
            }
        default: return
        }
    }
}
