import ArgumentParser
import Config
import Core
import PluginHost

/// `integrationd check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration, each plugin, and its settings.",
        discussion: "Ends with 0 if all is well and with 2 otherwise.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let configuration = try common.load()
        let plugins = try Daemon.makePluginHost(configuration)
        let problems = configuration.integrations.flatMap { Self.check($0, configuration, plugins) }
        guard problems.isEmpty else {
            let inOrder = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
            StandardError.write(ConfigurationErrors(inOrder).description)
            throw ExitCode.configuration
        }
    }

    private static func check(
        _ integration: Configuration.Integration, _ configuration: Configuration,
        _ plugins: PluginHost
    ) -> [ConfigurationError] {
        do throws(ConfigurationErrors) {
            let description = try configuration.check(integration, with: plugins)
            print(
                "\(integration.name): \(description.name) \(description.version) (\(description.id)), "
                    + "ABI \(description.abi), \(description.capabilities.progress ? "with" : "without") progress")
            return []
        } catch {
            return error.errors
        }
    }
}
