import ArgumentParser
import Client
import Config
import Core
import Engine
import Foundation
import HTTP
import Logging
import Store

/// `integrationd sync NAME`: one import, by a daemon or, without one, here and now.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Run one import, and show how it goes.",
        discussion: """
            With --server or INTEGRATIOND_URL a daemon runs it: Ctrl-C leaves, and the run goes on; Ctrl-C twice within \
            3 s cancels it.  Without, it is run here, and Ctrl-C cancels it.
            Ends with 0 if the run succeeded, 1 if it failed, 4 if it was cancelled, 130 after Ctrl-C.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var following: FollowingOptions
    @Flag(help: "Read everything again, as if nothing were known.") var full = false
    @Flag(help: "Let this run delete more than 30 % of a collection.") var allowMassDelete = false
    @Option(help: "Only this collection; may be given several times.") var collection: [String] = []
    @Argument(help: "The integration's name.", completion: .integrations) var name: String

    func run() async throws {
        if server.isGiven { try runByDaemon() } else { try await runHere() }
    }

    // MARK: By a daemon

    private func runByDaemon() throws {
        let client = try server.client()
        let started = try reporting { () throws(ClientError) in try client.start(name, options: options) }
        if started.isJoined, !started.run.hasEnded { StandardError.write("Joined the run that is under way.") }
        try RemoteRun(started.run, client, form: following.form, patience: following.patience).follow()
    }

    /// nil: whatever run is under way will do.
    private var options: JSONValue? {
        var members: [JSONValue.Member] = []
        if full { members.append(.init("full", true)) }
        if allowMassDelete { members.append(.init("allowMassDelete", true)) }
        if !collection.isEmpty { members.append(.init("collections", .array(collection.map(JSONValue.string)))) }
        return members.isEmpty ? nil : .object(members)
    }

    // MARK: Here

    private func runHere() async throws {
        let configuration = try common.load()
        // The view and the log share a terminal: one of them is enough, and the view says what is wrong too.
        let form = common.logLevel == nil ? following.form : following.formWithoutView
        let logger = common.makeLogger(default: form == .live ? .critical : .error)
        let server = configuration.server
        let address = "\(server.tls == nil ? "http" : "https")://\(server.listen)"
        let daemon = try Daemon.build(
            configuration, of: common, logger: logger,
            whenInUse: "integrationd sync \(name) --server \(address) has it imported by the daemon that listens there."
        )
        let integration = try integration(daemon)
        // A run of this integration that a daemon left goes on; `start` joins it.
        try await daemon.scheduler.resumeUnfinishedRuns(of: [integration], only: name)
        var options = RunOptions()
        options.isFull = full
        options.allowsMassDelete = allowMassDelete
        options.collections = collection
        try await check(options, daemon)
        let run = try await daemon.scheduler.start(
            integration, tenant: integration.tenant ?? .default, options: options, requestedBy: "cli"
        ).run
        let display = RunDisplay(form, integration: name, run: run.id)
        let interruption = Self.interruption(of: run, daemon.scheduler, display)
        let unwritable = await show(run, on: display)
        if unwritable != nil { daemon.scheduler.cancel(run) }
        while !daemon.scheduler.isIdle { try await Task.sleep(for: .milliseconds(5)) }
        interruption.end()
        try daemon.store.close()
        display.end()
        LogWriter.standardError.flush(atMost: 1)
        if let unwritable {
            StandardError.write("error: stdout cannot be written: \(unwritable.localizedDescription)")
            throw ExitCode.environment
        }
        try ExitCode.check(run.snapshot.status)
    }

    /// A plugin that cannot be asked fails the run, where everyone looks for it.
    private func check(_ options: RunOptions, _ daemon: Daemon) async throws {
        guard !options.collections.isEmpty else { return }
        do throws(RunFailure) {
            try await daemon.api.catalog.check(options, of: name)
        } catch let error where error.code == .settingsInvalid {
            StandardError.write("error: \(error.message)" + (error.hint.map { "\nhint: \($0)" } ?? ""))
            throw ExitCode.configuration
        } catch {}
    }

    private func integration(_ daemon: Daemon) throws -> Integration {
        guard let integration = daemon.api.integrations.first(where: { $0.name == name }) else {
            let names = daemon.api.integrations.map(\.name).joined(separator: ", ")
            StandardError.write("error: there is no integration named \(name); there are: \(names)")
            throw ExitCode.configuration
        }
        guard integration.isEnabled else {
            StandardError.write("error: \(name) is switched off; set enabled: true")
            throw ExitCode.configuration
        }
        return integration
    }

    /// The first signal cancels the run.  The second ends the program: what is stored is whole, and the run goes on
    /// with the next start.
    private static func interruption(
        of run: ActiveRun, _ scheduler: RunScheduler, _ display: RunDisplay
    ) -> SignalHandlers {
        let first = Interrupts()
        first.add()
        return SignalHandlers([SIGINT, SIGTERM]) {
            guard first.take() else { _exit(ExitCode.interrupted.rawValue) }
            display.cancelling("Ctrl-C again ends the program at once; the run goes on with the next start.")
            scheduler.cancel(run)
        }
    }

    /// To the end of the run; returns why it could not go on showing it.
    private func show(_ run: ActiveRun, on display: RunDisplay) async -> (any Error)? {
        var cursor: Int64 = 0
        while true {
            let part = run.log.read(after: cursor)
            for entry in part.entries {
                do { try display.show(entry.event) } catch { return error }
                cursor = entry.event.sequence
            }
            display.show(run.snapshot.counts)
            if part.isOver { return nil }
            if part.entries.isEmpty { await run.log.wait(after: cursor) }
        }
    }
}
