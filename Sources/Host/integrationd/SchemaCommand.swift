import ArgumentParser
import Config
import Core
import PluginHost

/// `integrationd schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of integrations.yaml, for editors.",
        discussion: """
            With --config, the settings of that file's integrations are described too, as their plugins say.
            An editor finds it by the file's first line: # yaml-language-server: $schema=integrations.schema.json
            """)

    @Option(name: .shortAndLong, help: "A configuration file.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    func run() throws {
        var settings: [String: JSONValue] = [:]
        if let config {
            var options = CommonOptions()
            options.config = config
            let configuration = try options.load()
            let plugins = try Daemon.makePluginHost(configuration)
            for integration in configuration.integrations {
                do throws(RunFailure) {
                    settings[integration.name] = try plugins.describe(integration.name).schemaJSON
                } catch {
                    StandardError.write("warning: \(integration.name): \(error.message)")
                }
            }
        }
        try StandardOutput.write(Configuration.schema(settings: settings).text + "\n")
    }
}
