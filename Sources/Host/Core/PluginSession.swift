/// What the engine needs to have a plugin import something.
package protocol PluginLauncher: Sendable {
    /// What the plugin's file of an integration holds now, as a hash.  Blocks its thread.
    func identify(_ integration: String) throws(RunFailure) -> String
    /// Finds, checks and starts the plugin of an integration.  Blocks its thread, which has to
    /// stay until the session has ended.  What keeps a plugin from starting is a `RunFailure`;
    /// `isStopped` is asked while the launcher has to wait, and ends that with the code cancelled.
    func launch(_ call: PluginCall, unless isStopped: () -> Bool) throws(RunFailure) -> any PluginSession
}

/// What one call of a plugin is given.
package struct PluginCall: Sendable {
    package var entry = PluginEntry.import
    /// nil for a call that is no import.
    package var runID: RunID?
    package var integration: String
    package var tenant: Tenant
    package var options: RunOptions
    package var checkpoint: [UInt8]?
    package var deadline: Timestamp?

    package init(
        runID: RunID?, integration: String, tenant: Tenant, options: RunOptions,
        checkpoint: [UInt8]?, deadline: Timestamp?
    ) {
        self.runID = runID
        self.integration = integration
        self.tenant = tenant
        self.options = options
        self.checkpoint = checkpoint
        self.deadline = deadline
    }
}

/// Which of a plugin's entries is called.
package enum PluginEntry: Sendable {
    case `import`, test, structure
    case webhook(WebhookRequest)

    /// The name of the function, as an error calls it; an import has two.
    package var symbol: String {
        switch self {
        case .import: "integration_import_v1"
        case .test: "integration_test_v1"
        case .structure: "integration_structure_v1"
        case .webhook: "integration_webhook_v1"
        }
    }
}

/// A request from a source to say what changed.
package struct WebhookRequest: Sendable {
    package var method: String
    /// Below the integration's webhook prefix.
    package var path: String
    package var query: String
    /// Names in lower case.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String, path: String, query: String, headers: [(name: String, value: String)],
        body: [UInt8]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// One call of a plugin that is under way.  Used by one thread, but for `wake`.
package protocol PluginSession: AnyObject {
    /// Waits for the next thing that the plugin says or does, at most until `deadline`.
    func next(until deadline: ContinuousClock.Instant) throws(RunFailure) -> PluginOccurrence
    /// The same, but what `hear` takes is not returned.  While this waits, `hear` may be called on another thread, which
    /// must not be held up; never before this is called, nor after it has returned.
    func next(
        until deadline: ContinuousClock.Instant, hearing hear: @escaping (PluginMessage) -> Bool
    ) throws(RunFailure) -> PluginOccurrence
    /// The id of the plugin's manifest.
    var plugin: String { get }
    /// Answers a `known` question with 0 or 1, a `reserve` question with milliseconds to wait.
    func answer(_ question: UInt32, _ value: Int64)
    /// Asks the plugin to stop.
    func cancel()
    /// SIGTERM, and then SIGKILL, to everything that runs for this call.  False where that is
    /// not possible (in-process).
    func terminate() -> Bool
    func kill() -> Bool
    /// Releases everything and says how the worker ended.  Waits for it.
    func end() -> PluginExit
    /// Makes `next` return `.woken`, now or at its next call.  Any thread.
    var waker: any PluginWaker { get }
}

extension PluginSession {
    package func next(
        until deadline: ContinuousClock.Instant, hearing hear: @escaping (PluginMessage) -> Bool
    ) throws(RunFailure) -> PluginOccurrence {
        while true {
            let occurrence = try next(until: deadline)
            guard case .said(let message) = occurrence, hear(message) else { return occurrence }
        }
    }

    /// The same for those to whom nothing counts that is said after the deadline: a plugin that never stops talking does
    /// not put it off.
    package func next(before deadline: ContinuousClock.Instant) throws(RunFailure) -> PluginOccurrence {
        ContinuousClock.now < deadline ? try next(until: deadline) : .deadlinePassed
    }

    package func answer(_ question: UInt32, _ value: Bool) { answer(question, value ? 1 : 0) }
}

package protocol PluginWaker: Sendable {
    func wake()
}

package enum PluginOccurrence: Sendable {
    case said(PluginMessage)
    case deadlinePassed
    case woken
    /// Nothing more will come.
    case ended
}

/// What a plugin said.  Texts are valid UTF-8 and do not hold the integration's secrets.
package enum PluginMessage: Sendable {
    /// The entry is being called; without progress the host makes it from what it sees.
    case entered(reportsProgress: Bool)
    /// The answer to "what are you?": which entries there are as bits, and the manifest's text.
    case described(abiVersion: UInt32, symbols: UInt32, manifest: String)
    /// What the worker took from itself, before it loads anything.
    case contained(Containment)
    /// The file could not be loaded, or lacks what was to be called.
    case loadFailed(String)
    case progress(step: String, message: String?, count: Int64?, total: Int64?)
    case log(level: PluginLogLevel, message: String, fields: String?)
    /// A line of the plugin's stdout or stderr.
    case output(String, isError: Bool)
    case upsert(DocumentDraft)
    case known(question: UInt32, DocumentKey, revision: String)
    case complete(collection: String, scope: String?)
    case report(ReportedDocument)
    /// A document that the host did not take, in case that the plugin does not report it itself.
    case refused(ReportedDocument)
    /// nil: goes on.
    case waiting(until: Timestamp?, reason: String)
    case remove(DocumentKey)
    case checkpoint([UInt8]?)
    case fail(code: String, message: String, retryAfter: Duration?)
    /// What a call other than an import has to say.
    case reply(contentType: String, body: [UInt8])
    /// How long do so many requests of an account have to wait?
    case reserve(question: UInt32, account: String, cost: Int64)
    /// They were not needed.
    case release(account: String, cost: Int64)
    /// A request is over; what its answer said of the account's limit.
    case observe(account: String, limit: Int64?, remaining: Int64?, reset: Timestamp?)
    case lost(logLines: UInt64, reports: UInt64)
    case returned(PluginStatus)
}

package enum PluginLogLevel: UInt32, Sendable {
    case trace, debug, info, warning, error
}

/// What an entry returned.
package enum PluginStatus: Sendable, Equatable {
    case ok, cancelled, invalidSettings, authenticationFailed, transient, rateLimited, permanent
    case unsupported, checkpointInvalid
    /// The plugin's own bug, or a status that this host does not know.
    case `internal`
}

/// How a worker ended.
package struct PluginExit: Sendable, Equatable {
    package enum Cause: Sendable, Equatable {
        case exited(code: Int32)
        case signalled(Int32)
        /// It ran in this process.
        case inProcess
    }

    package var cause: Cause
    /// The last lines of its stderr, oldest first.
    package var lastErrorLines: [String]

    package init(cause: Cause, lastErrorLines: [String]) {
        self.cause = cause
        self.lastErrorLines = lastErrorLines
    }
}
