import Core
import Logging

/// Turns what a plugin says into events, batches for the store, log lines, and the run's state.
/// Belongs to the run's own thread, which may lend it while it waits: see `Attendance`.
final class RunRecorder {
    let active: ActiveRun
    let services: EngineServices
    /// Asked for each event, and the answer stays the same.
    private let logsEveryStep: Bool
    /// The write side of the store; set before the plugin is launched.
    var session: (any ImportSession)?
    private(set) var explanation: RunOutcome.Explanation?

    private(set) var batch = ImportBatch()
    private var batchBytes = 0
    private var batchSince: ContinuousClock.Instant?
    /// Documents of the batch by key, so that `known` sees what is not stored yet.
    private var pendingRevisions: [DocumentKey: String?] = [:]

    private var reportsProgress = true
    private var documents: Int64 = 0
    private var lastImporting: ContinuousClock.Instant?
    private var lastImported: Int64 = 0
    private var steps: [String: Step] = [:]
    /// What the attempt has of its accounts' limits.
    var share: RateShare?
    private var stepCollections = StepCollections()
    private var failedDocumentEvents = 0
    private var lostReports = false
    /// A document that was refused; whoever emitted it may say so in its own words next.
    private var refused: ReportedDocument?
    private var lostLines = 0
    /// When lines of the log, and progress, began to wait for the store.
    private var linesSince: ContinuousClock.Instant?
    private var progressSince: ContinuousClock.Instant?

    /// What there is to know of one step: looked up once for each event.
    private final class Step {
        var estimator = ProgressEstimator()
        /// The number of its newest progress, if that is not stored yet.  The log has it.
        var unstored: Int64?
    }

    /// A batch is written when it holds this much or is this old.
    private static let batchOperations = 250
    private static let batchBytes = 4 << 20
    private static let batchAge = Duration.milliseconds(250)
    /// Lines of the log may wait longer, and longest what newer progress will supersede anyway.
    private static let linesAge = Duration.seconds(1)
    static let progressAge = Duration.seconds(60)
    /// Log lines that wait for the store; more are dropped and counted.
    private static let logLineLimit = 2000
    /// The host's own progress for a plain import is at most this frequent.
    private static let importingInterval = Duration.milliseconds(200)
    /// More failed documents than this are in the run's report and not in its stream.
    private static let failedDocumentEventLimit = 1000

    init(_ active: ActiveRun, services: EngineServices) {
        self.active = active
        self.services = services
        logsEveryStep = services.logger.logLevel <= .debug
    }

    /// What an earlier attempt said of itself is not this one's.
    func attemptBegins() {
        explanation = nil
        reportsProgress = true
        (documents, lastImported) = (0, 0)
        stepCollections = StepCollections()
    }

    // MARK: What the plugin says

    func record(_ message: PluginMessage) throws {
        try reportRefused(before: message)
        switch message {
        case .entered(let reportsProgress): self.reportsProgress = reportsProgress
        case .progress(let step, let message, let count, let total):
            try progress(RunProgress(step: step, message: message ?? "", count: count, total: total))
        case .upsert(let draft):
            pendingRevisions[draft.key] = .some(draft.revision)
            try add(.upsert(draft), bytes: draft.content.utf8.count + draft.metadata.utf8.count + 512)
            try sawDocument(of: draft.key.collection)
        case .remove(let key):
            pendingRevisions[key] = .some(nil)
            try add(.remove(key))
        case .complete(let collection, let scope):
            // Something may have failed that nobody knows of, and must not be taken for deleted.
            if !lostReports { try add(.complete(collection: collection, scope: scope)) }
        case .checkpoint(let bytes):
            try add(.checkpoint(bytes), bytes: bytes?.count ?? 0)
            // What comes after it may be done twice: that should be little.
            try flush()
        case .report(let report): try self.report(report)
        case .refused(let report): refused = report
        case .waiting(let until, let reason): try waiting(until: until, reason: reason)
        case .log(let level, let message, let fields):
            keepLine(message + (fields.map { " " + $0 } ?? ""), level: level.level, from: .plugin)
            services.logger.log(
                level: level.level, "\(message.printable)",
                metadata: metadata(fields.map { ["fields": "\($0.printable)"] } ?? [:]))
        case .output(let line, let isError):
            keepLine(line, level: isError ? .warning : .info, from: isError ? .stderr : .stdout)
            services.logger.log(
                level: isError ? .warning : .info, "\(line.printable)",
                metadata: metadata(["stream": isError ? "stderr" : "stdout"]))
        case .fail(let code, let message, let retryAfter):
            explanation = .init(code: code, message: message, retryAfter: retryAfter)
        case .lost(let logLines, let reports):
            services.logger.warning(
                "the plugin says more than the host can take; some of it was dropped",
                metadata: metadata(["logLines": "\(logLines)", "reports": "\(reports)"]))
            if reports > 0 {
                lostReports = true
                try add(.report(Self.note(lostReports: reports)))
            }
        case .described, .contained, .loadFailed, .known, .returned, .reply, .reserve, .release, .observe: return
        }
    }

