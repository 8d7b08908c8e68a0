package import Core

extension PluginHost: PluginCatalog {
    package func summary(of integration: String) async -> Result<PluginSummary, RunFailure> {
        await onOwnThread { () throws(RunFailure) in
            let description = try self.describe(integration)
            let (limits, isolation) = try self.confinement(of: integration)
            return PluginSummary(
                id: description.id, version: description.version, abi: description.abi,
                sha256: description.sha256, reportsProgress: description.capabilities.progress,
                canTest: description.capabilities.test,
                hasStructure: description.capabilities.structure,
                takesWebhooks: description.capabilities.webhook,
                settingsSchema: description.schemaJSON, collections: description.collections,
                containment: isolation == .process ? description.containment : Containment(),
                limits: isolation == .process ? limits : WorkerLimits(), isolation: isolation)
        }
    }

    package func check(_ options: RunOptions, of integration: String) async throws(RunFailure) {
        try await onOwnThread { () throws(RunFailure) in
            try self.checkOptions(options, of: integration)
        }.get()
    }

    /// Asking a plugin blocks, and the worker needs a thread that stays.
    private func onOwnThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(RunFailure) -> Value
    ) async -> Result<Value, RunFailure> {
        await withCheckedContinuation { continuation in
            OwnThread.start(name: "describe") {
                continuation.resume(returning: Result { () throws(RunFailure) in try body() })
            }
        }
    }
}
