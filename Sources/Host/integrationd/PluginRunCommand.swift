import ArgumentParser
import Config
import Core
import Engine
import Foundation
import PluginHost

/// `integrationd plugin run FILE.so`: one import without a daemon, a configuration or a store.
struct PluginRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a plugin's import once and show its documents; nothing is stored.",
        discussion: """
            Documents go to stdout, one JSON object a line; everything else that the plugin says goes to stderr.  The \
            plugin runs in a worker as the daemon's do, once, without a second attempt.  Ends with 0 if the import \
            succeeded and with 1 otherwise.
            """)

    @Argument(help: "The plugin's file.") var file: String
    @OptionGroup var settings: SettingsOption
    @Option(help: "Import these collections only.") var collection: [String] = []
    @Option(help: "A file with a checkpoint to go on from.") var checkpoint: String?
    @Option(help: "Write the last checkpoint into this file.") var keepCheckpoint: String?
    @Option(help: "End the import after this many seconds.") var timeout = 600
    @Flag(help: "Read everything, as if nothing were known.") var full = false
    @Flag(help: "What the plugin says besides documents also goes to stdout, as JSON.") var json = false

    @Flag(help: "Show no documents, only how many there were.") var count = false

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout takes a number of seconds from 1 on") }
    }

    func run() throws {
        let path = try PluginPath(file)
        let scratch = try TemporaryFolder.ofCommand()
        let host = try path.host(settings: try settings.load(), dataFolder: scratch.path)
        let call = try call()
        try checkCollections(of: host)
        let session: any PluginSession
        do throws(RunFailure) {
            session = try host.launch(call, unless: { false })
        } catch {
            let hint = error.code == .settingsInvalid ? hintAboutSettings : error.hint
            StandardError.write("error: \(error.message)" + (hint.map { "\nhint: \($0)" } ?? ""))
            throw ExitCode.runFailed
        }
        var display = PluginRunDisplay(isJSON: json, showsDocuments: !count)
        let status: PluginStatus?
        do {
            status = try attend(session, &display)
        } catch let error as ExitCode {
            _ = session.end()
            throw error
        } catch {
            _ = session.end()
            StandardError.write("error: \((error as? RunFailure)?.message ?? error.localizedDescription)")
            throw ExitCode.runFailed
        }
        let exit = session.end()
        let hasSucceeded = display.conclude(status, exit)
        if let bytes = display.lastCheckpoint { try keep(bytes) }
        guard hasSucceeded else { throw ExitCode.runFailed }
    }

    private func keep(_ checkpoint: [UInt8]) throws {
        guard let keepCheckpoint else { return }
        do {
            try Data(checkpoint).write(to: URL(filePath: keepCheckpoint))
        } catch {
            StandardError.write("error: the checkpoint cannot be kept in \(keepCheckpoint): \(error.reason)")
            throw ExitCode.environment
        }
    }

    private var hintAboutSettings: String {
        settings.settings.map { "They are in \($0)." } ?? "Name a file with them: --settings FILE."
    }

    /// Whatever else is wrong with the plugin is for the call to say.
    private func checkCollections(of host: PluginHost) throws {
        guard !collection.isEmpty, let known = try? host.describe(PluginPath.integration).collections, !known.isEmpty
        else { return }
        let unknown = collection.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            StandardError.write(
                "error: the plugin has no collection \(unknown.joined(separator: ", ")); "
                    + "it has \(known.joined(separator: ", "))")
            throw ExitCode.configuration
        }
    }

    private func call() throws -> PluginCall {
        var options = RunOptions()
        options.isFull = full
        options.collections = collection
        return PluginCall(
            runID: RunID(), integration: PluginPath.integration, tenant: .default, options: options,
            checkpoint: try bytesOfCheckpoint(),
            deadline: nil)
    }

    /// Nil without one, and for the empty one that a plugin leaves to have none.
    private func bytesOfCheckpoint() throws -> [UInt8]? {
        guard let checkpoint else { return nil }
        do {
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: checkpoint)))
            return bytes.isEmpty ? nil : bytes
        } catch {
            StandardError.write("error: the checkpoint \(checkpoint) cannot be read: \(error.reason)")
            throw ExitCode.configuration
        }
    }

    /// To the end of the call; nil if the plugin's process ended without returning.
    private func attend(_ session: any PluginSession, _ display: inout PluginRunDisplay) throws -> PluginStatus? {
        let deadline = ContinuousClock.now + .seconds(timeout)
        let share = RateLimits().share(of: session.plugin)
        while true {
            switch try session.next(before: deadline) {
            case .said(let message) where share.take(message, of: session) != nil: continue
            case .said(.returned(let status)): return status
            case .said(.known(let question, _, _)): session.answer(question, false)
            case .said(let message): try display.show(message)
            case .woken: continue
            case .ended: return nil
            case .deadlinePassed:
                _ = session.kill()
                throw RunFailure(.pluginTimeout, "The import took longer than \(timeout) s; --timeout allows more.")
            }
        }
    }
}
