/// How an attempt at a run ended, judged from everything that is known about it.
package enum RunOutcome: Sendable, Equatable {
    case succeeded
    case cancelled
    case interrupted
    case failed(RunFailure)
    /// Not for good: a new attempt may follow.
    case retry(RunFailure, after: Duration?, inFull: Bool)

    /// What a plugin said about its failure before it returned.
    package struct Explanation: Sendable, Equatable {
        package var code: String
        package var message: String
        package var retryAfter: Duration?

        package init(code: String, message: String, retryAfter: Duration?) {
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
        }
    }

    /// An entry that returned, with what it said before.
    package init(
        status: PluginStatus, explanation: Explanation?, stopReason: RunStateMachine.StopReason?
    ) {
        if let stopReason, let outcome = Self.stopped(stopReason, finished: status == .ok) {
            self = outcome
            return
        }
        let failure = Self.failure(status, explanation)
        switch status {
        case .ok: self = .succeeded
        case .transient, .rateLimited:
            self = .retry(failure, after: explanation?.retryAfter, inFull: false)
        case .checkpointInvalid: self = .retry(failure, after: .zero, inFull: true)
        default: self = .failed(failure)
        }
    }

    /// A worker that ended without returning from its entry; `exit` is a sentence about it, and
    /// `documents` how many the run had taken by then.
    package init(
        withoutStatus exit: String, lastWords: String?, lastStep: String?, documents: Int = 0,
        stopReason: RunStateMachine.StopReason?
    ) {
        if let stopReason, let outcome = Self.stopped(stopReason, finished: false) {
            self = outcome
            return
        }
        var place = lastStep.map { " in step \($0)" } ?? ""
        if documents > 0 { place += " after \(documents) \(documents == 1 ? "document" : "documents")" }
        self = .failed(
            RunFailure(.pluginCrashed, "The plugin ended its process\(place): \(exit).", hint: lastWords))
    }

    /// A plugin that was asked to stop and finished all the same has succeeded.
    private static func stopped(
        _ reason: RunStateMachine.StopReason, finished: Bool
    ) -> RunOutcome? {
        switch reason {
        case .failure(let failure): .failed(failure)
        case _ where finished: nil
        case .cancelled: .cancelled
        case .shutdown: .interrupted
        case .timeout:
            .failed(
                RunFailure(
                    .pluginTimeout, "The import took longer than the integration's timeout.",
                    hint: "Raise `timeout` of this integration."))
        case .stalled:
            .failed(
                RunFailure(
                    .pluginStalled,
                    "The plugin neither said anything nor stored a document for too long.",
                    hint: "See runs.stalled_after."))
        }
    }

    private static func failure(_ status: PluginStatus, _ explanation: Explanation?) -> RunFailure {
        let (code, sentence): (ErrorCode, String) =
            switch status {
            case .ok: (.internal, "")
            case .cancelled: (.pluginMisbehaved, "The plugin says that it was cancelled, and nobody did.")
            case .invalidSettings: (.settingsInvalid, "The plugin refuses its settings.")
            case .authenticationFailed: (.upstreamUnauthorized, "Authentication failed")
            case .transient: (.upstreamUnavailable, "The source is not available at the moment.")
            case .rateLimited: (.upstreamRateLimited, "The source asks for fewer requests.")
            case .permanent: (.upstreamForbidden, "The source refuses.")
            case .unsupported: (.notSupported, "The plugin cannot do that.")
            case .checkpointInvalid: (.pluginMisbehaved, "The plugin cannot use its checkpoint.")
            case .internal: (.pluginMisbehaved, "The plugin reports a bug of its own.")
            }
        // A plugin may be more precise about its source, and may not speak for the host.
        let own = explanation.flatMap { ErrorCode(rawValue: $0.code) }
        let isUpstream = own?.rawValue.hasPrefix("upstream-") == true || own == .settingsInvalid
        let message = explanation.map(\.message).flatMap { $0.isEmpty ? nil : $0 }
        return RunFailure(
            isUpstream ? own ?? code : code, message ?? sentence,
            isRetryable: status == .transient || status == .rateLimited)
    }
}
