package import Core

/// Asking a plugin what it is, in a worker that ends afterwards.
extension PluginHost {
    /// How long a plugin may take to say what it is.
    private static let describeLimit = Duration.seconds(5)

    /// What the plugin of an integration is; asked once per content of its file.  Blocks.
    package func describe(_ name: String) throws(RunFailure) -> PluginDescription {
        let integration = try configured(name)
        return try describe(integration, try files.prepare(integration.plugin, pin: integration.pin))
    }

    /// What an integration's worker may use, and where it runs.
    func confinement(of name: String) throws(RunFailure) -> (limits: WorkerLimits, isolation: Isolation) {
        let integration = try configured(name)
        return (integration.limits, integration.isolation)
    }

    func describe(
        _ integration: Integration, _ file: PluginFile
    ) throws(RunFailure) -> PluginDescription {
        try shared.descriptions.description(of: file.sha256, holding: shared.copies.holds) {
            () throws(RunFailure) in try describeAnew(integration, file)
        }
    }

    private func describeAnew(
        _ integration: Integration, _ file: PluginFile
    ) throws(RunFailure) -> PluginDescription {
        let temporary = try TemporaryFolder(in: temporaryParent)
        let session = WorkerSession(
            watching: try DescriptorSet(), listener: nil,
            worker: try WorkerProcess(
                executable: places.workerExecutable,
                environment: environment(of: integration, temporary: temporary)),
            mask: SecretMask([]))
        var start = StartFrame(entry: .describe, plugin: file.path, temporaryFolder: temporary.path)
        start.limits = integration.limits
        start.readablePaths = readablePaths(of: integration, file)
        session.send(start.frame)
        var containment: Containment?
        let answer: PluginMessage?
        do {
            answer = try Self.answer(of: session, &containment)
        } catch {
            _ = session.end()
            throw error
        }
        let exit = session.end()
        var description = try judge(answer, exit, file: integration.plugin, sha256: file.sha256)
        description.containment = containment ?? Containment()
        return description
    }

    private static func answer(
        of session: WorkerSession, _ containment: inout Containment?
    ) throws(RunFailure) -> PluginMessage? {
        let deadline = ContinuousClock.now + describeLimit
        while true {
            switch try session.next(before: deadline) {
            case .said(let message):
                switch message {
                case .described, .loadFailed: return message
                // The worker says it before any of the plugin's code runs; whatever comes later is not the worker.
                case .contained(let measures): containment = containment ?? measures
                default: continue  // a constructor that prints
                }
            case .woken: continue
            case .ended: return nil
            case .deadlinePassed:
                _ = session.kill()
                throw RunFailure(
                    .pluginTimeout,
                    "The plugin did not say what it is within \(describeLimit.components.seconds) seconds.",
                    hint: "Its constructors and integration_manifest must not wait for anything.")
            }
        }
    }

    private func judge(
        _ answer: PluginMessage?, _ exit: PluginExit, file: String, sha256: String
    ) throws(RunFailure) -> PluginDescription {
        switch answer {
        case .described(let abiVersion, let symbols, let manifest):
            return try PluginDescription(
                file: file, sha256: sha256, abiVersion: abiVersion, symbols: symbols,
                manifest: manifest)
        case .loadFailed(let reason):
            throw RunFailure(
                .pluginUnavailable, "\(file) could not be loaded: \(Self.withoutCopy(reason, file)).")
        default:
            throw RunFailure(
                .pluginCrashed, "\(file) ended its process while it was being loaded: \(exit.sentence).",
                hint: exit.quotation)
        }
    }

    /// The dynamic linker names the private copy; a person knows the file by its own name.
    private static func withoutCopy(_ reason: String, _ file: String) -> String {
        reason.split(separator: " ").map { word in
            word.contains("/plugins/") && word.contains(".so") ? file + (word.hasSuffix(":") ? ":" : "") : String(word)
        }.joined(separator: " ")
    }
}
