import ArgumentParser
import Config
import Core
import Foundation
import PluginHost

/// `integrationd plugin pin NAME`
struct PluginPinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "Write the hash of an integration's plugin into the configuration.",
        discussion: """
            From then on the daemon runs this file and no other: `sha256:` is set, and the rest of the YAML stays as it \
            is.  The plugin has to be one that the daemon can use.
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The integration's name.") var name: String
    @Flag(help: "Show the hash and change nothing.") var dryRun = false

    func run() throws {
        let configuration = try common.load()
        _ = try configuration.pathOfPlugin(of: name)  // says what there is
        let sha256 = try hash(configuration)
        try StandardOutput.write("\(name): \(sha256)\n")
        if dryRun { return }
        do throws(Configuration.PinFailure) {
            try write(configuration.pinning(name, to: sha256), sha256)
        } catch {
            StandardError.write("error: \(error.message)")
            throw ExitCode.configuration
        }
    }

    /// Of the file as the daemon would use it now; an old pin does not count.
    private func hash(_ configuration: Configuration) throws -> String {
        let path = try PluginPath(configuration.pathOfPlugin(of: name))
        let scratch = try TemporaryFolder.ofCommand()
        let host = try path.host(settings: SettingsFile(folder: configuration.folder), dataFolder: scratch.path)
        do throws(RunFailure) {
            return try host.describe(PluginPath.integration).sha256
        } catch {
            StandardError.write("error: \(error.message)" + (error.hint.map { "\nhint: \($0)" } ?? ""))
            throw ExitCode.configuration
        }
    }

    /// Only what reads as before, with this pin, takes the file's place.
    private func write(_ bytes: [UInt8], _ sha256: String) throws(Configuration.PinFailure) {
        let url = URL(filePath: common.config).resolvingSymlinksInPath()
        let temporary = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(getpid())")
        do throws(any Error) {
            let now = try Configuration.parse(
                bytes, file: common.config, folder: url.deletingLastPathComponent().path,
                environment: ProcessInfo.processInfo.environment, executableFolder: Executable.folder)
            guard now.integrations.first(where: { $0.name == name })?.sha256 == sha256 else {
                throw Configuration.PinFailure(message: "\(common.config) cannot be edited safely; add it by hand")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions]
            try Data(bytes).write(to: temporary)
            try FileManager.default.setAttributes([.posixPermissions: mode ?? 0o600], ofItemAtPath: temporary.path)
            guard rename(temporary.path, url.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch let failure as Configuration.PinFailure {
            throw failure
        } catch {
            try? FileManager.default.removeItem(at: temporary)  // most often it was not made
            throw Configuration.PinFailure(
                message: "\(common.config) could not be written: \(error.localizedDescription)")
        }
    }
}
