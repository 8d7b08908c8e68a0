package import Core

/// What a terminal shows of one run: built up from its events and counts, drawn by `lines`.
package struct RunView: Sendable {
    package enum Connection: Sendable, Equatable {
        case up
        case lost(reason: String, nextTry: ContinuousClock.Instant)
    }

    /// How far one step is.
    struct Position: Sendable {
        var count: Int64
        var total: Int64
        /// When the step would be over.
        var end: ContinuousClock.Instant?
        var rate = Rate()
        /// Whose documents it counts.
        var collection: String?
        /// Grows with every event.
        var age: Int64
    }

    struct Collection: Sendable {
        var name: String
        var counts: ImportCounts.Collection
        var rate = Rate()
    }

    let integration: String
    let run: String
    let start: ContinuousClock.Instant
    private(set) var status = RunStatus.running
    private(set) var step = ""
    private(set) var message = ""
    private(set) var connection = Connection.up
    private(set) var remark = ""
    /// Until when the plugin waits.
    private(set) var resumeAt: Timestamp?
    private(set) var collections: [Collection] = []
    private(set) var positions: [String: Position] = [:]
    /// Steps that count from the beginning again and again, for each folder say: no measure of the whole.
    private var cyclicSteps: Set<String> = []
    private var notices: [Line] = []
    private var noticesInAll = 0
    private var events: Int64 = 0
    /// The event that ended the run.
    private(set) var ending: JSONValue?

    /// More failed documents than this are counted only.
    private static let maximumNotices = 50
    /// Plugins have a dozen steps; more than this are nobody's to look at.
    private static let maximumSteps = 100
    private static let maximumCollections = 20

    /// - Parameter start: when the run began.
    package init(integration: String, run: String, start: ContinuousClock.Instant) {
        self.integration = integration
        self.run = run
        self.start = start
    }

    package mutating func take(_ event: RunEvent, at now: ContinuousClock.Instant) {
        // Our own text, which is JSON.
        guard let body = try? JSONValue(parsing: event.body) else { return }
        events += 1
        connection = .up
        guard !event.isTerminal else {
            ending = body
            status = event.kind == .complete ? .succeeded : .failed
            if let text = body["status"]?.stringValue, let exact = RunStatus(rawValue: text) { status = exact }
            return
        }
        let text = body["message"]?.stringValue ?? ""
        switch event.step {
        case "document_failed": return documentFailed(body, text)
        case "waiting": resumeAt = body["resumeAt"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        case "resumed": notice(Line("↻ ", .warning).adding(text))
        default: resumeAt = nil
        }
        if status != .cancelling { status = Self.status(after: event.step) }
        (step, message) = (event.step, text)
        note(body, of: event.step, at: now)
    }

    private static func status(after step: String) -> RunStatus {
        switch step {
        case "queued": .queued
        case "waiting": .waiting
        default: .running
        }
    }

    package mutating func take(_ counts: ImportCounts, at now: ContinuousClock.Instant) {
        for (name, counts) in counts.collections.sorted(by: { $0.key < $1.key }) {
            let index = collections.firstIndex { $0.name == name }
            if index == nil {
                guard collections.count < Self.maximumCollections else { continue }
                collections.append(Collection(name: name, counts: counts))
            }
            let place = index ?? collections.count - 1
            collections[place].counts = counts
            collections[place].rate.note(Int64(counts.imported), at: now)
        }
    }

    package mutating func take(_ connection: Connection) { self.connection = connection }

    /// Someone has asked the run to stop.
    ///
    /// - Parameter remark: what else can be done.
    package mutating func cancelling(_ remark: String) {
        status = .cancelling
        self.remark = remark
    }

    /// What has happened since the last time and is to stay on the terminal.
    package mutating func takeNotices() -> [Line] {
        defer { notices = [] }
        return notices
    }

    private mutating func documentFailed(_ body: JSONValue, _ text: String) {
        let name = [body["collection"]?.stringValue, body["documentId"]?.stringValue].compactMap { $0 }
        notice(Line("! ", .bad).adding(text).adding(name.isEmpty ? "" : "  \(name.joined(separator: "/"))", .dim))
    }

    private mutating func notice(_ line: Line) {
        noticesInAll += 1
        if noticesInAll <= Self.maximumNotices {
            notices.append(line)
        } else if noticesInAll == Self.maximumNotices + 1 {
            notices.append(Line("! more of them; all: integrationd runs \(run) --errors", .bad))
        }
    }

    private mutating func note(_ body: JSONValue, of step: String, at now: ContinuousClock.Instant) {
        guard let count = body["count"]?.integerValue, let total = body["total"]?.integerValue, total > 0, count >= 0,
            positions[step] != nil || positions.count < Self.maximumSteps
        else { return }
        let earlier = positions[step]
        if let earlier, count < earlier.count { cyclicSteps.insert(step) }
        var position = Position(count: count, total: total, rate: earlier?.rate ?? Rate(), age: events)
        position.collection = body["collection"]?.stringValue
        position.end = body["etaSeconds"]?.integerValue.map { now + .seconds($0) }
        position.rate.note(count, at: now)
        positions[step] = position
    }

    // MARK: Which step measures what

    /// The newest step that counts a collection's documents and knows how many there are.
    func position(of collection: String) -> Position? {
        positions.values.filter { $0.collection == collection }.max { $0.age < $1.age }
    }

    /// The step that is under way, if it knows how far it is and no collection does.
    var otherPosition: (step: String, position: Position)? {
        guard let position = positions[step], !cyclicSteps.contains(step),
            !collections.contains(where: { self.position(of: $0.name) != nil })
        else { return nil }
        return (step, position)
    }
}
