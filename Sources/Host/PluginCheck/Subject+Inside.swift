import Core
import Engine
import PluginHost
import Probe

/// Calls inside this process, as the daemon makes them with `isolation: in-process`.
extension Subject {
    /// What a probe would have seen of a call, as far as a host sees it.
    ///
    /// - Parameter plan: what it says of an odd host has no meaning here.
    func callInside(_ plan: ProbePlan) throws(Verdict) -> Recording {
        do throws(RunFailure) {
            let session = try launch { $0.take(plan) }
            defer { _ = session.end() }
            if case .beforeEntry = plan.cancellation { session.cancel() }
            var recording = Recording(exit: PluginExit(cause: .inProcess, lastErrorLines: []))
            if case .beforeEntry = plan.cancellation { recording.cancelledAt = Timestamp.now.milliseconds }
            try attend(session, plan, &recording)
            return recording
        } catch {
            throw .failed(
                error.code == .cancelled
                    ? "an earlier call has not returned, and nothing can end it here" : error.message)
        }
    }

    /// To the return, or as long as the plugin may take; it cannot be ended.
    private func attend(
        _ session: any PluginSession, _ plan: ProbePlan, _ recording: inout Recording
    ) throws(RunFailure) {
        var patience = Patience(limit)
        let share = RateLimits().share(of: session.plugin)
        let known = Set(plan.known)
        while true {
            let message: PluginMessage
            switch try session.next(before: patience.deadline) {
            case .woken: continue
            case .ended: return
            case .deadlinePassed:
                recording.ranOutOfTime = true
                return
            case .said(let said): message = said
            }
            if let taken = share.take(message, of: session) {
                if let start = taken.until { patience.waits(until: start) }
                continue
            }
            switch message {
            case .waiting(let time?, _): patience.waits(until: time)
            case .loadFailed(let reason): recording.loadFailure = reason
            case .returned(let status):
                recording.returnedAt = Timestamp.now.milliseconds
                recording.status = status.code
                return
            default: break
            }
            guard var call = Recording.HostCall(message) else { continue }
            if case .known(let question, let key, let revision) = message {
                let document = ProbePlan.KnownDocument(
                    collection: key.collection, id: key.externalID, revision: revision)
                call.answer = known.contains(document) ? 1 : 0
                session.answer(question, call.answer == 1)
            }
            recording.calls.append(call)
            if case .atCall(recording.calls.count) = plan.cancellation {
                session.cancel()
                recording.cancelledAt = Timestamp.now.milliseconds
            }
        }
    }
}

extension PluginCall {
    fileprivate mutating func take(_ plan: ProbePlan) {
        entry =
            switch plan.entry {
            case .describe, .importWithProgress, .plainImport: .import
            case .test: .test
            case .structure: .structure
            case .webhook: .webhook(plan.request)
            }
        options.isFull = plan.flags & ProbePlan.fullRefresh != 0
        options.collections = plan.collections
        checkpoint = plan.checkpoint
    }
}

extension Recording.HostCall {
    /// Nil for what is no call of a host function.
    fileprivate init?(_ message: PluginMessage) {
        func bytes(_ texts: String?...) -> [[UInt8]?] { texts.map { $0.map { Array($0.utf8) } } }
        self.init(function: PROBE_NONE, isLate: false, answer: 0, numbers: (0, 0), texts: [])
        switch message {
        case .upsert(let draft):
            (function, texts) = (PROBE_UPSERT, bytes(draft.key.collection, draft.key.externalID, draft.json.text))
        case .refused(let report):
            (function, texts) = (PROBE_UPSERT, bytes(report.collection, report.externalID))
            answer = report.code == "document-too-large" ? 10 : 9
        case .known(_, let key, let revision):
            (function, texts) = (PROBE_KNOWN, bytes(key.collection, key.externalID, revision))
        case .remove(let key): (function, texts) = (PROBE_REMOVE, bytes(key.collection, key.externalID))
        case .complete(let collection, let scope): (function, texts) = (PROBE_COMPLETE, bytes(collection, scope))
        case .checkpoint(let content): (function, texts) = (PROBE_CHECKPOINT, [content ?? []])
        case .report(let report):
            function = PROBE_REPORT
            texts = bytes(report.collection, report.externalID, report.code, report.message)
        case .reply(let type, let body): (function, texts) = (PROBE_REPLY, [Array(type.utf8), body])
        case .fail(let code, let text, _): (function, texts) = (PROBE_FAIL, bytes(code, text))
        case .progress(let step, let text, let count, let total):
            (function, texts, numbers) = (PROBE_PROGRESS, bytes(step, text), (count ?? -1, total ?? -1))
        case .waiting(_, let reason): (function, texts) = (PROBE_WAITING, bytes(reason))
        case .log(_, let text, let fields): (function, texts) = (PROBE_LOG, bytes(text, fields))
        default: return nil
        }
    }
}

extension PluginStatus {
    /// The contract's number.
    fileprivate var code: Int32 {
        switch self {
        case .ok: 0
        case .cancelled: 1
        case .invalidSettings: 2
        case .authenticationFailed: 3
        case .transient: 4
        case .rateLimited: 5
        case .permanent: 6
        case .unsupported: 7
        case .internal: 8
        case .checkpointInvalid: 11
        }
    }
}
