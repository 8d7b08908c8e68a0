package import Core
package import Logging
import Synchronization

/// Calls plugins outside of runs: to test a connection, to list what there is, to judge a webhook.
package final class EntryCalls: Sendable {
    package let services: EngineServices
    private let underWay = Mutex(0)

    /// Calls at once; each is a process.
    private static let limit = 16
    /// How long a plugin that was asked to stop may go on.
    private static let grace = Duration.seconds(2)

    package init(_ services: EngineServices) { self.services = services }

    /// What came of a call that the plugin returned from.
    package struct Answer: Sendable {
        package var status: PluginStatus
        package var reply: (contentType: String, body: [UInt8])?
        /// Why it did not return OK.
        package var failure: RunFailure?
        package var duration: Duration

        /// What it replied, or nil if that was nothing.  Throws why the entry did not return OK, and for a reply that
        /// is not an object.
        package func object(of entry: PluginEntry) throws(RunFailure) -> JSONValue? {
            if let failure { throw failure }
            guard let reply else { return nil }
            guard let json = try? JSONValue(parsing: reply.body), json.members != nil else {  // said below
                throw RunFailure(.pluginMisbehaved, "The reply of \(entry.symbol) is not a JSON object.")
            }
            return json
        }
    }

    /// Too many calls are under way.
    package struct Busy: Error {}

    /// Makes one call, and waits for it at most so long.  Throws what kept the plugin from
    /// returning: a `RunFailure`, `Busy`.  Ends the call when the task is cancelled.
    package func call(
        _ entry: PluginEntry, of integration: Integration, tenant: Tenant, within patience: Duration
    ) async throws -> Answer {
        try underWay.withLock { count in
            guard count < Self.limit else { throw Busy() }
            count += 1
        }
        defer { underWay.withLock { $0 -= 1 } }
        let execution = EntryExecution(
            PluginCall(entry, of: integration, tenant: tenant, within: patience), launcher: services.launcher,
            rateLimits: services.rateLimits, logger: services.logger, patience: patience, grace: Self.grace)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                OwnThread.start(name: "call") { continuation.resume(with: execution.run().mapError { $0 }) }
            }
        } onCancel: {
            execution.stop()
        }
    }

    /// Makes one call on this thread, where there is no daemon, and waits for it at most so long.  Throws what kept
    /// the plugin from returning.
    package static func call(
        _ entry: PluginEntry, of integration: Integration, with launcher: any PluginLauncher, logger: Logger,
        within patience: Duration
    ) throws(RunFailure) -> Answer {
        let call = PluginCall(entry, of: integration, tenant: integration.tenant ?? .default, within: patience)
        return try EntryExecution(
            call, launcher: launcher, rateLimits: RateLimits(), logger: logger, patience: patience, grace: grace
        ).run().get()
    }
}

extension PluginCall {
    fileprivate init(_ entry: PluginEntry, of integration: Integration, tenant: Tenant, within patience: Duration) {
        self.init(
            runID: nil, integration: integration.name, tenant: tenant, options: RunOptions(), checkpoint: nil,
            deadline: .now + patience)
        self.entry = entry
    }
}

/// One call on a thread of its own.
private final class EntryExecution: Sendable {
    private let call: PluginCall
    private let launcher: any PluginLauncher
    private let rateLimits: RateLimits
    private let logger: Logger
    private let deadline: ContinuousClock.Instant
    private let grace: Duration
    private let state = Mutex(State())

    private struct State {
        var isStopped = false
        var waker: (any PluginWaker)?
    }

    init(
        _ call: PluginCall, launcher: any PluginLauncher, rateLimits: RateLimits, logger: Logger, patience: Duration,
        grace: Duration
    ) {
        self.call = call
        self.launcher = launcher
        self.rateLimits = rateLimits
        self.logger = logger
        deadline = .now + patience
        self.grace = grace
    }

    /// Nobody waits for it any more.
    func stop() {
        let waker = state.withLock { state in
            state.isStopped = true
            return state.waker
        }
        waker?.wake()
    }

    private var isOver: Bool { ContinuousClock.now >= deadline || state.withLock { $0.isStopped } }

    private var tooLate: RunFailure {
        RunFailure(.pluginTimeout, "The plugin did not answer in time.")
    }

    func run() -> Result<EntryCalls.Answer, RunFailure> {
        let start = ContinuousClock.now
        do throws(RunFailure) {
            let session = try launcher.launch(call) { isOver }
            state.withLock { $0.waker = session.waker }
            let share = rateLimits.share(of: session.plugin)
            var heard = Heard()
            let outcome = Result { () throws(RunFailure) in try attend(session, share, &heard) }
            state.withLock { $0.waker = nil }
            share.end()
            let exit = session.end()
            guard let status = try outcome.get() else {
                throw isOver
                    ? tooLate
                    : RunFailure(
                        .pluginCrashed, "The plugin ended its process: \(exit.sentence).", hint: exit.quotation)
            }
            return .success(answer(status, heard, in: start.duration(to: .now)))
        } catch {
            // A launch that was waited for too long.
            return .failure(error.code == .cancelled ? tooLate : error)
        }
    }

    private struct Heard {
        var reply: (contentType: String, body: [UInt8])?
        var explanation: RunOutcome.Explanation?
    }

    private func answer(_ status: PluginStatus, _ heard: Heard, in duration: Duration) -> EntryCalls.Answer {
        var failure: RunFailure?
        switch RunOutcome(status: status, explanation: heard.explanation, stopReason: nil) {
        case .failed(let reason), .retry(let reason, _, _): failure = reason
        default: break
        }
        return EntryCalls.Answer(status: status, reply: heard.reply, failure: failure, duration: duration)
    }

    /// Until the entry has returned; nil if it did not.
    private func attend(
        _ session: any PluginSession, _ share: RateShare, _ heard: inout Heard
    ) throws(RunFailure) -> PluginStatus? {
        var until = deadline
        var isAsked = false
        while true {
            if isOver, !isAsked {
                session.cancel()
                (isAsked, until) = (true, .now + grace)
            }
            switch try session.next(before: until) {
            case .said(.returned(let status)): return isAsked ? nil : status
            case .said(let message):
                if share.take(message, of: session) == nil { try handle(message, of: session, &heard) }
            case .woken: continue
            case .ended: return nil
            case .deadlinePassed:
                guard isAsked else { continue }
                _ = session.kill()
                return nil
            }
        }
    }

    private func handle(
        _ message: PluginMessage, of session: any PluginSession, _ heard: inout Heard
    ) throws(RunFailure) {
        switch message {
        case .reply(let contentType, let body): heard.reply = (contentType, body)
        case .fail(let code, let message, let retryAfter):
            heard.explanation = .init(code: code, message: message, retryAfter: retryAfter)
        case .loadFailed(let reason):
            throw RunFailure(.pluginUnavailable, "The plugin could not be loaded: \(reason).")
        case .log(let level, let message, _):
            logger.log(level: level.level, "\(message.printable)", metadata: metadata)
        case .output(let line, _): logger.info("\(line.printable)", metadata: metadata)
        // Documents are for imports.
        case .known(let question, _, _): session.answer(question, false)
        default: return
        }
    }

    private var metadata: Logger.Metadata {
        ["integration": "\(call.integration)", "entry": "\(call.entry.symbol)"]
    }
}
