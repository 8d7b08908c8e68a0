import ArgumentParser
import Config
import Core
import Foundation
import PluginHost

/// `integrationd plugin …`: for those who write plugins and those who run other people's.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Make, check, describe and try plugins.",
        subcommands: [
            PluginNewCommand.self, PluginCheckCommand.self, PluginDescribeCommand.self, PluginListCommand.self,
            PluginRunCommand.self, PluginPinCommand.self, PluginRetryCommand.self,
        ])
}

/// A plugin file that a command names, outside of any configuration.
struct PluginPath {
    /// Absolute.
    let path: String
    var name: String { (path as NSString).lastPathComponent }
    var folder: String { (path as NSString).deletingLastPathComponent }

    init(_ argument: String) throws {
        let current = FileManager.default.currentDirectoryPath
        path = URL(filePath: argument, relativeTo: URL(filePath: current + "/")).standardizedFileURL.path
        if let problem = Self.problem(of: path, named: argument) {
            StandardError.write("error: \(problem)")
            throw ExitCode.configuration
        }
    }

    /// Why it cannot be a plugin's file, whatever is in it.
    private static func problem(of path: String, named argument: String) -> String? {
        guard !argument.isEmpty else { return "the name of the file is empty" }
        var status = stat()
        guard stat(path, &status) == 0 else {
            let reason = errno
            guard reason == ENOENT, lstat(path, &status) != 0 else {
                return "\(argument) cannot be read: \(String(cString: strerror(reason)))"
                    + (reason == ENOENT ? "; it is a symbolic link that leads nowhere" : "")
            }
            return "there is no file \(argument)"
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "\(argument) is a folder; name the plugin's file in it"
        default: "\(argument) is not a regular file"
        }
    }

    /// A file rather than the name of an integration, which has neither a slash nor a dot.
    static func isPath(_ argument: String) -> Bool {
        argument.contains("/") || argument.contains(".") || argument.isEmpty
    }

    func content() throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            StandardError.write("error: \(path) cannot be read: \(error.reason)")
            throw ExitCode.environment
        }
    }

    /// A host for this file alone, with the daemon's own rules for files.
    ///
    /// - Parameter dataFolder: for copies and the plugin's data; goes when the command ends.
    func host(settings: SettingsFile, dataFolder: String) throws -> PluginHost {
        PluginHost(
            places: .init(
                workerExecutable: try Executable.beside("integrationd-worker"), pluginDirectories: [folder],
                dataFolder: dataFolder, settingsFolder: settings.folder),
            integrations: [
                Self.integration: .init(
                    plugin: name, pin: nil, isolation: .process, environment: [],
                    settings: settings.settings, settingsFromVariables: settings.fromVariables)
            ], environment: ProcessInfo.processInfo.environment)
    }

    /// What the file is called as an integration.
    static let integration = "plugin"
}

extension Executable {
    /// The path of a program that is installed with this one.
    static func beside(_ name: String) throws -> String {
        let path = folder + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            StandardError.write("error: \(path) is missing; it has to stand beside integrationd")
            throw ExitCode.environment
        }
        return path
    }
}

extension TemporaryFolder {
    /// One that goes when the command ends.
    static func ofCommand() throws -> TemporaryFolder {
        do throws(RunFailure) {
            return try TemporaryFolder(in: NSTemporaryDirectory(), prefix: "integrationd-")
        } catch {
            StandardError.write("error: \(error.message)")
            throw ExitCode.environment
        }
    }
}

/// Where the settings of a plugin that is tried come from.
struct SettingsOption: ParsableArguments {
    @Option(help: "A file with the plugin's settings, as they stand below `settings:` in integrations.yaml.")
    var settings: String?

    func load() throws -> SettingsFile {
        guard let settings else { return SettingsFile(folder: FileManager.default.currentDirectoryPath) }
        do throws(ConfigurationErrors) {
            return try SettingsFile.load(path: settings, environment: ProcessInfo.processInfo.environment)
        } catch {
            StandardError.write(error.description)
            throw ExitCode.configuration
        }
    }
}
