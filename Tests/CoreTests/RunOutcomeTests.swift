import Core
import Testing

@Suite struct RunOutcomeTests {
    private static let statuses: [PluginStatus] = [
        .ok, .cancelled, .invalidSettings, .authenticationFailed, .transient, .rateLimited, .permanent, .unsupported,
        .checkpointInvalid, .internal,
    ]
    private static let failure = RunFailure(.storeFailed, "The disk is full.", isRetryable: true)

    private func outcome(
        _ status: PluginStatus, _ code: String? = nil, _ message: String = "", after: Duration? = nil,
        stop: RunStateMachine.StopReason? = nil
    ) -> RunOutcome {
        RunOutcome(
            status: status, explanation: code.map { .init(code: $0, message: message, retryAfter: after) },
            stopReason: stop)
    }

    private func failure(in outcome: RunOutcome) -> RunFailure? {
        switch outcome {
        case .failed(let failure), .retry(let failure, _, _): failure
        default: nil
        }
    }

    // MARK: Returned, and nobody asked for an end

    @Test func `OK is success, whatever was explained before`() {
        #expect(outcome(.ok) == .succeeded)
        #expect(outcome(.ok, "upstream-forbidden", "never mind") == .succeeded)
    }

    @Test(arguments: [
        (PluginStatus.cancelled, ErrorCode.pluginMisbehaved), (.invalidSettings, .settingsInvalid),
        (.authenticationFailed, .upstreamUnauthorized), (.permanent, .upstreamForbidden),
        (.unsupported, .notSupported), (.internal, .pluginMisbehaved),
    ])
    func `these fail for good`(status: PluginStatus, code: ErrorCode) throws {
        guard case .failed(let failure) = outcome(status) else {
            Issue.record("not a failure")
            return
        }
        #expect(failure.code == code)
        #expect(!failure.isRetryable)
        #expect(!failure.message.isEmpty)
    }

    @Test(arguments: [(PluginStatus.transient, ErrorCode.upstreamUnavailable), (.rateLimited, .upstreamRateLimited)])
    func `these are tried again`(status: PluginStatus, code: ErrorCode) {
        guard case .retry(let failure, let after, let inFull) = outcome(status, "x", "Try later.", after: .seconds(7))
        else {
            Issue.record("not tried again")
            return
        }
        #expect(failure == RunFailure(code, "Try later.", isRetryable: true))
        #expect(after == .seconds(7))
        #expect(!inFull)
        #expect(outcome(status) != .succeeded)
    }

    @Test func `a checkpoint that is unusable means again at once and in full`() {
        guard case .retry(_, let after, let inFull) = outcome(.checkpointInvalid) else {
            Issue.record("not tried again")
            return
        }
        #expect(after == .zero)
        #expect(inFull)
    }

    @Test func `a plugin may be more precise about its source`() {
        #expect(
            failure(in: outcome(.permanent, "upstream-not-found", "No such workspace."))
                == RunFailure(.upstreamNotFound, "No such workspace."))
        #expect(failure(in: outcome(.permanent, "settings-invalid", "x"))?.code == .settingsInvalid)
        #expect(failure(in: outcome(.transient, "upstream-invalid-answer", "x"))?.code == .upstreamInvalidAnswer)
    }

    @Test(arguments: ErrorCode.allCases.filter { !$0.rawValue.hasPrefix("upstream-") && $0 != .settingsInvalid })
    func `a plugin may not speak for the host`(code: ErrorCode) {
        #expect(failure(in: outcome(.permanent, code.rawValue, "Pretends."))?.code == .upstreamForbidden)
    }

    @Test func `an unknown code and an empty message fall back on the status`() {
        let told = failure(in: outcome(.authenticationFailed, "my-own-code", ""))
        #expect(told == failure(in: outcome(.authenticationFailed)))
        #expect(told?.message == "Authentication failed")
    }

    // MARK: Returned after it was asked to stop

    @Test(arguments: statuses) func `after a cancel it is cancelled, unless it finished`(status: PluginStatus) {
        #expect(outcome(status, "x", "y", stop: .cancelled) == (status == .ok ? .succeeded : .cancelled))
    }

    @Test(arguments: statuses) func `after a shutdown it is interrupted, unless it finished`(status: PluginStatus) {
        #expect(outcome(status, stop: .shutdown) == (status == .ok ? .succeeded : .interrupted))
    }

    @Test(arguments: statuses) func `after the timeout it has failed, unless it finished`(status: PluginStatus) {
        let outcome = outcome(status, stop: .timeout)
        #expect(status == .ok ? outcome == .succeeded : failure(in: outcome)?.code == .pluginTimeout)
    }

    @Test(arguments: statuses) func `after silence it has failed, unless it finished`(status: PluginStatus) {
        let outcome = outcome(status, stop: .stalled)
        #expect(status == .ok ? outcome == .succeeded : failure(in: outcome)?.code == .pluginStalled)
    }

    @Test(arguments: statuses) func `a failure of the host is a failure even if the plugin finished`(
        status: PluginStatus
    ) {
        #expect(outcome(status, stop: .failure(Self.failure)) == .failed(Self.failure))
    }

    // MARK: Never returned

    private func gone(_ stop: RunStateMachine.StopReason?, step: String? = "storing", words: String? = nil)
        -> RunOutcome
    {
        RunOutcome(withoutStatus: "it called exit(0)", lastWords: words, lastStep: step, stopReason: stop)
    }

    @Test func `a worker that is gone crashed, wherever it was and whatever it said`() {
        #expect(
            gone(nil, words: "oops")
                == .failed(
                    RunFailure(
                        .pluginCrashed, "The plugin ended its process in step storing: it called exit(0).", hint: "oops"
                    )))
        #expect(
            gone(nil, step: nil)
                == .failed(
                    RunFailure(.pluginCrashed, "The plugin ended its process: it called exit(0).")))
    }

    @Test func `a worker that was made to go has the reason for that`() {
        #expect(gone(.cancelled) == .cancelled)
        #expect(gone(.shutdown) == .interrupted)
        #expect(failure(in: gone(.timeout))?.code == .pluginTimeout)
        #expect(failure(in: gone(.stalled))?.code == .pluginStalled)
        #expect(gone(.failure(Self.failure)) == .failed(Self.failure))
    }

    @Test(arguments: [
        (PluginExit.Cause.exited(code: 0), "exit(0)"), (.exited(code: 255), "exit(255)"), (.signalled(11), "SIGSEGV"),
        (.signalled(6), "SIGABRT"), (.signalled(9), "SIGKILL"), (.signalled(64), "signal 64"), (.inProcess, "thread"),
    ])
    func `an exit is told in words`(cause: PluginExit.Cause, word: String) {
        #expect(PluginExit(cause: cause, lastErrorLines: []).sentence.contains(word))
        #expect(PluginExit(cause: cause, lastErrorLines: []).quotation == nil)
        #expect(PluginExit(cause: cause, lastErrorLines: ["a", "b"]).quotation == "Its last words: a ⏎ b")
    }
}
