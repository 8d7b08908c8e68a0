import ArgumentParser
import Foundation

/// The program: one file per command beside this one.
@main
struct Integrationd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrationd",
        abstract: "Runs integrations that are loaded as shared objects, and streams their imports.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, SyncCommand.self, CheckCommand.self, PluginCommand.self,
            WatchCommand.self, RunsCommand.self, CancelCommand.self, DocumentsCommand.self, IntegrationsCommand.self,
            DoctorCommand.self, InitCommand.self, SchemaCommand.self, CompletionCommand.self,
        ])

    /// As the library does it, but for the exit code of a wrong command line, which is 2 here.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.write(fullMessage(for: error))
            Foundation.exit(ExitCode.configuration.rawValue)
        }
    }
}

/// How a command ends, for scripts.
extension ExitCode {
    /// The run did not succeed.
    static let runFailed = ExitCode(1)
    /// The configuration or the command line is wrong, or asks for what there is not.
    static let configuration = ExitCode(2)
    /// Something is in the way: a store in use, a port taken, a missing file, a daemon that cannot be reached.
    static let environment = ExitCode(3)
    /// The run was cancelled.
    static let cancelled = ExitCode(4)
    /// Ctrl-C, and the run goes on.
    static let interrupted = ExitCode(130)
}
