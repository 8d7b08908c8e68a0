import ArgumentParser
import Config
import Core
import Foundation
import PluginHost

/// `integrationd plugin describe FILE.so|NAME`
struct PluginDescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Say what a plugin is, as far as possible without running it.",
        discussion: """
            What stands in the file is read, not run.  Only for its manifest is the plugin loaded, in a worker as the \
            daemon does it; --static leaves that out.  Ends with 1 if the daemon could not use it.
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "A file, or the name of an integration.") var plugin: String
    @Flag(name: .customLong("static"), help: "Run nothing of it.") var isStatic = false
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        let scratch = try TemporaryFolder.ofCommand()
        let file: PluginPath
        let host: PluginHost
        let name: String
        if PluginPath.isPath(plugin) {
            file = try PluginPath(plugin)
            host = try file.host(settings: SettingsFile(folder: file.folder), dataFolder: scratch.path)
            name = PluginPath.integration
        } else {
            guard FileManager.default.fileExists(atPath: common.config) else {
                StandardError.write(
                    "error: there is no file \(common.config) that could have an integration \"\(plugin)\"; "
                        + "a plugin's file is named with its ending or its folder, as in ./\(plugin)")
                throw ExitCode.configuration
            }
            let configuration = try common.load()
            file = try PluginPath(configuration.pathOfPlugin(of: plugin))
            host = try Daemon.makePluginHost(configuration)
            name = plugin
        }
        let account = PluginAccount(
            file: file, content: try file.content(),
            describe: isStatic ? nil : { () throws(RunFailure) in try host.describe(name) })
        try StandardOutput.write(json ? account.json.text + "\n" : account.text)
        if account.failure != nil { throw ExitCode.runFailed }
    }
}

extension Configuration {
    /// The plugin file of an integration; ends the program if there is none.
    func pathOfPlugin(of name: String) throws -> String {
        guard let integration = integrations.first(where: { $0.name == name }) else {
            let names = integrations.map(\.name).joined(separator: ", ")
            StandardError.write("error: there is no integration named \(name); there are: \(names)")
            throw ExitCode.configuration
        }
        let paths = plugins.directories.map { $0 + "/" + integration.plugin }
        guard let path = paths.first(where: FileManager.default.fileExists(atPath:)) else {
            StandardError.write(
                "error: \(integration.plugin) was not found in \(plugins.directories.joined(separator: ", "))")
            throw ExitCode.configuration
        }
        return path
    }
}
