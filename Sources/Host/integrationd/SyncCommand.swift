import ArgumentParser
import Config
import Core
import Dispatch
import Engine
import Foundation
import HTTP
import Logging
import Store

/// `integrationd sync NAME`: one import in the foreground, without a daemon.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Run one import here and now, and show how it goes.")

    @OptionGroup var common: CommonOptions
    @Argument(help: "The integration's name.") var name: String
    @Flag(help: "One JSON object a line: the bodies of the events.") var json = false
    @Flag(help: "Read everything again, as if nothing were known.") var full = false

    func run() async throws {
        let configuration = try common.load()
        // The bar and the log share a terminal: only what is wrong is logged, unless asked for more.
        let daemon = try Daemon.build(configuration, logger: common.makeLogger(default: .error))
        guard let integration = daemon.api.integrations.first(where: { $0.name == name }) else {
            let names = daemon.api.integrations.map(\.name).joined(separator: ", ")
            StandardError.write("error: there is no integration named \(name); there are: \(names)")
            throw ExitCode.configuration
        }
        guard integration.isEnabled else {
            StandardError.write("error: \(name) is switched off; set enabled: true")
            throw ExitCode.configuration
        }
        // A run of this integration that a daemon left goes on; `start` joins it.
        try await daemon.scheduler.resumeUnfinishedRuns(of: [integration], only: name)
        var options = RunOptions()
        options.isFull = full
        let run = try await daemon.scheduler.start(
            integration, tenant: integration.tenant ?? .default, options: options,
            requestedBy: "cli"
        ).run
        let interruption = Interruption { daemon.scheduler.cancel(run) }
        let unwritable = await show(run.log)
        if unwritable != nil { daemon.scheduler.cancel(run) }
        interruption.end()
        while !daemon.scheduler.isIdle { try await Task.sleep(for: .milliseconds(5)) }
        try daemon.store.close()
        LogWriter.standardError.flush(atMost: 1)
        if let unwritable {
            StandardError.write("error: stdout cannot be written: \(unwritable.localizedDescription)")
            throw ExitCode.environment
        }
        switch run.snapshot.status {
        case .succeeded, .completedWithErrors: return
        case .cancelled: throw ExitCode.cancelled
        default: throw ExitCode.runFailed
        }
    }

    /// To the end of the run; returns why it could not go on showing it.
    private func show(_ log: EventLog) async -> (any Error)? {
        let display = json ? EventDisplay.json : isatty(STDOUT_FILENO) == 1 ? .bar : .lines
        var cursor: Int64 = 0
        while true {
            let part = log.read(after: cursor)
            for entry in part.entries {
                do { try display.show(entry.event) } catch { return error }
                cursor = entry.event.sequence
            }
            if part.isOver { return nil }
            if part.entries.isEmpty { await log.wait(after: cursor) }
        }
    }
}

/// Ctrl-C and SIGTERM, while a run is in the foreground.
private struct Interruption {
    private let sources: [any DispatchSourceSignal]

    init(_ action: @escaping @Sendable () -> Void) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)  // the source gets it instead
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: action)
            source.resume()
            return source
        }
    }

    func end() { sources.forEach { $0.cancel() } }
}
