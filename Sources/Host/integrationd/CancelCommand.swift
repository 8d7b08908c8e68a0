import ArgumentParser
import Client
import Core

/// `integrationd cancel RUN`
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ask a run of a daemon to stop.",
        discussion: "What it has stored stays.  With --wait the program ends when the run has.")

    @OptionGroup var server: ServerOptions
    @Flag(help: "Wait until the run has ended.") var wait = false
    @Argument(
        help: .init("The run's id, or the name of an integration for its newest run.", valueName: "run"),
        completion: .integrations)
    var reference: String

    func run() throws {
        let client = try server.client()
        let status = try reporting { () throws(ClientError) in
            let found = try client.run(reference)
            guard let id = found["id"]?.stringValue else {
                throw ClientError(.foreign, "\(client.address) does not answer as integrationd does")
            }
            var answer = try client.json(client.send("POST", "/runs/\(DaemonClient.escape(id))/cancel"))
            while wait, !answer.hasEnded { answer = try client.get("/runs/\(DaemonClient.escape(id))?wait=30s") }
            return answer["status"]?.stringValue ?? ""
        }
        try StandardOutput.write(status.printable + "\n")
    }
}

extension JSONValue {
    /// Whether this is a run that has ended.
    var hasEnded: Bool { self["status"]?.stringValue.flatMap(RunStatus.init)?.isTerminal ?? true }
}