    func known(_ key: DocumentKey, revision: String) throws -> Bool {
        if let pending = pendingRevisions[key] { return pending == revision }
        let isKnown = try session?.known(key, revision: revision) ?? false
        if isKnown { try sawDocument(of: key.collection) }
        return isKnown
    }

    /// What was refused counts as failed, unless the plugin has just said so itself.
    private func reportRefused(before message: PluginMessage?) throws {
        guard let report = refused else { return }
        refused = nil
        if case .report(let own)? = message, own.kind == .failed, own.document == report.document { return }
        try self.report(report)
    }

    private func report(_ report: ReportedDocument) throws {
        try add(.report(report))
        services.logger.log(
            level: Self.level(of: report.kind), "\(report.message.printable)",
            metadata: metadata([
                "report": "\(report.kind.rawValue)", "code": "\(report.code.printable)",
                "collection": "\(report.collection ?? "")",
                "document": "\((report.externalID ?? "").printable)",
            ]))
        guard report.kind == .failed, failedDocumentEvents < Self.failedDocumentEventLimit else { return }
        failedDocumentEvents += 1
        let id = active.id
        try sayReliably("document_failed") { EventBody.failedDocument(report, run: id, sequence: $0) }
    }

    /// What is left out was asked for, and may be anything in number.
    private static func level(of kind: ReportedDocument.Kind) -> Logger.Level {
        switch kind {
        case .failed: .warning
        case .note: .info
        case .skipped: .debug
        }
    }

    private func keepLine(_ text: String, level: Logger.Level, from source: RunLogLine.Source) {
        if batch.logLines.count >= Self.logLineLimit {
            // The end of a log explains more than its beginning.
            let dropped = Self.logLineLimit / 4
            batch.logLines.removeFirst(dropped)
            lostLines += dropped
        }
        batch.logLines.append(
            RunLogLine(time: .now, level: level.rawValue, source: source, message: text))
        linesSince = linesSince ?? .now
    }

    private static func note(lostReports count: UInt64) -> ReportedDocument {
        ReportedDocument(
            kind: .note, collection: nil, externalID: nil, code: "reports-lost",
            message: "\(count) reports came faster than they could be taken and are missing here.")
    }

    // MARK: Progress

    func progress(
        _ progress: RunProgress, isReliable: Bool = false, extra: [JSONValue.Member] = []
    ) throws {
        var (progress, extra) = (progress, extra)
        let isFirst = steps[progress.step] == nil
        let step = steps[progress.step] ?? Step()
        if isFirst { steps[progress.step] = step }
        complete(&progress, &extra, of: step)
        if isReliable || isFirst {
            try sayReliably(progress.step) {
                EventBody.progress(progress, extra: extra, run: active.id, sequence: $0)
            }
        } else {
            try reserveNumbers(1)
            publish(progress, extra, of: step)
        }
        guard logsEveryStep || isReliable || isFirst else { return }
        services.logger.log(
            level: isFirst || isReliable ? .info : .debug, "\(progress.message.printable)",
            metadata: metadata([
                "step": "\(progress.step)", "count": "\(progress.count.map(String.init) ?? "-")",
            ]))
    }

    /// Takes what needs neither the store nor anything else that has to be waited for; false: `record` has to take it.
    func takeAtOnce(_ message: PluginMessage) -> Bool {
        guard case .progress(let name, let message, let count, let total) = message, let step = steps[name],
            refused == nil, !logsEveryStep, active.log.reservationNeeded(for: 1) == nil
        else { return false }
        var progress = RunProgress(step: name, message: message ?? "", count: count, total: total)
        var extra: [JSONValue.Member] = []
        complete(&progress, &extra, of: step)
        publish(progress, extra, of: step)
        return true
    }

    /// Adds what the host knows of the step, and shows it in the run.
    private func complete(_ progress: inout RunProgress, _ extra: inout [JSONValue.Member], of step: Step) {
        if let count = progress.count, progress.total != nil,
            let collection = stepCollections.collection(of: progress.step, count: count)
        {
            extra.append(.init("collection", .string(collection)))
        }
        // The pace is worked out over all accounts: not for what has no count.
        step.estimator.estimate(&progress, at: .now, pace: progress.count == nil ? nil : share?.pace)
        // Who sees the event finds the run in that state.
        active.update { [progress] run in
            run.progress = progress
            if run.status == .waiting, let resumeAt = run.resumeAt, resumeAt < .now {
                (run.status, run.resumeAt) = (.running, nil)
            }
        }
    }

