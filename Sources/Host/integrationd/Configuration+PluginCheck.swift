import Config
import Core
import PluginHost

extension Configuration {
    /// What the plugin of an integration is; throws when it cannot be loaded or its settings do not fit.  Blocks.
    func check(
        _ integration: Configuration.Integration, with plugins: PluginHost
    ) throws(ConfigurationErrors) -> PluginDescription {
        let description: PluginDescription
        do throws(RunFailure) {
            description = try plugins.describe(integration.name)
        } catch {
            throw ConfigurationErrors([
                self.error(atKey: "plugin", of: integration.name, message: error.message, hint: error.hint)
            ])
        }
        do throws(SettingsProblems) {
            _ = try plugins.validateSettings(of: integration.name, against: description)
        } catch {
            throw ConfigurationErrors(
                error.problems.map { problem in
                    self.error(
                        atSetting: problem.path, of: integration.name, message: problem.message,
                        hint: problem.hint, atKey: problem.isAboutKey, showsValue: !problem.isAboutKey,
                        secretSettings: description.schema.secrets)
                })
        }
        return description
    }
}
