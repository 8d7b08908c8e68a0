import ArgumentParser
import Client
import Core
import Foundation
import Terminal

/// A run of a daemon that someone follows at a terminal, or in a script.
struct RemoteRun {
    let client: DaemonClient
    let id: RunID
    let display: RunDisplay
    /// How long the daemon may be away.
    let patience: Duration

    /// After the first Ctrl-C, time for the second.
    private static let graceForCancelling = Duration.seconds(3)
    private static let countsInterval = Duration.seconds(1)

    init(_ run: JSONValue, _ client: DaemonClient, form: RunDisplay.Form, patience: Duration) throws {
        guard let id = run["id"]?.stringValue.flatMap({ RunID($0) }), let integration = run["integration"]?.stringValue
        else {
            throw ClientError(.foreign, "\(client.address) does not answer as integrationd does").reported
        }
        self.client = client
        self.id = id
        self.patience = patience
        display = RunDisplay(form, integration: integration, run: id)
    }

    /// To the end of the run, whose outcome is how the program ends; Ctrl-C leaves it or cancels it.
    func follow() throws {
        let interrupts = Interrupts()
        let signals = SignalHandlers([SIGINT]) { interrupts.add() }
        defer { signals.end() }
        let counting = Interrupts()
        if display.form == .live { followCounts(until: counting) }
        defer { counting.add() }
        var stream = RunStream(client, run: id, patience: patience)
        var isCancelling = false
        while true {
            switch try next(&stream, interrupts) {
            case .over(let status):
                display.end()
                return try ExitCode.check(status)
            case .stopped:
                interrupts.take()
                display.pause()
                if isCancelling { throw ExitCode.interrupted }
                try leaveOrCancel(interrupts)
                isCancelling = true
                display.cancelling()
                display.resume()
            }
        }
    }

    private func next(_ stream: inout RunStream, _ interrupts: Interrupts) throws -> RunStream.End {
        do {
            return try stream.follow(stop: interrupts) { update in
                switch update {
                case .event(let event): try display.show(event)
                case .connected: display.connected()
                case .lost(let reason, let pause): display.lost(reason, retryIn: pause)
                }
            }
        } catch let error as ClientError {
            display.pause()
            throw error.reported
        } catch {
            StandardError.write("error: stdout cannot be written: \(error.localizedDescription)")
            throw ExitCode.environment
        }
    }

    /// Ends the program unless Ctrl-C comes again.
    private func leaveOrCancel(_ interrupts: Interrupts) throws {
        StandardError.write(
            // Over what the terminal shows of the key.
            (display.form == .live ? "\r" : "") + """
                The run goes on.  To come back:
                  integrationd watch \(id)
                Ctrl-C again within \(Self.graceForCancelling.components.seconds) s cancels it.
                """)
        guard interrupts.wait(atMost: Self.graceForCancelling) else { throw ExitCode.interrupted }
        interrupts.take()
        do throws(ClientError) {
            _ = try client.send("POST", "/runs/\(id)/cancel")
        } catch {
            // It was over before: its end is what there is to see.
            guard error.code == "run-finished" else { throw error.reported }
        }
        StandardError.write("Cancelling.  Ctrl-C once more leaves it alone with that.")
    }

    /// Counts are not in the events; without them there is less to see, and nothing else is wrong.
    private func followCounts(until over: Interrupts) {
        OwnThread.start(name: "counts") { [client, id, display] in
            repeat {
                guard let run = try? client.get("/runs/\(id)", stop: over.descriptor) else { continue }
                display.show(ImportCounts(breakdown: run["counts"]?["collections"]))
            } while !over.wait(atMost: Self.countsInterval)
        }
    }
}

extension ExitCode {
    /// How the program ends with a run that has ended like this.
    static func check(_ status: RunStatus) throws {
        switch status {
        case .succeeded, .completedWithErrors: return
        case .cancelled: throw ExitCode.cancelled
        default: throw ExitCode.runFailed
        }
    }
}
