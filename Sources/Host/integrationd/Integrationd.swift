import ArgumentParser

/// The program: one file per command beside this one.
@main
struct Integrationd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrationd",
        abstract: "Runs integrations that are loaded as shared objects, and streams their imports.",
        version: "0.1.0",
        subcommands: [ServeCommand.self, SyncCommand.self, CheckCommand.self, PluginCommand.self])
}

/// How a command ends, for scripts.
extension ExitCode {
    /// The run did not succeed.
    static let runFailed = ExitCode(1)
    /// The configuration is wrong.
    static let configuration = ExitCode(2)
    /// Something on this machine is in the way: a store in use, a port taken, a missing file.
    static let environment = ExitCode(3)
    /// The run was cancelled.
    static let cancelled = ExitCode(4)
}
