package import Core

extension RunScheduler {
    /// Goes on with the runs that a process left without an end: as a new attempt of the same run,
    /// with the same log, from its checkpoint if it has one.  A run that has had its attempts, or
    /// whose integration is gone, ends as `interrupted`.
    ///
    /// - Parameter name: the only integration whose runs are meant; nil: all.
    package func resumeUnfinishedRuns(
        of integrations: [Integration], only name: String? = nil
    ) async throws {
        for run in try services.storage.unfinishedRuns() where name == nil || run.integration == name {
            let integration = integrations.first { $0.name == run.integration && $0.isEnabled }
            let earlier = try await services.storage.allEvents(of: run.id)
            let log = EventLog(
                runID: run.id, earlier: earlier, lastNumber: run.lastEvent, reserved: run.lastEvent,
                counting: services.metrics.events)
            let hasAttempts = run.status == .queued || run.attempt < ImportExecution.maximumAttempts
            if run.status == .cancelling {
                // It was asked to stop before the process ended.
                end(run, of: integration, log: log, as: .cancelled)
            } else if let integration, hasAttempts {
                try resume(run, of: integration, log: log)
            } else {
                let reason =
                    integration == nil
                    ? "The daemon ended during the import, and the integration is not there any more."
                    : "The daemon ended during the import for the third time."
                end(run, of: integration, log: log, as: .failed(RunFailure(.interrupted, reason, isRetryable: true)))
            }
        }
    }

    private func resume(_ stored: Run, of integration: Integration, log: EventLog) throws {
        var run = stored
        // One that waited for its turn has not had its attempt yet.
        if run.status != .queued { run.attempt += 1 }
        run.status = .queued
        run.resumeAt = nil
        let active = ActiveRun(run, of: integration, log: log, launcher: services.launcher)
        let progress = RunProgress(
            step: "resumed",
            message: "Going on after a restart: attempt \(run.attempt) of \(ImportExecution.maximumAttempts)")
        active.update { $0.progress = progress }
        let upTo = run.lastEvent + EventLog.reservation
        try services.storage.reserveEvents(of: run.id, upTo: upTo)
        log.reserved(upTo: upTo)
        let event = log.prepare(.progress, step: "resumed", isReliable: true) {
            EventBody.progress(progress, run: run.id, sequence: $0)
        }
        try services.storage.update(active.snapshot, appending: [event])
        log.publish([event])
        adopt(active)
    }

    /// Nothing more is done for it.
    private func end(_ run: Run, of integration: Integration?, log: EventLog, as outcome: RunOutcome) {
        let gone = Integration(
            name: run.integration, displayName: run.integration, isEnabled: false, plugin: "",
            tenant: run.tenant, timeout: nil)
        let active = ActiveRun(run, of: integration ?? gone, log: log, launcher: services.launcher)
        _ = RunRecorder(active, services: services).finish(outcome)
    }
}