    /// Progress that newer progress will supersede.
    private func publish(_ progress: RunProgress, _ extra: [JSONValue.Member], of step: Step) {
        step.unstored = active.log.publish(progressOf: progress.step) { sequence, bytes in
            EventBody.write(progress, extra: extra, run: active.id, sequence: sequence, to: &bytes)
        }
        progressSince = progressSince ?? .now
    }

    /// One event that is stored before anyone sees it; of the others the newest of each step is stored
    /// when something is written anyway.
    private func sayReliably(_ step: String, _ body: (Int64) -> JSONValue) throws {
        try reserveNumbers(1)
        let event = active.log.prepare(.progress, step: step, isReliable: true, body: body)
        batch.events.append(event)
        try flush()
        active.log.publish([event])
    }

    func reserveNumbers(_ count: Int64) throws {
        guard let upTo = active.log.reservationNeeded(for: count) else { return }
        try services.storage.reserveEvents(of: active.id, upTo: upTo)
        active.log.reserved(upTo: upTo)
    }

    private func sawDocument(of collection: String) throws {
        documents += 1
        stepCollections.saw(documentOf: collection)
        if !reportsProgress { try sayImporting(isLast: false) }
    }

    /// A plugin without progress: the host says what it sees.
    private func sayImporting(isLast: Bool) throws {
        let now = ContinuousClock.now
        guard documents != lastImported else { return }
        if !isLast, let lastImporting, lastImporting + Self.importingInterval > now { return }
        lastImporting = now
        lastImported = documents
        try progress(
            RunProgress(
                step: "importing",
                message: "Importing... (\(documents) \(documents == 1 ? "document" : "documents") so far)",
                count: documents))
    }

    /// The plugin says no more: what was held back is said now.
    func stepsEnded() throws {
        try reportRefused(before: nil)
        if !reportsProgress, documents > 0 { try sayImporting(isLast: true) }
    }

    func waiting(until: Timestamp?, reason: String) throws {
        active.update { run in
            run.resumeAt = until
            if run.status == .running || run.status == .waiting { run.status = until == nil ? .running : .waiting }
        }
        guard let until else { return }
        try progress(
            RunProgress(step: "waiting", message: reason),
            extra: [.init("resumeAt", .string(until.description))])
    }

    func changeStatus(_ status: RunStatus) {
        active.update { $0.status = status }
    }

    // MARK: Batches

    private func add(_ operation: ImportOperation, bytes: Int = 64) throws {
        batch.operations.append(operation)
        batchBytes += bytes
        batchSince = batchSince ?? .now
        if batch.operations.count >= Self.batchOperations || batchBytes >= Self.batchBytes { try flush() }
    }

    /// When something that waits has to be written; nil while nothing waits.
    var nextFlush: ContinuousClock.Instant? {
        var next = batchSince.map { $0 + Self.batchAge }
        if let linesSince { next = min(next ?? linesSince + Self.linesAge, linesSince + Self.linesAge) }
        if let progressSince { next = min(next ?? progressSince + Self.progressAge, progressSince + Self.progressAge) }
        return next
    }

    /// Nothing waits for the store, but progress at most.
    var isQuiet: Bool { batchSince == nil && linesSince == nil }

    func flushIfDue() throws {
        if let nextFlush, nextFlush <= .now { try flush() }
    }

    /// Writes what has come so far, in one transaction.
    func flush() throws {
        guard let session else { return }
        batch.events = takeUnstoredProgress() + batch.events
        (linesSince, progressSince) = (nil, nil)
        if lostLines > 0 {
            batch.logLines.append(
                RunLogLine(
                    time: .now, level: "warning", source: .host,
                    message: "\(lostLines) lines came faster than they could be kept"))
            lostLines = 0
        }
        guard !batch.operations.isEmpty || !batch.events.isEmpty || !batch.logLines.isEmpty else { return }
        let start = ContinuousClock.now
        let counts = try session.commit(batch)
        services.metrics.storeBatches.record(start.duration(to: .now).seconds)
        batch = ImportBatch()
        batchBytes = 0
        batchSince = nil
        pendingRevisions.removeAll(keepingCapacity: true)
        active.update { $0.counts = counts }
    }

    private func takeUnstoredProgress() -> [RunEvent] {
        guard progressSince != nil else { return [] }
        defer { for step in steps.values { step.unstored = nil } }
        return steps.values.compactMap(\.unstored).sorted().compactMap(active.log.event)
    }

    func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        let own: Logger.Metadata = [
            "run": "\(active.id)", "integration": "\(active.integration.name)",
            "tenant": "\(active.tenant)",
        ]
        return own.merging(more) { $1 }
    }
}

extension PluginLogLevel {
    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
