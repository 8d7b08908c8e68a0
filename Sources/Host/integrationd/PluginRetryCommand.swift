import ArgumentParser
import Client
import Core

/// `integrationd plugin retry NAME`
struct PluginRetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "End the quarantine of an integration's plugin: its next run may start at once.",
        discussion: "Asks the daemon.  Ends with 0 also where nothing was in quarantine.")

    @OptionGroup var server: ServerOptions
    @Argument(help: "The integration's name.") var name: String

    func run() throws {
        let client = try server.client()
        _ = try reporting { () throws(ClientError) in
            try client.send("DELETE", "/integrations/\(DaemonClient.escape(name))/quarantine")
        }
        try StandardOutput.write("\(name) may run again\n")
    }
}
