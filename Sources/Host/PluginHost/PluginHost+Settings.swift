import Core

/// Settings and options of a run, held against what the plugin says that it takes.
extension PluginHost {
    /// What the plugin of an integration gets as settings, or what is wrong with them.
    package func validateSettings(
        of name: String, against description: PluginDescription
    ) throws(SettingsProblems) -> ValidatedSettings? {
        guard let integration = integrations[name] else { return nil }
        return try description.schema.validate(
            integration.settings, fromVariables: integration.settingsFromVariables,
            pathsRelativeTo: places.settingsFolder)
    }

    /// Throws what is wrong with what one run asks for.
    func checkOptions(_ options: RunOptions, of name: String) throws(RunFailure) {
        let integration = try configured(name)
        let file = try files.prepare(integration.plugin, pin: integration.pin)
        let description = try describe(integration, file)
        let unknown = options.collections.filter { !description.collections.contains($0) }
        guard unknown.isEmpty || description.collections.isEmpty else {
            throw RunFailure(
                .settingsInvalid, "\(name) has no collection \(unknown.joined(separator: ", ")).",
                hint: "It has \(description.collections.joined(separator: ", ")).")
        }
        _ = try checkedSettings(integration, description, name: name, options: options)
    }

    func checkedSettings(
        _ integration: Integration, _ description: PluginDescription, name: String,
        options: RunOptions
    ) throws(RunFailure) -> ValidatedSettings {
        let settings: ValidatedSettings
        do {
            settings = try description.schema.validate(
                integration.settings, fromVariables: integration.settingsFromVariables,
                pathsRelativeTo: places.settingsFolder)
        } catch {
            throw RunFailure(
                .settingsInvalid,
                "The settings of \(name) do not fit its plugin: \(error.sentence).",
                hint: "integrationd check shows where in the YAML.")
        }
        do {
            return try description.schema.validateRunOptions(options.settings, over: settings)
        } catch {
            throw RunFailure(
                .settingsInvalid, "The options of this run do not fit: \(error.sentence).")
        }
    }
}

extension SettingsProblems {
    fileprivate var sentence: String {
        problems.map { $0.message + ($0.hint.map { " (\($0))" } ?? "") }.joined(separator: "; ")
    }
}
