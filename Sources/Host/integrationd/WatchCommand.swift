import ArgumentParser
import Client
import Core

/// `integrationd watch [RUN]`
struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Watch a run of a daemon to its end.",
        discussion: """
            Leaves with Ctrl-C, and the run goes on; Ctrl-C twice within 3 s cancels it.
            Ends with 0 if the run succeeded, 1 if it failed, 4 if it was cancelled, 130 after Ctrl-C.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var following: FollowingOptions
    @Argument(
        help: .init(
            "The run's id, or the name of an integration for its newest run.  Default: the one that is under way.",
            valueName: "run"),
        completion: .integrations)
    var reference: String?

    func run() throws {
        let client = try server.client()
        let run = try reporting { () throws(ClientError) in
            guard let reference else { return try client.onlyActiveRun() }
            return try client.run(reference)
        }
        try RemoteRun(run, client, form: following.form, patience: following.patience).follow()
    }
}

/// How a run is shown, and for how long a daemon that is away is waited for.
struct FollowingOptions: ParsableArguments {
    @Flag(help: "One JSON object a line: the bodies of the events.") var json = false

    @Option(
        name: .customLong("patience"),
        help: .init("How long a daemon that was there may be away, in seconds.", valueName: "seconds"))
    var patienceSeconds = 600

    var form: RunDisplay.Form { RunDisplay.form(json: json) }
    var formWithoutView: RunDisplay.Form { json ? .json : .lines }
    var patience: Duration { .seconds(patienceSeconds) }

    func validate() throws {
        guard (0...31_536_000).contains(patienceSeconds) else {
            throw ValidationError("--patience takes 0 to 31536000 seconds")
        }
    }
}
