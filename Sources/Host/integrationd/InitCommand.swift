import ArgumentParser
import Config
import Core
import Foundation
import PluginHost

/// `integrationd init PLUGIN`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a commented integrations.yaml for a plugin.",
        discussion: """
            What the plugin has to be told stands in its schema: what it needs becomes a variable, such as \
            ${CLICKUP_API_TOKEN}, everything else a comment.  A schema for editors is written beside the file.
            """)

    @Argument(
        help: "The plugin's file; without a slash it is looked for where plugins are installed.",
        completion: .file(extensions: ["so"]))
    var plugin: String?

    @Option(help: "What the integration is called in URLs.  Default: what the file's name says.") var name: String?
    @Option(name: .shortAndLong, help: "The file to write; - for stdout.", completion: .file())
    var output = "integrations.yaml"
    @Flag(help: "Write over a file that is there.") var force = false

    private static let schemaFile = "integrations.schema.json"

    func validate() throws {
        guard let name else { return }
        guard name.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,62}/) != nil else {
            throw ValidationError("--name takes small letters, digits and -, the first one not -")
        }
    }

    func run() throws {
        let path = try PluginPath(chosen())
        let description = try describe(path)
        let file = InitialFile(
            integration: name ?? InitialFile.integrationName(ofPlugin: path.name), plugin: path.name,
            directory: directory(of: path), displayName: description.name, settings: description.schemaJSON,
            schemaFile: Self.schemaFile)
        guard output != "-" else { return try StandardOutput.write(file.text) }
        try write(file)
        StandardError.write(nextSteps(file))
    }

    private func chosen() throws -> String {
        if let plugin {
            guard !plugin.contains("/"), !FileManager.default.fileExists(atPath: plugin) else { return plugin }
            let known = Self.installed.first { ($0 as NSString).lastPathComponent == plugin }
            return known ?? plugin
        }
        let list = Self.installed.map { "\n  integrationd init \($0)" }.joined()
        StandardError.write(
            "error: which plugin?" + (list.isEmpty ? "  Name its file: integrationd init path/to/libName.so" : list))
        throw ExitCode.configuration
    }

    /// The plugins where they are by default, and beside the program, where a build puts them.
    private static var installed: [String] {
        let folders = [
            (Executable.folder as NSString).deletingLastPathComponent + "/lib/integrationd", Executable.folder,
        ]
        return folders.flatMap { folder in
            // A folder that is not there has none.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasSuffix(".so") }.sorted().map { folder + "/" + $0 }
        }
    }

    private func describe(_ path: PluginPath) throws -> PluginDescription {
        let scratch = try TemporaryFolder.ofCommand()
        let host = try path.host(settings: SettingsFile(folder: path.folder), dataFolder: scratch.path)
        do throws(RunFailure) {
            return try host.describe(PluginPath.integration)
        } catch {
            StandardError.write("error: \(error.message)" + (error.hint.map { "\nhint: \($0)" } ?? ""))
            throw ExitCode.configuration
        }
    }

    /// As the file will name it: relative where the plugin is below it.
    private func directory(of path: PluginPath) -> String {
        let current = FileManager.default.currentDirectoryPath
        let folder = output == "-" ? current : (absolute(output, in: current) as NSString).deletingLastPathComponent
        guard path.folder.hasPrefix(folder + "/") else { return path.folder == folder ? "." : path.folder }
        return String(path.folder.dropFirst(folder.count + 1))
    }

    private func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/")
            ? path : URL(filePath: path, relativeTo: URL(filePath: folder + "/")).standardizedFileURL.path
    }

    private func write(_ file: InitialFile) throws {
        let schema = Configuration.schema(settings: [file.integration: file.settings])
        let beside = (output as NSString).deletingLastPathComponent
        let schemaPath = (beside as NSString).appendingPathComponent(Self.schemaFile)
        do {
            // Not over a file that someone has written since this one looked.
            try Data(file.text.utf8).write(to: URL(filePath: output), options: force ? [] : .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            StandardError.write(
                "error: \(output) is there already\nhint: --force writes over it, --output - prints it.")
            throw ExitCode.configuration
        } catch {
            StandardError.write("error: \(output) cannot be written: \(error.localizedDescription)")
            throw ExitCode.environment
        }
        do {
            try Data((schema.text + "\n").utf8).write(to: URL(filePath: schemaPath))
        } catch {
            StandardError.write("error: \(schemaPath) cannot be written: \(error.localizedDescription)")
            throw ExitCode.environment
        }
    }

    private func nextSteps(_ file: InitialFile) -> String {
        let option = output == "integrations.yaml" ? "" : " --config \(output)"
        let variables =
            file.variables.isEmpty
            ? "" : "\n  set \(file.variables.joined(separator: ", ")), or write the values into it"
        return """
            \(output) and \(Self.schemaFile) are written.  Next:\(variables)
              integrationd check\(option)
              integrationd sync \(file.integration)\(option)
            """
    }
}
