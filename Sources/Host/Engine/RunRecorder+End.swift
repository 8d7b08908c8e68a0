import Core
import Logging

/// How a run ends, and what is said of that.
extension RunRecorder {
    /// A run that stops with its daemon and goes on in the next: the log stays open.
    func suspend() {
        do {
            var run = active.snapshot
            // One that waits for its turn has not had this attempt.
            if run.status != .queued { run.status = .running }
            run.resumeAt = nil
            try services.storage.update(run, appending: batch.events)
            services.logger.info("run suspended: it goes on when the daemon starts again", metadata: metadata())
        } catch {
            services.logger.error("the run could not be suspended: \(error)", metadata: metadata())
        }
    }

    func outcome(withoutStatus exit: PluginExit, stopReason: RunStateMachine.StopReason?) -> RunOutcome {
        let run = active.snapshot
        return RunOutcome(
            withoutStatus: exit.sentence, lastWords: exit.quotation, lastStep: run.progress?.step,
            documents: run.counts.total.imported, stopReason: stopReason)
    }

    /// The last events of a run, in their order.
    struct Ending {
        var step: RunEvent
        var terminal: RunEvent
        /// Whether the store has them, and the run's end.
        var isStored = true
    }

    /// Writes the result.  What it returns may be announced then, and not before.
    func finish(_ outcome: RunOutcome) -> Ending {
        apply(outcome, at: .now)
        var closing = closingEvents()
        do {
            try reserveNumbers(0)
            try services.storage.update(
                active.snapshot, appending: batch.events + [closing.step, closing.terminal])
        } catch {
            services.logger.error("the run's end could not be stored: \(error)", metadata: metadata())
            let failure = RunFailure(
                .storeFailed, "The result of the import could not be stored: \(error)", isRetryable: true)
            if active.snapshot.failure == nil { apply(.failed(failure), at: .now) }
            closing = closingEvents()
            closing.isStored = false
        }
        logEnd()
        return closing
    }

    private func closingEvents() -> Ending {
        let run = active.snapshot
        let total = run.counts.total
        let progress =
            if let failure = run.failure {
                RunProgress(step: "error", message: "Import failed: \(failure.message)")
            } else {
                RunProgress(
                    step: "complete",
                    message: "Import complete: \(total.imported) imported, \(total.failed) failed",
                    count: Int64(total.imported))
            }
        active.update { $0.progress = progress }
        let step = active.log.prepare(.progress, step: progress.step, isReliable: true) {
            EventBody.progress(progress, run: run.id, sequence: $0)
        }
        let terminal = active.log.prepare(
            run.failure == nil ? .complete : .error, isReliable: true
        ) { sequence in
            run.failure.map { EventBody.error($0, run, sequence: sequence) }
                ?? EventBody.complete(run, sequence: sequence)
        }
        return Ending(step: step, terminal: terminal)
    }

    private func logEnd() {
        let run = active.snapshot
        services.metrics.runsEnded.add(run.status.rawValue)
        if run.failure?.code == .pluginCrashed { services.metrics.pluginCrashes.add(run.integration) }
        let total = run.counts.total
        services.logger.log(
            level: run.failure == nil || run.status == .cancelled ? .info : .error,
            "run ended: \(run.status.rawValue)\(run.failure.map { ": \($0.message.printable)" } ?? "")",
            metadata: metadata([
                "code": "\(run.failure?.code.rawValue ?? "-")", "imported": "\(total.imported)",
                "unchanged": "\(total.unchanged)", "deleted": "\(total.deleted)",
                "failed": "\(total.failed)", "hint": "\(run.failure?.hint?.printable ?? "-")",
            ]))
    }

    /// Reasons that a result tells; the run's report has every document.
    private static let reportLineLimit = 100

    private func reportLines() -> [ReportLine] {
        do {
            return try services.storage.reportLines(of: active.id, limit: Self.reportLineLimit)
        } catch {
            services.logger.error("the run's report could not be summed up: \(error)", metadata: metadata())
            return []
        }
    }

    private func apply(_ outcome: RunOutcome, at end: Timestamp) {
        let report = reportLines()
        let hasErrors = active.snapshot.counts.total.failed > 0 || report.contains { $0.kind == .failed }
        let (status, failure): (RunStatus, RunFailure?) =
            switch outcome {
            case .succeeded:
                (hasErrors ? .completedWithErrors : .succeeded, nil)
            case .cancelled: (.cancelled, RunFailure(.cancelled, "The import was cancelled."))
            case .interrupted:
                (.interrupted, RunFailure(.interrupted, "The daemon stopped during the import.", isRetryable: true))
            case .failed(let failure) where failure.code == .interrupted: (.interrupted, failure)
            case .failed(let failure), .retry(let failure, _, _): (.failed, failure)
            }
        active.update { run in
            run.status = status
            run.failure = failure
            run.endedAt = end
            run.resumeAt = nil
            let taken = end.milliseconds - (run.startedAt ?? end).milliseconds
            run.result = EventBody.result(
                run.counts, report: report, duration: .milliseconds(max(0, taken)), at: end)
        }
    }
}
